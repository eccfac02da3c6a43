import { assert, describe, expect, it } from "@effect/vitest"
import { Chunk, type Clock, Duration, Effect, Stream, TestClock } from "effect"
import { DeleteReport, Errors } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"

const item = Fixtures.attachment
const common = { item, ref: item, attempts: 1, duration: Duration.zero }

type Report = DeleteReport.DeleteReport<typeof item>

const deleted: Report = { ...common, outcome: "Deleted", proof: "Success" }
const alreadyGone: Report = { ...common, outcome: "AlreadyGone", proof: "List" }
const notAttempted: Report = {
  ...common,
  error: new Errors.NotAttempted({ ref: Fixtures.attachment, stoppedBy: "InvalidToken" })
}
const limited: Report = {
  ...common,
  error: new Errors.RateLimited({ ref: Fixtures.attachment, status: 429, details: null })
}

describe("a summary", () => {
  it.effect("counts by outcome and by tag", () =>
    Effect.gen(function* () {
      const chunks = [[deleted, limited, alreadyGone], [], [deleted, notAttempted, limited]].map(Chunk.unsafeFromArray)
      const reports = Stream.fromChunks(...chunks)
      assert.deepStrictEqual(yield* Stream.run(reports, DeleteReport.summary), {
        total: 6,
        outcomes: { Deleted: 2, AlreadyGone: 1 },
        failed: { RateLimited: 2, NotAttempted: 1 }
      })
    })
  )

  it.effect("of nothing counts nothing", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Stream.run(Stream.empty, DeleteReport.summary), DeleteReport.empty)
    })
  )
})

describe("progress", () => {
  const of = (total: number): DeleteReport.Summary => ({ ...DeleteReport.empty, total })

  it("has the rate since the beginning, and what is left at that rate", () => {
    expect(DeleteReport.progress(of(50), Duration.seconds(10), 200)).toMatchObject({
      perSecond: 5,
      remaining: Duration.seconds(30)
    })
  })

  it("knows nothing of what remains without a total, or before there is a rate", () => {
    assert.notProperty(DeleteReport.progress(of(50), Duration.seconds(10)), "remaining")
    assert.notProperty(DeleteReport.progress(of(0), Duration.zero, 200), "remaining")
    assert.strictEqual(DeleteReport.progress(of(50), Duration.zero, 200).perSecond, 0)
  })

  it("tells what remains in whole milliseconds", () => {
    expect(DeleteReport.progress(of(7), Duration.seconds(10), 20).remaining).toEqual(Duration.millis(18_571))
  })

  it("does not take for speed what was never sent", () => {
    const summary = { ...of(50), failed: { NotAttempted: 30, InvalidInput: 10, RateLimited: 2 } }
    expect(DeleteReport.progress(summary, Duration.seconds(10), 60)).toMatchObject({
      attempted: 10,
      perSecond: 1,
      remaining: Duration.seconds(10)
    })
    assert.notProperty(
      DeleteReport.progress({ ...of(5), failed: { NotAttempted: 5 } }, Duration.seconds(1), 9),
      "remaining"
    )
  })

  it("has nothing remaining where there was more than the total", () => {
    expect(DeleteReport.progress(of(50), Duration.seconds(10), 20).remaining).toEqual(Duration.zero)
  })

  it.effect("stands beside each report", () =>
    Effect.gen(function* () {
      const reports = Stream.make(deleted, limited).pipe(Stream.tap(() => TestClock.adjust("2 seconds")))
      const all = yield* Stream.runCollect(DeleteReport.withProgress({ total: 4 })(reports))
      expect(Chunk.toReadonlyArray(all)).toMatchObject([
        [deleted, { summary: { total: 1 }, perSecond: 0.5, remaining: Duration.seconds(6) }],
        [limited, { summary: { total: 2 }, perSecond: 0.5, remaining: Duration.seconds(4) }]
      ])
    })
  )

  it.effect("tells the API credits that remain, as long as a report has told of them", () =>
    Effect.gen(function* () {
      const reports = Stream.make(deleted, { ...limited, creditsRemaining: 40 }, notAttempted)
      const all = yield* Stream.runCollect(DeleteReport.withProgress()(reports))
      assert.deepStrictEqual(
        Chunk.toReadonlyArray(all).map(([, { creditsRemaining }]) => creditsRemaining),
        [undefined, 40, 40]
      )
    })
  )

  it.effect("counts on a clock that is never set back", () =>
    Effect.gen(function* () {
      const clock = yield* Effect.clock
      let nanos = 0n
      const setBack: Clock.Clock = Object.assign(Object.create(clock), {
        unsafeCurrentTimeMillis: () => -Number(nanos),
        unsafeCurrentTimeNanos: () => nanos
      })
      const reports = Stream.make(deleted).pipe(Stream.tap(() => Effect.sync(() => (nanos += 2_500_000_000n))))
      const all = yield* Stream.runCollect(DeleteReport.withProgress()(reports)).pipe(Effect.withClock(setBack))
      assert.deepStrictEqual(
        Chunk.toReadonlyArray(all).map(([, { elapsed }]) => elapsed),
        [Duration.millis(2500)]
      )
    })
  )
})
