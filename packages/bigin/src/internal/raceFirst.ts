import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/**
 * The exit of whichever ends first; the other is interrupted. Unlike `Effect.raceFirst` (3.22), which goes on to wait for the
 * other where one is interrupted before it has begun, and that may be for ever.
 */
export const raceFirst = <A, E, R, A2, E2, R2>(
  self: Effect.Effect<A, E, R>,
  that: Effect.Effect<A2, E2, R2>
): Effect.Effect<A | A2, E | E2, R | R2> =>
  Effect.raceWith(self, that, {
    onSelfDone: (exit, loser) => Effect.zipRight(Fiber.interrupt(loser), exit),
    onOtherDone: (exit, loser) => Effect.zipRight(Fiber.interrupt(loser), exit)
  })
