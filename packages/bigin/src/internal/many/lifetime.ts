/** How a collection ends: stopped, it takes nothing new; closed, it waits for nothing; and it is over when all of it has ended. */
import type * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { type Departures, makeDepartures } from "./departures.ts"
import { raceFirst } from "./raceFirst.ts"

export interface Lifetime {
  /** Takes nothing new; what was sent goes on to its end. */
  readonly stop: (why: string) => Effect.Effect<void>
  /** Waits for nothing any more either: what was sent is answered, and that is the end of it. */
  readonly close: (why: string) => Effect.Effect<void>
  /** The first reason for which it was stopped. */
  readonly stoppedBy: () => string | undefined
  /** A first attempt is called off by a stop, a further one when it is closed; neither once its request has left. */
  readonly attempt: Departures["attempt"]
  /** Interrupts what only waits once it is closed. */
  readonly unlessClosing: <A, R>(wait: Effect.Effect<A, never, R>, otherwise: A) => Effect.Effect<A, never, R>
  /** What is no failure, such as an `onReport` that dies, ends the collection, after it has accounted for all. */
  readonly guarded: <A, R>(self: Effect.Effect<A, never, R>, otherwise: A) => Effect.Effect<A, never, R>
  /** In a fiber of its own. Nothing in it is interrupted but where it says so. */
  readonly run: <R>(work: Effect.Effect<void, never, R>) => Effect.Effect<Fiber.RuntimeFiber<void>, never, R>
  /** Waits for all that runs. */
  readonly over: Effect.Effect<void>
  /** What `guarded` was met by first, if by anything. */
  readonly exit: () => Exit.Exit<void>
}

export const makeLifetime = (act: {
  readonly onStop: Effect.Effect<void>
  readonly onClose: () => void
}): Effect.Effect<Lifetime, never, Scope.Scope> =>
  Effect.gen(function* () {
    const fibers = yield* FiberSet.make<void>()
    const closing = yield* Deferred.make<void>()
    let stoppedBy: string | undefined
    let isClosing = false
    let broken: Cause.Cause<never> | undefined

    const departures = makeDepartures((isFirst) => isClosing || (isFirst && stoppedBy !== undefined))

    const stop: Lifetime["stop"] = (why) =>
      Effect.suspend(() => {
        stoppedBy ??= why
        return Effect.zipRight(act.onStop, departures.callOff)
      }).pipe(Effect.uninterruptible)

    const close: Lifetime["close"] = (why) =>
      Effect.suspend(() => {
        isClosing = true
        act.onClose()
        return Effect.zipRight(stop(why), Deferred.succeed(closing, undefined))
      })

    const guarded: Lifetime["guarded"] = (self, otherwise) =>
      Effect.catchAllCause(self, (cause) => {
        broken ??= cause
        return Effect.as(close("Defect"), otherwise)
      })

    return {
      stop,
      close,
      stoppedBy: () => stoppedBy,
      attempt: departures.attempt,
      unlessClosing: (wait, otherwise) =>
        Effect.suspend(() =>
          isClosing
            ? Effect.succeed(otherwise)
            : Effect.interruptible(raceFirst(wait, Effect.as(Deferred.await(closing), otherwise)))
        ),
      guarded,
      run: (work) => FiberSet.run(fibers, Effect.uninterruptible(guarded(work, undefined))),
      over: FiberSet.awaitEmpty(fibers),
      exit: () => (broken === undefined ? Exit.void : Exit.failCause(broken))
    }
  })
