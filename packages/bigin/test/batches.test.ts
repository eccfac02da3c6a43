import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { makeBatches } from "../src/internal/batches.ts"

/** A fork of its reader that has come to where it waits. */
const reading = <A, E>({ stream }: { readonly stream: Stream.Stream<A, E> }) =>
  Effect.tap(Effect.fork(Stream.runCollect(Stream.map(Stream.chunks(stream), Chunk.toReadonlyArray))), () =>
    TestClock.adjust(0)
  )

const chunksOf = <A, E>(reader: Fiber.Fiber<Chunk.Chunk<ReadonlyArray<A>>, E>) =>
  Effect.map(Fiber.join(reader), Chunk.toReadonlyArray)

describe("a queue that is read in batches", () => {
  it.effect("gives what was there before its reader", () =>
    Effect.gen(function* () {
      const batches = makeBatches<number, never>(3)
      yield* batches.offer(1)
      yield* batches.offer(2)
      batches.end(Exit.void)
      assert.deepStrictEqual(yield* chunksOf(yield* reading(batches)), [[1, 2]])
    })
  )

  it.effect("gives together what came together, in its order, and nothing twice", () =>
    Effect.gen(function* () {
      const batches = makeBatches<number, never>(10)
      const reader = yield* reading(batches)
      yield* batches.offer(1)
      yield* batches.offer(2)
      yield* TestClock.adjust(0)
      yield* batches.offer(3)
      batches.end(Exit.void)
      assert.deepStrictEqual(yield* chunksOf(reader), [[1, 2], [3]])
    })
  )

  it.live("reads what comes one by one within a turn of the event loop", () =>
    Effect.gen(function* () {
      const batches = makeBatches<number, never>(10)
      const reader = yield* Effect.fork(Stream.runHead(Stream.chunks(batches.stream)))
      yield* Effect.forEach([1, 2, 3], (one) => Effect.zipRight(Effect.yieldNow(), batches.offer(one)))
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Effect.flatten(Fiber.join(reader))), [1, 2, 3])
    })
  )

  it.effect("makes who offers wait from where the room is full until it was read", () =>
    Effect.gen(function* () {
      const batches = makeBatches<number, never>(2)
      yield* batches.offer(1)
      const offering = yield* Effect.fork(batches.offer(2))
      yield* TestClock.adjust("1 hour")
      assert.isNull(offering.unsafePoll())
      const reader = yield* reading(batches)
      yield* Fiber.join(offering)
      batches.end(Exit.void)
      assert.deepStrictEqual(yield* chunksOf(reader), [[1, 2]])
    })
  )

  it.live("is read at once where the room is full, before the turn is over", () =>
    Effect.gen(function* () {
      const batches = makeBatches<number, never>(2)
      const reader = yield* Effect.fork(Stream.runHead(batches.stream))
      yield* Effect.yieldNow()
      yield* batches.offer(1)
      let turns = 0
      const timer = setTimeout(() => (turns += 1), 0)
      yield* batches.offer(2)
      yield* Fiber.join(reader)
      clearTimeout(timer)
      assert.strictEqual(turns, 0)
    })
  )

  it.effect("ends after the last with the first end, and lets go who waits", () =>
    Effect.gen(function* () {
      const batches = makeBatches<number, "first" | "second">(1)
      const offering = yield* Effect.fork(batches.offer(1))
      yield* TestClock.adjust(0)
      batches.end(Exit.fail("first"))
      batches.end(Exit.fail("second"))
      yield* Fiber.join(offering)
      // is taken by nobody
      yield* batches.offer(2)
      const seen: Array<number> = []
      const exit = yield* Effect.exit(Stream.runForEach(batches.stream, (one) => Effect.sync(() => seen.push(one))))
      assert.deepStrictEqual(seen, [1])
      assert.deepStrictEqual(exit, Exit.fail("first"))
    })
  )

  it.effect("ends with a defect as it is", () =>
    Effect.gen(function* () {
      const batches = makeBatches<number, never>(1)
      batches.end(Exit.die("a bug"))
      const exit = yield* Effect.exit(Stream.runDrain(batches.stream))
      assert.deepStrictEqual(exit, Exit.failCause(Cause.die("a bug")))
    })
  )
})
