/** The time that passes, by Effect's clock that is never set back; its `currentTimeMillis` is the date, which may be. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Whole microseconds, from an origin that stays the same within a process. */
export const unsafeMicros = (clock: Clock.Clock): number => {
  try {
    return Number((clock.unsafeCurrentTimeNanos() + 500n) / 1_000n)
  } catch {
    // a TestClock counts milliseconds in floating point, and dies where that is no whole number of nanoseconds; it has no other time
    return Math.round(clock.unsafeCurrentTimeMillis() * 1_000)
  }
}

export const micros: Effect.Effect<number> = Effect.clockWith((clock) => Effect.sync(() => unsafeMicros(clock)))

/** A span of microseconds as whole milliseconds, never fewer. */
export const wholeMillis = (micros: number): number => Math.ceil(micros / 1_000)

/** The longest that Effect's Clock sleeps, in milliseconds; it never wakes from more. Some 24 days. */
export const longestSleep = 2 ** 31 - 1
