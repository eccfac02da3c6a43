/** The time that passes, by Effect's clock that is never set back; its `currentTimeMillis` is the date, which may be. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Whole microseconds, from an origin that stays the same within a process. */
export const micros: Effect.Effect<number> = Clock.currentTimeNanos.pipe(
  Effect.map((nanos) => Number((nanos + 500n) / 1_000n)),
  // a TestClock counts milliseconds in floating point, and dies where that is no whole number of nanoseconds; it has no other time
  Effect.catchAllDefect(() => Effect.map(Clock.currentTimeMillis, (millis) => Math.round(millis * 1_000)))
)

/** A span of microseconds as whole milliseconds, never fewer. */
export const wholeMillis = (micros: number): number => Math.ceil(micros / 1_000)

/** The longest that Effect's Clock sleeps, in milliseconds; it never wakes from more. Some 24 days. */
export const longestSleep = 2 ** 31 - 1
