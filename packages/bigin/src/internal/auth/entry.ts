/** All that is known of a grant, and what adds to it. Times are in milliseconds since the epoch. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { accessTokenPattern } from "../../models/credentials.ts"
import type { Minted, MintFailure } from "./reply.ts"

/** Milliseconds since the epoch, on Effect's clock that is never set back within a process. */
export const now: Effect.Effect<number> = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

const Time = Schema.Int.pipe(Schema.between(0, 8.64e15))
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const Entry = Schema.Struct({
  token: optional(
    Schema.Struct({
      accessToken: Schema.Redacted(Schema.String.pipe(Schema.pattern(accessTokenPattern))),
      /** What tells it from other tokens. */
      print: Schema.String,
      apiOrigin: Schema.String,
      scopes: optional(Schema.Array(Schema.String)),
      /** Its life counts from there, before the request was sent. */
      askedAt: Time,
      endsAt: Time,
      /** When it came, where that was in place of a refused one. */
      replacedAt: optional(Time)
    })
  ),
  /** The mints under way, and those that have made a token or may have, by the layer that asked. */
  mints: Schema.Array(Schema.Struct({ by: Schema.String, at: Time, endedAt: optional(Time) })),
  /** The mint that failed, of several the one that forbids the next for longest. Where the token was asked for later, it is past. */
  failure: optional(
    Schema.Struct({
      kind: Schema.Literal("rejection", "throttle", "pause"),
      at: Time,
      until: Time,
      /** How many have failed in a row. */
      count: Schema.Int,
      reason: Schema.String
    })
  ),
  /** The prints of the tokens that Bigin has refused. */
  refused: Schema.Array(Schema.String)
})
export type Entry = typeof Entry.Type
export type Token = NonNullable<Entry["token"]>

export const nothing: Entry = { mints: [], refused: [] }

/** The time in which Zoho mints ten tokens, and for which it mints none when it has been asked for more. */
export const tenMinutes = 600_000

/** Clocks of two processes may differ by a minute. What lies further in the future was written by one that is wrong. */
export const isBelieved = (at: number, now: number): boolean => at <= now + 60_000

/** Before the request, since one that is lost may have minted. */
export const begun = (entry: Entry, by: string, at: number): Entry => ({
  ...entry,
  mints: [...entry.mints.filter((mint) => (mint.endedAt ?? mint.at) > at - tenMinutes), { by, at }]
})

export const ended = (entry: Entry, by: string, endedAt: number, made: boolean): Entry => ({
  ...entry,
  mints: entry.mints.flatMap((mint) =>
    mint.by !== by || mint.endedAt !== undefined ? [mint] : made ? [{ ...mint, endedAt }] : []
  )
})

export const minted = (
  entry: Entry,
  by: string,
  { accessToken, ...token }: Minted & { print: string },
  at: number
): Entry => ({
  ...ended(entry, by, at, true),
  token: {
    ...token,
    accessToken,
    ...(entry.token !== undefined && isRefused(entry, entry.token) ? { replacedAt: at } : {})
  }
})

/** The next may be asked for after 1, 2, 4 … 60 seconds, and not before Retry-After; after a rejection in a minute. */
export const failed = (entry: Entry, by: string, { error, made, throttled }: MintFailure, at: number): Entry => {
  const after = "retryAfter" in error && error.retryAfter ? Duration.toMillis(error.retryAfter) : undefined
  const last = failureOf(entry)
  const count = (last?.count ?? 0) + 1
  const pause = Math.max(Math.min(60_000, 500 * 2 ** count), Math.min(3_600_000, after ?? 0))
  const [kind, wait] =
    error._tag === "TokenRejected"
      ? (["rejection", 60_000] as const)
      : throttled
        ? (["throttle", after ?? tenMinutes] as const)
        : (["pause", pause] as const)
  const failure = { kind, at, until: at + wait, count, reason: error.reason }
  return { ...ended(entry, by, at, made), failure: last !== undefined && last.until > failure.until ? last : failure }
}

export const failureOf = ({ failure, token }: Entry): Entry["failure"] =>
  failure === undefined || (token !== undefined && token.askedAt >= failure.at) ? undefined : failure

export const isRefused = ({ refused }: Entry, { print }: Token): boolean => refused.includes(print)

export const refuse = (entry: Entry, print: string): Entry => ({
  ...entry,
  refused: [...entry.refused.filter((one) => one !== print), print].slice(-20)
})
