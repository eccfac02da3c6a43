/**
 * How a collection ends. Stopped, it begins nothing new, and what was sent goes on to its end. Closed, it waits for nothing either,
 * but for the answers to what has left.
 *
 * All of it runs in fibers that nobody interrupts, with islands in them that may be cut short. A fiber that was cut stays
 * interrupted, so that its later islands end at once: by then there is nothing left for it but to report.
 */
import * as Cause from "effect/Cause"
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
    const islands = new Set<Island>()
    let stopped: Stop | undefined
    let closed = false
    let broken: Cause.Cause<never> | undefined

    /** Over for what was not begun yet. */
    const isStopped = () => closed || stopped !== undefined
    /** Over for all else too. */
    const isClosed = () => closed

    const stop = (why: Stop) => {
      stopped ??= why
      onStop()
      for (const { fiber, isCut } of islands) if (isCut()) fiber.unsafeInterruptAsFork(FiberId.none)
    }

    const close = (why: Stop) => {
      closed = true
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
      one: Island,
      self: Effect.Effect<A, E, R>,
      end: (exit: Exit.Exit<A, E>) => Effect.Effect<B>
    ): Effect.Effect<B, never, R> => {
      if (one.isCut()) return end(Exit.interrupt(FiberId.none))
      islands.add(one)
      return cuttable(self, (exit) => {
        islands.delete(one)
        return end(exit)
      })
    }

    return {
      stop,
      close,
      isStopped,
      isClosed,
      /** The first reason for which it was stopped. */
      stopped: () => stopped,
      broken: () => broken,
      broke,
      guarded,
      /** Waits; none where it is over before. */
      wait: <A, R>(self: Effect.Effect<A, never, R>): Effect.Effect<Option.Option<A>, never, R> => {
        const end = (exit: Exit.Exit<A>) => {
          // as that of a schedule that throws
          if (Exit.isFailure(exit) && !Cause.isInterrupted(exit.cause)) broke(exit.cause)
          return Exit.isSuccess(exit) ? Effect.succeedSome(exit.value) : Effect.succeedNone
        }
        return Effect.withFiberRuntime((fiber) => island({ fiber, isCut: isClosed }, self, end))
      },
      /** Waits, after `onWait`, until `take` has taken something; it is told how to be called again. Undefined where it is over before. */
      taking: <A, R = never>(
        take: (again: () => void) => A | undefined,
        isOver: () => boolean,
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
            return Effect.succeed(taken)
          }
          return Effect.flatMap(onWait, () => island({ fiber, isCut: isOver }, wait, end))
        }),
      /** Runs an attempt, which is called off where it is over, unless a request of it has left; then what follows from it. */
      attempt: <A, R, R2>(
        hand: Hand,
        ref: AttachmentRef,
        self: Effect.Effect<AttachmentRef, DeleteAttachmentError, R>,
        isOver: () => boolean,
        then: (told: Told) => Effect.Effect<A, never, R2>
      ): Effect.Effect<A, never, R | R2> => {
        const departure = new Departure(isOver)
        const end = (exit: Exit.Exit<AttachmentRef, DeleteAttachmentError>) => {
          departure.hasEnded = true
          hand.watch.attempt = undefined
          if (Exit.isFailure(exit)) Option.map(Cause.keepDefects(exit.cause), broke)
          return then(toldBy(exit, departure, ref))
        }
        hand.watch.attempt = departure
        return cuttable(self, end)
      },
      run: (work: (hand: Hand) => Effect.Effect<void, never, R>): void => {
        const own = Effect.withFiberRuntime<void, never, R>((fiber) => {
          const watch: Watch = { attempt: undefined, onAnswer }
          const hand: Hand = { fiber, isCut: () => watch.attempt?.isCut() === true, watch }
          islands.add(hand)
          const alone = Effect.provideService(guarded(work(hand)), CurrentWatch, watch)
          return Effect.map(alone, () => void islands.delete(hand))
        })
        // not before what runs it has done its own part
        fork(Effect.uninterruptible(own), { immediate: false })
      },
      over: FiberSet.awaitEmpty(fibers)
    }
  })

/** Of what may be cut short: the fiber, and whether it is now. */
type Island = { readonly fiber: Fiber.RuntimeFiber<unknown, unknown>; readonly isCut: () => boolean }

/** A fiber, which is an island while it makes an attempt of which nothing has left. */
export type Hand = Island & { readonly watch: Watch }

const cuttable = <A, E, R, B, R2>(
  self: Effect.Effect<A, E, R>,
  end: (exit: Exit.Exit<A, E>) => Effect.Effect<B, never, R2>
): Effect.Effect<B, never, R | R2> =>
  Effect.matchCauseEffect(Effect.interruptible(self), {
    onFailure: (cause) => end(Exit.failCause(cause)),
    onSuccess: (value) => end(Exit.succeed(value))
  })
