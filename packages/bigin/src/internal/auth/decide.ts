/** What is to be done about a token, from all that is known of the grant. Everything else is carrying that out. */
import * as Duration from "effect/Duration"
import { TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import { isRefused, minute, tenMinutes } from "./entry.ts"
import type { Entry, Token } from "./known.ts"
import { type MintError, throttled } from "./reply.ts"

export type Decision =
  /** Served with it. */
  | { readonly _tag: "Use"; readonly token: Token }
  /** Served with it, while one mint renews it aside. */
  | { readonly _tag: "Renew"; readonly token: Token }
  | { readonly _tag: "Mint" }
  /** Somebody is asking already. */
  | { readonly _tag: "Join" }
  /** Nobody asks for so long, which is not long. */
  | { readonly _tag: "Wait"; readonly millis: number }
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
  const minting = entry.mints
    .filter(({ at, endedAt }) => endedAt === undefined && isBelieved(at, now) && now < at + longestMint)
    .filter((mint) => mint.by === by || !isAlone)
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
  const millis = obstacle.until - now
  if (obstacle.kind === "pause" && millis <= patience) return { _tag: "Wait", millis }
  return { _tag: "Refuse", error: obstacle.error }
}

/** Why nobody may ask now: a rejection before all else, since no wait helps; else what lasts longest. */
export const obstacleOf = ({ mints }: Entry, now: number) => {
  const believed = mints.filter(({ at, endedAt = at }) => isBelieved(endedAt, now))
  const counted = believed.filter(({ failure }) => failure?.made !== false).map(({ at, endedAt = at }) => endedAt)
  const tenth = counted.toSorted((one, other) => one - other).at(-mostInTenMinutes) ?? -Infinity
  const full = { kind: "budget" as const, until: tenth + tenMinutes, reason: throttled }
  const standing = [...believed.flatMap(({ failure }) => failure ?? []), full]
    .filter(({ until }) => now < until)
    .toSorted((one, other) => other.until - one.until)
  const obstacle = standing.find(({ kind }) => kind === "rejection") ?? standing[0]
  return obstacle && { ...obstacle, error: errorOf(obstacle, obstacle.until - now) }
}

const errorOf = ({ kind, reason }: { readonly kind: string; readonly reason: string }, left: number): MintError =>
  kind === "rejection"
    ? new TokenRejected({ reason })
    : new TokenUnreachable({ reason, retryAfter: Duration.millis(left) })
