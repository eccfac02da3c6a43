/**
 * How a collection ends. Stopped, it begins nothing new, and what was sent goes on to its end. Closed, it waits for nothing either,
 * but for the answers to what has left.
 *
 * All of it runs in fibers that nobody interrupts, with islands in them that may be cut short. A fiber that was cut stays
 * interrupted, so that its later islands end at once: by then there is nothing left for it but to report.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import type { CollectionStopped, DeleteAttachmentError } from "../../errors/operations.ts"
import { CurrentWatch, Departure, toldBy, type Told, type Watch } from "../request/departure.ts"
import type { AttachmentRef } from "../../models/ids.ts"

/** Why it has ended early: the tag of a failure, or what there is no failure of. */
export type Stop = Pick<CollectionStopped, "stoppedBy" | "error">

export type Lifetime = Effect.Effect.Success<ReturnType<typeof makeLifetime<never>>>

export const makeLifetime = <R>(onStop: () => void, onAnswer: Watch["onAnswer"]) =>
  Effect.gen(function* () {
    const fibers = yield* FiberSet.make<void>()
    const fork = yield* FiberSet.runtime(fibers)<R>()
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

    const island = <A, E, B, R>(
      fiber: Fiber.RuntimeFiber<unknown, unknown>,
      self: Effect.Effect<A, E, R>,
      isOver: () => boolean,
      end: (exit: Exit.Exit<A, E>) => B
    ): Effect.Effect<B, never, R> => {
      if (isOver()) return Effect.succeed(end(Exit.interrupt(FiberId.none)))
      const one = { fiber, isOver }
      const ended = (exit: Exit.Exit<A, E>): B => {
        islands.delete(one)
        return end(exit)
      }
      islands.add(one)
      return Effect.matchCause(Effect.interruptible(self), {
        onFailure: (cause) => ended(Exit.failCause(cause)),
        onSuccess: (value) => ended(Exit.succeed(value))
      })
    }

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
      wait: <A, R>(self: Effect.Effect<A, never, R>): Effect.Effect<Option.Option<A>, never, R> => {
        const end = (exit: Exit.Exit<A>) => {
          // such as that of a schedule that throws
          if (Exit.isFailure(exit) && !Cause.isInterrupted(exit.cause)) broke(exit.cause)
          return Exit.isSuccess(exit) ? Option.some(exit.value) : Option.none()
        }
        return Effect.withFiberRuntime((fiber) => island(fiber, self, () => isClosed, end))
      },
      /** Waits, after `onWait`, until `take` has taken something; it is told how to be called again. Undefined where it is over before. */
      taking: <A, R = never>(
        take: (again: () => void) => A | undefined,
        isFirst: boolean,
        onWait: Effect.Effect<void, never, R> = Effect.void
      ): Effect.Effect<A | undefined, never, R> =>
        Effect.withFiberRuntime((fiber) => {
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
          const end = () => {
            hasEnded = true
            // what is taken in the last moment is taken
            return taken
          }
          return Effect.zipRight(
            onWait,
            Effect.suspend(() => island(fiber, wait, () => isOver(isFirst), end))
          )
        }),
      /** Runs an attempt, which is called off where it is over, unless a request of it has left. */
      attempt: <R>(
        ref: AttachmentRef,
        self: Effect.Effect<AttachmentRef, DeleteAttachmentError, R>,
        isFirst: boolean
      ): Effect.Effect<Told, never, R> =>
        Effect.withFiberRuntime((fiber) => {
          const watch = Context.get(fiber.currentContext, CurrentWatch)
          let hasEnded = false
          const departure = new Departure(() => hasEnded || isOver(isFirst))
          if (watch !== undefined) watch.attempt = departure
          const isCalledOff = () => departure.left === 0 && isOver(isFirst)
          return island(fiber, self, isCalledOff, (exit) => {
            hasEnded = true
            if (watch !== undefined) watch.attempt = undefined
            if (Exit.isFailure(exit)) Option.map(Cause.keepDefects(exit.cause), broke)
            return toldBy(exit, departure, ref)
          })
        }),
      /** In a fiber of its own, with a watch of its own. */
      run: (work: Effect.Effect<void, never, R>): void => {
        const alone = Effect.provideService(guarded(work), CurrentWatch, { attempt: undefined, onAnswer })
        // not before what runs it has done its own part
        fork(Effect.uninterruptible(alone), { immediate: false })
      },
      over: FiberSet.awaitEmpty(fibers)
    }
  })
