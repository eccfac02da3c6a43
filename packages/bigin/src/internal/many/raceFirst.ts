import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/**
 * The exit of whichever ends first; the other is interrupted. `Effect.raceFirst` (3.22) waits for ever where it is interrupted
 * between making its fibers and starting them. Here only the wait is interruptible.
 */
export const raceFirst = <A, E, R, A2, E2, R2>(
  self: Effect.Effect<A, E, R>,
  that: Effect.Effect<A2, E2, R2>
): Effect.Effect<A | A2, E | E2, R | R2> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const first = yield* Deferred.make<Exit.Exit<A | A2, E | E2>>()
      const run = <B extends A | A2, E3 extends E | E2, R3>(side: Effect.Effect<B, E3, R3>) =>
        Effect.fork(Effect.flatMap(Effect.exit(restore(side)), (exit) => Deferred.succeed(first, exit)))
      const fibers = [yield* run(self), yield* run(that)]
      return yield* Effect.flatten(restore(Deferred.await(first)).pipe(Effect.ensuring(Fiber.interruptAll(fibers))))
    })
  )
