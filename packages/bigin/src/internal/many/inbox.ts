/** What a stream gives, handed out one at a time to many workers. Nothing that was pulled is lost, however it ends. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

export interface Inbox<A, E> {
  /** The next one, as soon as there is one; none where there never will be. To be run where nobody interrupts it. */
  readonly take: Effect.Effect<Option.Option<A>>
  /** Puts one aside, which is handed out again when what this gives is called. With too many aside nothing is pulled. */
  readonly putAside: (item: A) => () => void
  /** Pulls no more; what was pulled is handed out, and so is what is aside. */
  readonly shut: () => void
  /** Ends the pull that is under way, unless it cannot be interrupted, and gives what nobody took. */
  readonly rest: Effect.Effect<ReadonlyArray<A>>
  /** Success until the stream has failed by itself. */
  readonly exit: () => Exit.Exit<void, E>
}

/** How many may be aside. */
const mostAside = 1_000

export const makeInbox = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<Inbox<A, E>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(stream)
    const takers = new Set<(item: Effect.Effect<Option.Option<A>>) => void>()
    const aside = new Set<() => void>()
    /** What was aside. */
    const again: Array<A> = []
    let chunk: ReadonlyArray<A> = []
    let index = 0
    let isShut = false
    let ended: Exit.Exit<void, E> | undefined
    let wakePuller = () => {}

    const isEmpty = () => index >= chunk.length && again.length === 0
    const isOver = () => isShut || (ended !== undefined && aside.size === 0)
    const isWanted = () => takers.size > 0 && isEmpty() && !isShut && ended === undefined && aside.size < mostAside

    /** There is one, as was checked before, whatever it is. */
    const next = (): A => (again.length > 0 ? again.shift() : chunk[index++]) as A

    const serve = () => {
      for (const taker of takers) {
        if (isEmpty() && !isOver()) break
        takers.delete(taker)
        taker(isEmpty() ? Effect.succeedNone : Effect.succeedSome(next()))
      }
      if (isWanted()) wakePuller()
    }

    const receive = (exit: Exit.Exit<Chunk.Chunk<A>, Option.Option<E>>) => {
      if (Exit.isSuccess(exit)) {
        chunk = Chunk.toReadonlyArray(exit.value)
        index = 0
      } else if (!(isShut && Cause.isInterruptedOnly(exit.cause))) {
        ended = Option.match(Cause.flipCauseOption(exit.cause), {
          onNone: () => Exit.void,
          onSome: (cause) => Exit.failCause(cause)
        })
      }
      serve()
    }

    const demand = Effect.async<void>((resume) => {
      wakePuller = () => resume(Effect.void)
      if (isWanted()) wakePuller()
    })

    // one fiber for all pulls, since what a stream forks lives no longer than the fiber that pulls it
    const puller = yield* Effect.interruptible(demand).pipe(
      Effect.zipRight(Effect.exit(Effect.interruptible(pull))),
      // what was pulled is kept even where its end comes at the same moment
      Effect.map(receive),
      Effect.forever,
      Effect.uninterruptible,
      Effect.forkScoped
    )

    return {
      take: Effect.suspend(() =>
        isEmpty()
          ? Effect.async<Option.Option<A>>((resume) => {
              takers.add(resume)
              serve()
            })
          : Effect.succeedSome(next())
      ),
      putAside: (item) => {
        const back = () => {
          if (!aside.delete(back)) return
          again.push(item)
          serve()
        }
        aside.add(back)
        return back
      },
      shut: () => {
        isShut = true
        for (const back of aside) back()
        serve()
      },
      rest: Effect.map(Fiber.interrupt(puller), () => {
        const rest = [...again, ...chunk.slice(index)]
        index = chunk.length
        return rest
      }),
      exit: () => ended ?? Exit.void
    }
  })
