/** What a stream gives, handed out one at a time to many. Nothing that was pulled is lost, however it ends. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { raceFirst } from "./raceFirst.ts"

export interface Source<A, E> {
  /** The next one; none where it has ended, failed or was closed. */
  readonly next: Effect.Effect<Option.Option<A>>
  /** Pulls no more, and hands out no more. */
  readonly close: Effect.Effect<void>
  /** Waits until nothing is pulled any more. */
  readonly closed: Effect.Effect<void>
  /** What was pulled and not handed out. */
  readonly rest: () => ReadonlyArray<A>
  /** Success until it has failed by itself. */
  readonly exit: () => Exit.Exit<void, E>
}

export const makeSource = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<Source<A, E>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(stream)
    const closing = yield* Deferred.make<void>()
    const asking = yield* Effect.makeSemaphore(1)
    const demands = yield* Queue.unbounded<Deferred.Deferred<void>>()
    let chunk: ReadonlyArray<A> = []
    let index = 0
    let isClosed = false
    let ended: Exit.Exit<void, E> | undefined

    const receive = (exit: Exit.Exit<Chunk.Chunk<A>, Option.Option<E>>) => {
      if (Exit.isSuccess(exit)) {
        chunk = Chunk.toReadonlyArray(exit.value)
        index = 0
      } else if (!(isClosed && Cause.isInterruptedOnly(exit.cause))) {
        ended = Option.match(Cause.flipCauseOption(exit.cause), {
          onNone: () => Exit.void,
          onSome: (cause) => Exit.failCause(cause)
        })
      }
    }

    // one fiber for all pulls, since what a stream forks lives no longer than the fiber that pulls it
    const puller = yield* Effect.interruptible(Queue.take(demands)).pipe(
      Effect.flatMap((demand) =>
        Effect.exit(Effect.interruptible(pull)).pipe(
          // what was pulled is kept even where closing comes at the same moment
          Effect.map(receive),
          Effect.zipRight(Deferred.succeed(demand, undefined))
        )
      ),
      Effect.forever,
      Effect.uninterruptible,
      Effect.forkScoped
    )

    const pullMore = Effect.gen(function* () {
      const demand = yield* Deferred.make<void>()
      yield* Queue.offer(demands, demand)
      yield* Effect.interruptible(raceFirst(Deferred.await(demand), Deferred.await(closing)))
    })

    const isDry = () => index >= chunk.length && ended === undefined && !isClosed

    const next: Source<A, E>["next"] = Effect.suspend(() => {
      if (isDry()) {
        return Effect.zipRight(asking.withPermits(1)(Effect.suspend(() => (isDry() ? pullMore : Effect.void))), next)
      }
      if (isClosed || index >= chunk.length) return Effect.succeedNone
      // there is one, as just checked, whatever it is
      return Effect.succeedSome(chunk[index++] as A)
    })

    return {
      next,
      close: Effect.suspend(() => {
        isClosed = true
        // not waited for: it may be the source itself that closes
        return Effect.zipRight(Deferred.succeed(closing, undefined), Fiber.interruptFork(puller))
      }),
      closed: Effect.asVoid(Fiber.interrupt(puller)),
      rest: () => chunk.slice(index),
      exit: () => ended ?? Exit.void
    }
  })
