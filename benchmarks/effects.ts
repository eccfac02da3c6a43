/** The programs of Effect, as users write them: a runtime that is made once, and fibers, each a loop. */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { makeIds, measure, type Setting } from "./measure.ts"

export interface Program<A, E, R> {
  readonly layer: Layer.Layer<R>
  readonly deleteOne: (id: number) => Effect.Effect<A, E, R>
  readonly isExpected: (value: A) => boolean
}

export const measureEffects = <A, E, R>(open: (origin: string) => Program<A, E, R>): Promise<void> =>
  measure(({ concurrency, origin }: Setting) => {
    const { deleteOne, isExpected, layer } = open(origin)
    const runtime = ManagedRuntime.make(layer)
    const ids = makeIds()
    const worker = Effect.gen(function* () {
      let expected = 0
      for (let id = ids.next(); id !== undefined; id = ids.next()) {
        if (isExpected(yield* deleteOne(id))) expected += 1
      }
      return expected
    })
    const workers = Effect.all(
      Array.from({ length: concurrency }, () => worker),
      { concurrency }
    )
    return async (count) => {
      ids.add(count)
      return (await runtime.runPromise(workers)).reduce((sum, expected) => sum + expected, 0)
    }
  })
