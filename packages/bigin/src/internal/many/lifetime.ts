/**
 * How a collection ends. Stopped, it begins nothing new, and what was sent goes on to its end. Closed, it waits for nothing either,
 * but for the answers to what has left.
 *
 * All of it runs in fibers that nobody interrupts, with islands in them that may be cut short. A fiber that was cut stays
 * interrupted, so that its later islands end at once: by then there is nothing left for it but to report.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import type { CollectionStopped, DeleteAttachmentError } from "../../errors/operations.ts"
import { ConnectionLost } from "../../errors/undocumented.ts"
import { CurrentDeparture, makeDeparture } from "../request/departure.ts"
import type { Answered } from "../proof/ensure.ts"
import type { AttachmentRef } from "../../models/ids.ts"

/** Why it has ended early: the tag of a failure, or what there is no failure of. */
export type Stop = Pick<CollectionStopped, "stoppedBy" | "error">

export type Lifetime = Effect.Effect.Success<ReturnType<typeof makeLifetime>>

export const makeLifetime = (onStop: () => void) =>
  Effect.gen(function* () {
    const fibers = yield* FiberSet.make<void>()
    const islands = new Set<{ readonly fiber: Fiber.RuntimeFiber<unknown, unknown>; readonly isOver: () => boolean }>()
    let stopped: Stop | undefined
    let isClosed = false
    let broken: Cause.Cause<never> | undefined

    /** What was not begun yet is over with a stop, all else when it is closed. */
    const isOver = (isFirst: boolean) => isClosed || (isFirst && stopped !== undefined)

    const stop = (why: Stop) => {
      stopped ??= why
      onStop()
      for (const { fiber, isOver } of islands) if (isOver()) fiber.unsafeInterruptAsFork(FiberId.none)
    }

    const close = (why: Stop) => {
      isClosed = true
      stop(why)
    }

    /** What is no failure, such as an `onReport` that dies, closes it, and the first of it is what it ends with. */
    const broke = (cause: Cause.Cause<never>) => {
      broken ??= cause
      close({ stoppedBy: "Defect" })
    }

    const guarded = <A, R>(self: Effect.Effect<A, never, R>) =>
      Effect.catchAllCause(self, (cause) => Effect.sync(() => broke(cause)))

    const island = <A, E, R>(self: Effect.Effect<A, E, R>, isOver: () => boolean) =>
      Effect.withFiberRuntime<Exit.Exit<A, E>, never, R>((fiber) => {
        if (isOver()) return Effect.succeed(Exit.interrupt(FiberId.none))
        const one = { fiber, isOver }
        islands.add(one)
        return Effect.map(Effect.exit(Effect.interruptible(self)), (exit) => {
          islands.delete(one)
          return exit
        })
      })

    return {
      stop,
      close,
      isOver,
      /** The first reason for which it was stopped. */
      stopped: () => stopped,
      broken: () => broken,
      broke,
      guarded,
      /** Waits; none where it is over before. */
      wait: <A, R>(self: Effect.Effect<A, never, R>) =>
        Effect.map(
          island(self, () => isClosed),
          (exit) => {
            // such as that of a schedule that throws
            if (Exit.isFailure(exit) && !Cause.isInterrupted(exit.cause)) broke(exit.cause)
            return Exit.isSuccess(exit) ? Option.some(exit.value) : Option.none()
          }
        ),
      /** Waits, after `onWait`, until `take` has taken something; it is told how to be called again. Undefined where it is over before. */
      taking: <A, R = never>(
        take: (again: () => void) => A | undefined,
        isFirst: boolean,
        onWait: Effect.Effect<void, never, R> = Effect.void
      ): Effect.Effect<A | undefined, never, R> =>
        Effect.suspend(() => {
          let taken: A | undefined
          let hasEnded = false
          let wake = () => {}
          const look = () => {
            if (!hasEnded) taken ??= take(look)
            if (taken !== undefined) wake()
          }
          look()
          if (taken !== undefined) return Effect.succeed<A | undefined>(taken)
          const wait = Effect.async<void>((resume) => {
            wake = () => resume(Effect.void)
            // it may have been taken before anybody waited
            if (taken !== undefined) wake()
          })
          const waiting = island(wait, () => isOver(isFirst))
          return Effect.map(Effect.zipRight(onWait, waiting), () => {
            hasEnded = true
            // what is taken in the last moment is taken
            return taken
          })
        }),
      /**
       * Runs an attempt, which is called off where it is over, unless a request of it has left. `answered` is none where nothing has left,
       * `isOpen` where more requests have left than one, which an answer to one of them says nothing of.
       */
      attempt: <R>(
        ref: AttachmentRef,
        self: Effect.Effect<AttachmentRef, DeleteAttachmentError, R>,
        isFirst: boolean
      ): Effect.Effect<{ readonly answered: Option.Option<Answered>; readonly isOpen: boolean }, never, R> =>
        Effect.flatMap(CurrentDeparture, (current) => {
          let hasEnded = false
          const departure = makeDeparture(() => hasEnded || isOver(isFirst))
          current.of = departure
          const attempting = island(self, () => departure.left === 0 && isOver(isFirst))
          return Effect.map(attempting, (exit) => {
            hasEnded = true
            current.of = undefined
            const { isHeldBack, left, refusal } = departure
            if (Exit.isSuccess(exit)) return { answered: Option.some(Either.right(exit.value)), isOpen: false }
            Option.map(Cause.keepDefects(exit.cause), broke)
            // what a client makes of a request that was held back is no answer
            const failure = isHeldBack && left === 0 ? Option.none() : Cause.failureOption(exit.cause)
            // of what has left and was not answered nothing is known
            const otherwise = left > 0 ? new ConnectionLost({ ref, reason: "unknown" }) : refusal
            const error = Option.orElse(failure, () => Option.fromNullable(otherwise))
            return { answered: Option.map(error, Either.left), isOpen: left > 1 }
          })
        }),
      /** In a fiber of its own, with departures of its own. */
      run: <R>(work: Effect.Effect<void, never, R>): Effect.Effect<void, never, R> =>
        Effect.suspend(() => {
          const alone = Effect.provideService(guarded(work), CurrentDeparture, { of: undefined })
          return Effect.asVoid(FiberSet.run(fibers, Effect.uninterruptible(alone)))
        }),

      over: FiberSet.awaitEmpty(fibers)
    }
  })
