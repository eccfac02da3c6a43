/** What a stream gives, handed out one at a time to many workers. Nothing that was pulled is lost, however it ends. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberStatus from "effect/FiberStatus"
import * as Option from "effect/Option"
import * as RuntimeFlags from "effect/RuntimeFlags"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { unsafeMicros } from "../monotonic.ts"

/** One of them, and when it was first handed out, in microseconds of a clock that is never set back. */
export interface Taken<A> {
  readonly item: A
  readonly began: number
}

/** How many may be aside. */
const mostAside = 1_000

export const makeInbox = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.gen(function* () {
    const pull = yield* Stream.toPull(stream)
    const clock = yield* Effect.clock
    const takers = new Set<(taken: Effect.Effect<Taken<A> | undefined>) => void>()
    const aside = new Set<() => void>()
    /** What was aside. */
    const again: Array<Taken<A>> = []
    let chunk: ReadonlyArray<A> = []
    let index = 0
    let isShut = false
    let ended: Exit.Exit<void, E> | undefined
    let wakePuller = () => {}

    const isEmpty = () => index >= chunk.length && again.length === 0
    const isOver = () => isShut || (ended !== undefined && aside.size === 0)
    const isWanted = () => takers.size > 0 && isEmpty() && !isShut && ended === undefined && aside.size < mostAside

    /** There is one, as was checked before, whatever it is. */
    const next = () => again.shift() ?? { item: chunk[index++] as A, began: unsafeMicros(clock) }

    const serve = () => {
      for (const taker of takers) {
        if (isEmpty() && !isOver()) break
        takers.delete(taker)
        taker(Effect.succeed(isEmpty() ? undefined : next()))
      }
      if (isWanted()) wakePuller()
    }

    const wait = (taker: (taken: Effect.Effect<Taken<A> | undefined>) => void) => {
      takers.add(taker)
      serve()
    }

    const receive = (exit: Exit.Exit<Chunk.Chunk<A>, Option.Option<E>>) => {
      if (Exit.isSuccess(exit)) {
        chunk = Chunk.toReadonlyArray(exit.value)
        index = 0
      } else if (!(isShut && Cause.isInterruptedOnly(exit.cause))) {
        ended = Option.match(Cause.flipCauseOption(exit.cause), { onNone: () => Exit.void, onSome: Exit.failCause })
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

    const isInterruptible = Effect.map(
      puller.status,
      (status) => FiberStatus.isSuspended(status) && RuntimeFlags.interruptible(status.runtimeFlags)
    )
    const looking = Schedule.union(Schedule.exponential("1 millis"), Schedule.spaced("1 second"))

    return {
      /** The next one, as soon as there is one; undefined where there never will be. To be run where nobody interrupts it. */
      take: <B, R>(treat: (taken: Taken<A> | undefined) => Effect.Effect<B, never, R>): Effect.Effect<B, never, R> =>
        isEmpty() ? Effect.flatMap(Effect.async<Taken<A> | undefined>(wait), treat) : treat(next()),
      /** Puts one aside, which is handed out again when what this gives is called. With too many aside nothing is pulled. */
      putAside: (taken: Taken<A>) => {
        const back = () => {
          if (!aside.delete(back)) return
          again.push(taken)
          serve()
        }
        aside.add(back)
        return back
      },
      /** Pulls no more; what was pulled is handed out, and so is what is aside. */
      shut: () => {
        isShut = true
        for (const back of aside) back()
        serve()
      },
      /** Ends the pull that is under way, but not in what cannot be interrupted, such as a claim: what that gives would be lost. */
      end: Effect.yieldNow().pipe(
        Effect.zipRight(Effect.repeat(isInterruptible, { until: (isSo) => isSo, schedule: looking })),
        Effect.zipRight(Fiber.interrupt(puller))
      ),
      /** Success until the stream has failed by itself. */
      exit: (): Exit.Exit<void, E> => ended ?? Exit.void
    }
  })
