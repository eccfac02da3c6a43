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
import type { DeleteAttachmentError } from "../../errors/operations.ts"
import type { InvalidToken } from "../../errors/undocumented.ts"
import { CurrentDeparture, type Departure } from "../request/departure.ts"

/** Why it has ended early: the tag of a failure, or what there is no failure of. */
export interface Stop {
  readonly stoppedBy: string
  readonly error?: DeleteAttachmentError
}

/** What an attempt came to. */
export interface Attempted<A, E> {
  readonly exit: Exit.Exit<A, E>
  /** Whether a request had left that was not answered, or left open what it did. */
  readonly hasLeft: boolean
  /** What it was told of its token. */
  readonly refusal: InvalidToken | undefined
}

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
      broke,
      isOver,
      /** The first reason for which it was stopped. */
      stopped: () => stopped,
      broken: () => broken,

      /** Waits; none where it is over before. */
      wait: <A, R>(self: Effect.Effect<A, never, R>) =>
        Effect.map(
          island(self, () => isOver(false)),
          (exit) => {
            // such as that of a schedule that throws
            if (Exit.isFailure(exit) && !Cause.isInterrupted(exit.cause)) broke(exit.cause)
            return Exit.isSuccess(exit) ? Option.some(exit.value) : Option.none()
          }
        ),

      /** Waits until `take` has taken something, which is told how to be called again; undefined where it is over before. */
      taking: <A>(take: (again: () => void) => A | undefined, isFirst: boolean) =>
        Effect.suspend(() => {
          let taken: A | undefined
          let hasEnded = false
          let wake = () => {}
          const look = () => {
            if (hasEnded || taken !== undefined) return
            taken = take(look)
            if (taken !== undefined) wake()
          }
          look()
          if (taken !== undefined) return Effect.succeed<A | undefined>(taken)
          const wait = Effect.async<void>((resume) => {
            wake = () => resume(Effect.void)
          })
          return Effect.map(
            island(wait, () => isOver(isFirst)),
            () => {
              hasEnded = true
              // what is taken in the last moment is taken
              return taken
            }
          )
        }),

      /** Runs an attempt, which is called off where it is over, unless a request of it has left. */
      attempt: <A, E, R>(self: Effect.Effect<A, E, R>, isFirst: boolean) =>
        Effect.flatMap(CurrentDeparture, (current) => {
          let hasEnded = false
          const departure: Departure = {
            hasLeft: false,
            isHeldBack: false,
            refusal: undefined,
            isOver: () => hasEnded || isOver(isFirst)
          }
          if (current !== undefined) current.of = departure
          return Effect.map(
            island(self, () => !departure.hasLeft && isOver(isFirst)),
            (exit): Attempted<A, E> => {
              hasEnded = true
              if (current !== undefined) current.of = undefined
              const { hasLeft, isHeldBack, refusal } = departure
              // what a client makes of a request that was held back is no answer
              return { exit: isHeldBack && !hasLeft ? Exit.interrupt(FiberId.none) : exit, hasLeft, refusal }
            }
          )
        }),

      /** In a fiber of its own. */
      run: <R>(work: Effect.Effect<void, never, R>) =>
        Effect.asVoid(
          FiberSet.run(
            fibers,
            Effect.uninterruptible(Effect.catchAllCause(work, (cause) => Effect.sync(() => broke(cause))))
          )
        ),

      /** Waits for all that runs. */
      over: FiberSet.awaitEmpty(fibers)
    }
  })
