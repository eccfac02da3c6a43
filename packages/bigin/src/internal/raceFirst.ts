import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/**
 * The exit of whichever ends first; the other is interrupted. `Effect.raceFirst` (3.22) waits for ever where it is interrupted
 * after it has made its fibers and before it has started them. Here that moment is not interruptible, and an interruption
 * reaches the fibers all the same, as children.
 */
export const raceFirst = <A, E, R, A2, E2, R2>(
  self: Effect.Effect<A, E, R>,
  that: Effect.Effect<A2, E2, R2>
): Effect.Effect<A | A2, E | E2, R | R2> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.raceWith(restore(self), restore(that), {
      onSelfDone: (exit, loser) => Effect.zipRight(Fiber.interrupt(loser), exit),
      onOtherDone: (exit, loser) => Effect.zipRight(Fiber.interrupt(loser), exit)
    })
  )
