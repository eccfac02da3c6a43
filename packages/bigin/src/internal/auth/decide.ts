/** What is to be done about a token, from all that is known of the grant. Everything else is carrying that out. */
import * as Duration from "effect/Duration"
import { TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import { type Entry, failureOf, isBelieved, isRefused, tenMinutes, type Token } from "./entry.ts"
import { type MintError, throttled } from "./reply.ts"

export type Decision =
  /** Served with it. */
  | { readonly _tag: "Use"; readonly token: Token }
  /** Served with it, while one mint renews it aside. */
  | { readonly _tag: "Renew"; readonly token: Token }
  /** Nobody asks before that, which is soon. */
  | { readonly _tag: "Wait"; readonly until: number }
  /** Another layer is asking. */
  | { readonly _tag: "Join" }
  | { readonly _tag: "Mint" }
  | { readonly _tag: "Refuse"; readonly error: MintError }
  /** The refused token is the only one. */
  | { readonly _tag: "NoOther" }

export interface Asking {
  /** The layer that asks. */
  readonly by: string
  /** Whether a lock keeps others from minting meanwhile. */
  readonly isAlone: boolean
  /** The print of a token in place of which another is wanted. */
  readonly refused?: string | undefined
}

const minute = 60_000
const mostInTenMinutes = 10
/** A pause that is over by then is waited for. */
const patience = 5_000
/** A mint that was begun elsewhere is over by then. */
const longestMint = 30_000

/** Pure. Times are in milliseconds since the epoch. */
export const decide = (entry: Entry, now: number, { by, isAlone, refused }: Asking): Decision => {
  const { token } = entry
  const isAlive = token !== undefined && isBelieved(token.askedAt, now) && now < token.endsAt
  // what replaced a refused token a moment ago stays, also where it is refused in turn
  const isReplacement = isAlive && token.replacedAt !== undefined && now < token.replacedAt + minute
  const isGood =
    isAlive && token.print !== refused && (!isRefused(entry, token) || (isReplacement && refused === undefined))
  const obstacle = obstacleOf(entry, now)
  const isMinting = !isAlone && entry.mints.some((mint) => mint.by !== by && isUnderWay(mint, now))

  if (isGood) {
    const life = token.endsAt - token.askedAt
    const isEarly = now < token.endsAt - Math.min(5 * minute, life / 6)
    if (isEarly || refused !== undefined || obstacle !== undefined || isMinting) return { _tag: "Use", token }
    return now < token.endsAt - Math.min(minute, life / 10) ? { _tag: "Renew", token } : { _tag: "Mint" }
  }
  if (refused !== undefined && (isReplacement || obstacle?.kind === "budget")) return { _tag: "NoOther" }
  if (obstacle === undefined) return isMinting ? { _tag: "Join" } : { _tag: "Mint" }
  return obstacle.kind === "pause" && obstacle.until <= now + patience
    ? { _tag: "Wait", until: obstacle.until }
    : { _tag: "Refuse", error: obstacle.error }
}

const isUnderWay = ({ at, endedAt }: Entry["mints"][number], now: number): boolean =>
  endedAt === undefined && isBelieved(at, now) && now < at + longestMint

/** Why nobody may ask now: a rejection before all else, since no wait helps; else what lasts longest. */
export const obstacleOf = (entry: Entry, now: number) => {
  const failure = failureOf(entry)
  const ends = entry.mints
    .map(({ at, endedAt = at }) => endedAt + tenMinutes)
    .filter((until) => isBelieved(until - tenMinutes, now))
    .toSorted((one, other) => one - other)
  const full = { kind: "budget" as const, until: ends.at(-mostInTenMinutes) ?? now, reason: throttled }
  const last = failure !== undefined && isBelieved(failure.at, now) && now < failure.until ? failure : undefined
  const obstacle = last !== undefined && (last.kind === "rejection" || last.until > full.until) ? last : full
  if (obstacle.until <= now) return undefined
  const { kind, reason, until } = obstacle
  return {
    kind,
    until,
    error:
      kind === "rejection"
        ? new TokenRejected({ reason })
        : new TokenUnreachable({ reason, retryAfter: Duration.millis(Math.ceil(until - now)) })
  }
}
