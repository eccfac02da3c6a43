/** What is to be done about a token, from all that is known of the grant. Everything else is carrying that out. */
import * as Duration from "effect/Duration"
import { TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import { type Entry, isRefused, type Mint, minute, tenMinutes, type Token } from "./entry.ts"
import { type MintError, throttled } from "./reply.ts"

export type Decision =
  /** Served with it. */
  | { readonly _tag: "Use"; readonly token: Token }
  /** Served with it, while one mint renews it aside. */
  | { readonly _tag: "Renew"; readonly token: Token }
  | { readonly _tag: "Mint" }
  /** Somebody is asking already. */
  | { readonly _tag: "Join" }
  /** Nobody asks before that, which is soon. */
  | { readonly _tag: "Wait"; readonly until: number }
  /** The refused token is the only one. */
  | { readonly _tag: "NoOther" }
  | { readonly _tag: "Refuse"; readonly error: MintError }

export interface Asking {
  /** The layer that asks. */
  readonly by: string
  /** Whether a lock keeps others from minting meanwhile. */
  readonly isAlone: boolean
  /** The print of a token in place of which another is wanted. */
  readonly refused?: string | undefined
}

const mostInTenMinutes = 10
/** A pause that is over by then is waited for. */
const patience = 5_000
/** A mint is over by then. */
const longestMint = 30_000

/** Clocks of two processes may differ by a minute. What lies further in the future was written by one that is wrong. */
const isBelieved = (at: number, now: number): boolean => at <= now + minute

/** Pure. Times are in milliseconds since the epoch. */
export const decide = (entry: Entry, now: number, { by, isAlone, refused }: Asking): Decision => {
  const { token } = entry
  const isAlive = token !== undefined && isBelieved(token.askedAt, now) && now < token.endsAt
  // what replaced a refused token a moment ago stays, also where it is refused in turn
  const isNew = isAlive && token.replacedAt !== undefined && now < token.replacedAt + minute
  const isGood = isAlive && token.print !== refused && (!isRefused(entry, token) || (isNew && refused === undefined))
  const minting = entry.mints.filter((mint) => isUnderWay(mint, now) && (mint.by === by || !isAlone))
  const obstacle = obstacleOf(entry, now)

  if (isGood) {
    const life = token.endsAt - token.askedAt
    const isEarly = now < token.endsAt - Math.min(5 * minute, life / 6)
    const isElsewhere = minting.some((mint) => mint.by !== by)
    if (isEarly || refused !== undefined || obstacle !== undefined || isElsewhere) return { _tag: "Use", token }
    if (now < token.endsAt - Math.min(minute, life / 10)) return { _tag: "Renew", token }
    return { _tag: minting.length > 0 ? "Join" : "Mint" }
  }
  if (refused !== undefined && isNew) return { _tag: "NoOther" }
  if (minting.length > 0) return { _tag: "Join" }
  if (obstacle === undefined) return { _tag: "Mint" }
  if (refused !== undefined && obstacle.kind === "budget") return { _tag: "NoOther" }
  return obstacle.kind === "pause" && obstacle.until <= now + patience
    ? { _tag: "Wait", until: obstacle.until }
    : { _tag: "Refuse", error: obstacle.error }
}

const isUnderWay = ({ at, endedAt }: Mint, now: number): boolean =>
  endedAt === undefined && isBelieved(at, now) && now < at + longestMint

/** Why nobody may ask now: a rejection before all else, since no wait helps; else what lasts longest. */
export const obstacleOf = ({ mints }: Entry, now: number) => {
  const believed = mints.filter(({ at, endedAt = at }) => isBelieved(endedAt, now))
  const ends = believed.filter(({ failure }) => failure?.made !== false).map(({ at, endedAt = at }) => endedAt)
  const tenth = ends.toSorted((one, other) => other - one)[mostInTenMinutes - 1]
  const [obstacle] = [
    ...believed.flatMap(({ failure }) => failure ?? []),
    ...(tenth === undefined ? [] : [{ kind: "budget" as const, until: tenth + tenMinutes, reason: throttled }])
  ]
    .filter(({ until }) => now < until)
    .toSorted(
      (one, other) => Number(other.kind === "rejection") - Number(one.kind === "rejection") || other.until - one.until
    )
  if (obstacle === undefined) return undefined
  const { kind, reason, until } = obstacle
  const error =
    kind === "rejection"
      ? new TokenRejected({ reason })
      : new TokenUnreachable({ reason, retryAfter: Duration.millis(Math.ceil(until - now)) })
  return { kind, until, error }
}
