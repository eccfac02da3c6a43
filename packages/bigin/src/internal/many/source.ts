/** What a stream gives, handed out one at a time to many. Nothing that was pulled is lost, however it ends. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

export interface Source<A, E, R> {
  /** The next one; none where it has ended, failed or was closed. */
  readonly next: Effect.Effect<Option.Option<A>, never, R>
  /** Pulls no more, and hands out no more. */
  readonly close: Effect.Effect<void>
  /** What was pulled and not handed out. */
  readonly rest: () => ReadonlyArray<A>
  /** Success until it has failed by itself. */
  readonly exit: () => Exit.Exit<void, E>
}

export const makeSource = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<Source<A, E, R>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(stream)
    const closing = yield* Deferred.make<void>()
    const pulling = yield* Effect.makeSemaphore(1)
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

    // what was pulled is kept even where closing comes at the same moment
    const pullMore = Effect.uninterruptibleMask((restore) => Effect.map(Effect.exit(restore(pull)), receive)).pipe(
      Effect.raceFirst(Deferred.await(closing))
    )

    const isDry = () => index >= chunk.length && ended === undefined && !isClosed

    const next: Source<A, E, R>["next"] = Effect.suspend(() => {
      if (isDry()) {
        return Effect.zipRight(pulling.withPermits(1)(Effect.suspend(() => (isDry() ? pullMore : Effect.void))), next)
      }
      const one = isClosed ? undefined : chunk[index]
      index += one === undefined ? 0 : 1
      return Effect.succeed(Option.fromNullable(one))
    })

    return {
      next,
      close: Effect.suspend(() => {
        isClosed = true
        return Effect.asVoid(Deferred.succeed(closing, undefined))
      }),
      rest: () => chunk.slice(index),
      exit: () => ended ?? Exit.void
    }
  })
