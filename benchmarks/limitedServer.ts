/** A FakeBigin over TCP in a process of its own: ten calls at once, 50 ms an answer, 429 for one too many. */
import { Clock, Effect } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

export const concurrent = 10
export const answerMillis = 50

/** When each call was let through or refused, in milliseconds since the first. */
export interface Served {
  readonly answered: ReadonlyArray<number>
  readonly refused: ReadonlyArray<number>
}

const attachments = Array.from({ length: Number(process.argv[2]) }, (_, index) => ({
  id: String(index + 1),
  fileName: "a",
  size: 1
}))

/** To the millisecond's fraction, as a timer does not: one of 50 ms takes 51 and more. */
const until = (time: number): Effect.Effect<void> =>
  Effect.async((resume) => {
    const check = () => (performance.now() < time ? setImmediate(check) : resume(Effect.void))
    setTimeout(check, time - performance.now() - 2)
  })

const program = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  const answered: Array<number> = []
  const refused: Array<number> = []
  let underWay = 0
  let first: number | undefined

  const limited: FakeBigin.Fault = (bigin) =>
    Effect.gen(function* () {
      const arrived = performance.now()
      const now = yield* Clock.currentTimeMillis
      first ??= now
      if (underWay >= concurrent) {
        refused.push(now - first)
        return yield* FakeBigin.answerWith(Fixtures.rateLimited())(bigin)
      }
      underWay += 1
      const reply = yield* bigin
      yield* until(arrived + answerMillis)
      underWay -= 1
      answered.push((yield* Clock.currentTimeMillis) - first)
      return yield* FakeBigin.answerWith(reply)(bigin)
    })

  yield* fake.inject({ fault: limited, times: Infinity })
  const { origin } = yield* FakeBigin.serve
  process.send?.(origin)
  yield* Effect.promise(() => new Promise((resolve) => process.once("message", resolve)))
  yield* Effect.promise(() => new Promise((resolve) => process.send?.({ answered, refused } satisfies Served, resolve)))
}).pipe(
  Effect.scoped,
  Effect.provideServiceEffect(FakeBigin.FakeBigin, FakeBigin.make({ records: [{ ...Fixtures.record, attachments }] }))
)

if (process.send !== undefined) await Effect.runPromise(program)
