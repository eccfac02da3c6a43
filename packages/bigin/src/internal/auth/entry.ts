/** What adds to what is known of a grant. Times are in milliseconds since the epoch. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { tokenOf } from "../../models/credentials.ts"
import type { Entry, Mint, Token } from "./known.ts"
import type { Minted, MintFailure } from "./reply.ts"

/** On Effect's clock that is never set back within a process. */
export const now: Effect.Effect<number> = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

export const nothing: Entry = { mints: [], refused: [] }

const second = 1_000
export const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** The time in which Zoho mints ten tokens, and for which it mints none when it has been asked for more. */
export const tenMinutes = 10 * minute

export const isRefused = ({ refused }: Entry, { print }: Token): boolean => refused.includes(print)

export const refuse = (entry: Entry, print: string): Entry => ({
  ...entry,
  refused: [...entry.refused.filter((one) => one !== print), print].slice(-20)
})

/** With a mint, in place of what was known of it before, and without those that mean nothing any more. */
export const withMint = (entry: Entry, mint: Mint): Entry => {
  const isRecent = ({ at, endedAt = at, failure }: Mint) =>
    Math.max(endedAt, failure?.until ?? 0) > mint.at - tenMinutes
  return { ...entry, mints: [...entry.mints.filter((one) => one.id !== mint.id && isRecent(one)), mint] }
}

/** What the end of a mint adds to an entry, which may have changed since. */
export const ended = (
  entry: Entry,
  begun: Mint,
  exit: Exit.Exit<Minted, MintFailure>,
  print: (accessToken: string) => string,
  endedAt: number
): ((entry: Entry) => Entry) => {
  const mint = { ...begun, endedAt }
  if (Exit.isSuccess(exit)) {
    const replaced = entry.token !== undefined && isRefused(entry, entry.token) ? { replacedAt: endedAt } : {}
    const token = { ...exit.value, ...replaced, print: print(tokenOf(exit.value)) }
    return (entry) => ({ ...withMint(entry, mint), token })
  }
  const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
  // one that was ended from outside has not failed: it may have made a token, and nobody has to pause
  if (failure === undefined) return (entry) => withMint(entry, mint)
  const failed = { ...mint, failure: failureOf(failure, entry.mints, endedAt) }
  return (entry) => withMint(entry, failed)
}

/** Nobody asks for 1, 2, 4 … 60 seconds and before Retry-After, of a throttle for ten minutes, of a rejection for one. */
const failureOf = ({ error, made, throttled }: MintFailure, mints: Entry["mints"], at: number) => {
  const { reason } = error
  if (error._tag === "TokenRejected") return { kind: "rejection" as const, until: at + minute, made, reason }
  const inARow = mints.slice(mints.findLastIndex(({ endedAt, failure }) => endedAt !== undefined && !failure) + 1)
  const pause = Math.min(minute, second * 2 ** inARow.filter(({ failure }) => failure).length)
  const [kind, usual, most] = throttled ? (["throttle", tenMinutes, day] as const) : (["pause", 0, hour] as const)
  const asked = error.retryAfter === undefined ? usual : Math.min(Duration.toMillis(error.retryAfter), most)
  return { kind, until: at + Math.max(pause, asked), made, reason }
}
