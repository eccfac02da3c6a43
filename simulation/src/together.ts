/** Several effects at the same time. */
import { Effect, Fiber } from "effect"

/**
 * Instead of a concurrent `Effect.forEach`: that one (3.22) can wait for ever when it is interrupted while it gives way
 * between two forks, and here interruption finds that moment. All have ended when this ends, so that the layers below
 * them are there until then.
 */
export const together = <R>(
  effects: Iterable<Effect.Effect<void, never, R>>,
  concurrency: number
): Effect.Effect<void, never, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const turns = yield* Effect.makeSemaphore(concurrency)
      const fibers = yield* Effect.forEach(effects, (effect) => Effect.fork(restore(turns.withPermits(1)(effect))))
      yield* Effect.onInterrupt(restore(Effect.forEach(fibers, Fiber.await, { discard: true })), () =>
        Fiber.interruptAll(fibers)
      )
    })
  )
