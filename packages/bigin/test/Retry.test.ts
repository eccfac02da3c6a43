import { assert, describe, expect, it } from "@effect/vitest"
import { type Clock, Duration, Effect, FastCheck, Fiber, Option, Random, Schedule, Stream, TestClock } from "effect"
import { Attachments, deleteAttachment, Errors, Retry } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { off } from "./offClock.ts"

const ref = Fixtures.attachment
const connectionFailed = new Errors.ConnectionFailed({ ref, reason: "ECONNREFUSED" })
const rateLimited = (retryAfter: Duration.DurationInput) =>
  new Errors.RateLimited({ ref, status: 429, details: null, retryAfter: Duration.decode(retryAfter) })

const millis = (policy: Retry.Policy, situation: Partial<Retry.Situation>) =>
  Option.map(Retry.delay(policy, { retry: 1, error: connectionFailed, random: 0, ...situation }), Duration.toMillis)

describe("the decision", () => {
  it("doubles from the base up to the cap", () => {
    const waits = [1, 2, 3, 4, 5].map((retry) => millis({ base: 100, cap: 500 }, { retry }))
    expect(waits).toEqual([100, 200, 400, 500, 500].map(Option.some))
  })

  it("is 200 ms to begin with and 30 s at most, five times, by default", () => {
    expect([1, 5, 6].map((retry) => millis({}, { retry }))).toEqual([
      Option.some(200),
      Option.some(3200),
      Option.none()
    ])
    expect(millis({ times: 100 }, { retry: 50 })).toEqual(Option.some(30_000))
  })

  it("counts retries, not attempts: zero is none", () => {
    expect(millis({ times: 0 }, {})).toEqual(Option.none())
    expect(millis({ times: 1 }, {})).toEqual(Option.some(200))
    expect(millis({ times: Number.NaN }, {})).toEqual(Option.none())
  })

  it("waits for retryAfter, also beyond the cap, and ends at once where it is too long", () => {
    expect(millis({}, { error: rateLimited("90 seconds") })).toEqual(Option.some(90_000))
    expect(millis({}, { error: rateLimited("2 minutes") })).toEqual(Option.some(120_000))
    expect(millis({}, { error: rateLimited("121 seconds") })).toEqual(Option.none())
    expect(millis({ maxRetryAfter: "1 hour" }, { error: rateLimited("121 seconds") })).toEqual(Option.some(121_000))
  })

  it.each([
    undefined,
    null,
    new Error("no"),
    { retryAfter: Duration.hours(1) },
    { _tag: "RateLimited", retryAfter: 5 }
  ])("asks nothing of what is not an error of ours: %s", (error) => {
    expect(millis({}, { error })).toEqual(Option.some(200))
  })

  it("is none where there is no time, whatever the wait", () => {
    expect(millis({ within: 0, base: 0 }, { retry: 1 })).toEqual(Option.none())
  })

  it.prop(
    "is never shorter than retryAfter, and a number, whatever the policy",
    [
      FastCheck.constantFrom(0, "200 millis" as const, Duration.infinity),
      FastCheck.constantFrom(0, "30 seconds" as const, Duration.infinity),
      FastCheck.constantFrom(1, 2, 54, 1_024, 1_025, 1_000_000),
      FastCheck.constantFrom(0, 0.5, 1)
    ],
    ([base, cap, retry, random]) => {
      const wait = millis({ base, cap, times: Infinity }, { retry, error: rateLimited(30_000), random })
      assert.isAtLeast(Option.getOrThrow(wait), 30_000)
    }
  )

  it("has its jitter on top of retryAfter, up to half of the wait that doubles", () => {
    const waits = [0, 0.5, 1].map((random) => millis({}, { retry: 3, error: rateLimited("30 seconds"), random }))
    expect(waits).toEqual([30_000, 30_200, 30_400].map(Option.some))
  })

  it.prop(
    "is lengthened by jitter, by half of the backoff at most, and never undercuts retryAfter",
    [FastCheck.integer({ min: 1, max: 5 }), FastCheck.double({ min: 0, max: 1, noNaN: true }), FastCheck.nat(120_000)],
    ([retry, random, asked]) => {
      const error = rateLimited(asked)
      const wait = Option.getOrThrow(millis({}, { retry, error, random }))
      const least = Option.getOrThrow(millis({}, { retry, error }))
      assert.isAtLeast(wait, Math.max(least, asked))
      assert.isAtMost(wait, least + Option.getOrThrow(millis({}, { retry })) / 2 + 1)
    }
  )
})

/** When each attempt of a call that always fails like this was made, in milliseconds from the first by the clock given. */
const attempts = (
  schedule: Schedule.Schedule<unknown, unknown>,
  error: unknown,
  span: Duration.DurationInput = "1 hour",
  clock?: Clock.Clock
) =>
  Effect.gen(function* () {
    const times: Array<number> = []
    const trueClock = clock ?? (yield* Effect.clock)
    const attempt = Effect.suspend(() => {
      times.push(trueClock.unsafeCurrentTimeMillis())
      return Effect.fail(error)
    })
    const fiber = yield* attempt.pipe(Effect.retry(schedule), Effect.flip, Effect.fork)
    yield* TestClock.adjust(span)
    assert.strictEqual(yield* Fiber.join(fiber), error)
    return times.map((time) => time - (times[0] ?? 0))
  })

