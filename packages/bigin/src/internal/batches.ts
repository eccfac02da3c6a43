/** A queue whose one reader is given all there is: a Stream's wake-up for each item would cost more than the item. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { wakeAfter } from "./request/attempt.ts"

/** With room for `most`. */
export const makeBatches = <A, E>(most: number) => {
  let items: Array<A> = []
  let ended: Exit.Exit<void, E> | undefined
  let wakeReader = () => {}
  const offering = new Set<() => void>()

  const admit = () => {
    for (const goOn of offering) goOn()
    offering.clear()
  }

  /** Waits for the end, a full room, or a turn of the event loop after the first: so they come together. */
  const some = Effect.withFiberRuntime<void>((reader) =>
    Effect.async((resume) => {
      const wake = () => resume(Effect.void)
      let cancel: (() => void) | undefined
      wakeReader = () => {
        if (ended !== undefined || items.length >= most) {
          cancel?.()
          wake()
        } else if (items.length > 0) cancel ??= wakeAfter(Duration.zero, reader)(wake)
      }
      wakeReader()
    })
  )

  const take: Effect.Effect<Chunk.Chunk<A>, Option.Option<E>> = Effect.flatMap(some, () => {
    const taken = Chunk.unsafeFromArray(items)
    items = []
    admit()
    if (ended === undefined || taken.length > 0) return Effect.succeed(taken)
    return Exit.match(ended, {
      onFailure: (cause) => Effect.failCause(Cause.map(cause, Option.some)),
      onSuccess: () => Effect.fail(Option.none())
    })
  })

  return {
    /** Waits where the room is full. After the end nothing is taken. */
    offer: (item: A): Effect.Effect<void> => {
      if (ended !== undefined) return Effect.void
      items.push(item)
      wakeReader()
      return items.length < most ? Effect.void : Effect.async((resume) => void offering.add(() => resume(Effect.void)))
    },
    /** The first end counts. */
    end: (exit: Exit.Exit<void, E>): void => {
      ended ??= exit
      wakeReader()
      admit()
    },
    /** To be run once. */
    stream: Stream.repeatEffectChunkOption(take)
  }
}
