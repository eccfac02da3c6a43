import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Runtime from "effect/Runtime"

/**
 * What hangs is left behind, also where it can't be interrupted, such as a rename on a dead mount. In fibers that are nobody's
 * children: an interruption reaches those even where their parent may not be interrupted, as when a layer closes.
 */
export const within = <A, E>(
  self: Effect.Effect<A, E>,
  duration: Duration.DurationInput
): Effect.Effect<A, E | "hangs"> =>
  Effect.flatMap(Effect.runtime<never>(), (runtime) => {
    const fiber = Runtime.runFork(runtime, self)
    const exit = fiber.unsafePoll()
    if (exit !== null) return exit
    const late = Runtime.runFork(runtime, Effect.interruptible(Effect.sleep(duration)))
    return Effect.async<A, E | "hangs">((resume) => {
      fiber.addObserver(resume)
      late.addObserver(() => resume(Effect.fail("hangs")))
    }).pipe(Effect.ensuring(Effect.zipRight(Fiber.interruptFork(fiber), Fiber.interruptFork(late))))
  })