describe("the schedule", () => {
  it.effect("makes as many attempts as the policy says, with its waits", () =>
    Effect.gen(function* () {
      const [first, second = 0, third = 0, ...more] = yield* attempts(
        Retry.schedule({ base: 1000, times: 2 }),
        connectionFailed
      )
      assert.deepStrictEqual([first, more], [0, []])
      assert.isTrue(second >= 1000 && second <= 1500)
      assert.isTrue(third - second >= 2000 && third - second <= 3000)
    })
  )

  it.effect("makes one attempt where times is zero, or retryAfter is too long", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* attempts(Retry.schedule({ times: 0 }), connectionFailed), 1)
      assert.lengthOf(yield* attempts(Retry.schedule(), rateLimited("3 minutes")), 1)
    })
  )

  it.effect("begins no retry after the time that it has", () =>
    Effect.gen(function* () {
      const made = yield* attempts(
        Retry.schedule({ base: 1000, cap: 1000, times: 1000, within: "10 seconds" }),
        connectionFailed
      )
      assert.isAbove(made.length, 5)
      assert.isAtMost(Math.max(...made), 10_000)
    })
  )

  it.effect.each([0, 0.1, 0.3, 1 / 3, 0.7, 123.456, 1_764_000_000_000.25])(
    "waits whole milliseconds and no less, also from a fraction of one: %d",
    (start) =>
      Effect.gen(function* () {
        const clock = yield* Effect.clock
        yield* TestClock.setTime(start)
        const attempted: Array<number> = []
        const waits: Array<number> = []
        const schedule = Retry.schedule({ base: "1700 micros", cap: 5, times: 20 }).pipe(
          Schedule.tapOutput((wait) => Effect.sync(() => waits.push(Duration.toMillis(wait))))
        )
        const attempt = Effect.suspend(() => Effect.fail(attempted.push(clock.unsafeCurrentTimeMillis())))
        const fiber = yield* Effect.fork(Effect.flip(Effect.retry(attempt, schedule)))
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(fiber)
        assert.lengthOf(attempted, 21)
        for (const [index, at] of attempted.slice(1).entries()) {
          const wait = waits[index] ?? 0
          assert.isTrue(Number.isSafeInteger(wait) && wait >= 2)
          // to the microsecond: beneath it this clock tells noise
          assert.strictEqual(Math.round((at - (attempted[index] ?? 0)) * 1000), wait * 1000)
        }
      })
  )

  const day = 24 * 60 * 60 * 1000

  it.effect("waits however long Bigin says where no length is too much, also for longer than a timer runs", () =>
    Effect.gen(function* () {
      const clock = yield* Effect.clock
      const limited: Clock.Clock = Object.assign(Object.create(clock), {
        // as Effect's own does
        sleep: (duration: Duration.Duration) =>
          Duration.toMillis(duration) > 2 ** 31 - 1 ? Effect.never : clock.sleep(duration)
      })
      const policy = Retry.schedule({ times: 1, maxRetryAfter: Duration.infinity })
      const made = yield* attempts(policy, rateLimited("60 days"), "61 days").pipe(Effect.withClock(limited))
      assert.lengthOf(made, 2)
      assert.isAtLeast(made[1] ?? 0, 60 * day)
      assert.isAtMost(made[1] ?? 0, 60 * day + 100)
    })
  )
})

describe("a date that is set while a schedule waits", () => {
  const hour = 60 * 60 * 1000
  const policy = Retry.schedule({ base: 1000, cap: 1000, times: 1000, within: "10 seconds" })

  it.effect.each([-hour, hour])("by %i milliseconds changes nothing", (jump) =>
    Effect.gen(function* () {
      const calm = yield* attempts(policy, connectionFailed).pipe(Effect.withRandom(Random.make("waits")))
      const clock = yield* Effect.clock
      const offset = { millis: 0, nanos: 0 }
      const settingTheDate = Schedule.tapOutput(policy, () => Effect.sync(() => (offset.millis += jump)))
      const jumping = yield* attempts(settingTheDate, connectionFailed, "1 hour", clock).pipe(
        Effect.withClock(off(clock, offset)),
        Effect.withRandom(Random.make("waits"))
      )
      assert.deepStrictEqual(jumping, calm)
    })
  )
})

describe("what Effect.retry takes", () => {
  it("is the schedule, and which failures are retried", () => {
    assert.strictEqual(Retry.safely().while, Errors.isSafeToRetry)
    assert.strictEqual(Retry.reads().while, Errors.isTransient)
  })

  it.effect("waits as long as Bigin says before a deletion is asked for again", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.rateLimited(30)) })
      const fiber = yield* Effect.fork(Effect.retry(deleteAttachment(ref), Retry.safely()))
      yield* TestClock.adjust("29999 millis")
      assert.lengthOf(yield* fake.requests, 1)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ref)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("makes as many attempts as it is told, and then the last failure comes out", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.rateLimited()), times: 10 })
      const fiber = yield* Effect.fork(
        Effect.flip(deleteAttachment(ref).pipe(Effect.retry(Retry.safely({ times: 3 }))))
      )
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "RateLimited")
      assert.lengthOf(yield* fake.requests, 4)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("sends nothing again after what may have happened", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.loseAnswer })
      const error = yield* Effect.flip(Effect.retry(deleteAttachment(ref), Retry.safely()))
      assert.strictEqual(error._tag, "ConnectionLost")
      assert.lengthOf(yield* fake.requests, 1)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("reads again after a lost answer, and not after a refusal", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const list = Stream.runCount(Attachments.listAttachments(Fixtures.record)).pipe(Effect.retry(Retry.reads()))
      yield* fake.inject({ fault: FakeBigin.loseAnswer })
      const fiber = yield* Effect.fork(list)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(fiber), 2)
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("NoPermission")) })
      assert.strictEqual((yield* Effect.flip(list))._tag, "NoPermission")
      assert.lengthOf(yield* fake.requests, 3)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})
