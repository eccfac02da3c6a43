import { FetchHttpClient, HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import {
  Cause,
  Clock,
  Duration,
  Effect,
  Exit,
  FastCheck,
  Fiber,
  Layer,
  Option,
  Redacted,
  Stream,
  TestClock,
  TestContext
} from "effect"
import { Attachments, BiginAuth, BiginConfig, deleteAttachment, Errors, Throttle } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { overTcp } from "./doors.ts"
import { off } from "./offClock.ts"

type Ending = "answer" | "failure" | "defect"

interface Call {
  /** Milliseconds after the call before it. */
  readonly after: number
  /** Milliseconds from the request to its end. */
  readonly takes: number
  readonly ending: Ending
  /** Milliseconds from the call until it is interrupted. */
  readonly patience: number
}

const calm: Call = { after: 0, takes: 1000, ending: "answer", patience: Infinity }

const calls = (count: number, call: Partial<Call> = {}): ReadonlyArray<Call> =>
  Array.from({ length: count }, () => ({ ...calm, ...call }))

/** What a server of its own sees: when each call began, in which order, and how many were there at once. */
const observed = (trueClock?: Clock.Clock) => {
  const begun: Array<{ readonly index: number; readonly at: number }> = []
  const seen = { begun, atOnce: 0, mostAtOnce: 0 }
  const client = (plan: ReadonlyArray<Call>) =>
    HttpClient.make((request, url) =>
      Effect.gen(function* () {
        const index = Number(url.pathname.slice(1))
        const { ending, takes } = plan[index] ?? calm
        begun.push({ index, at: trueClock?.unsafeCurrentTimeMillis() ?? (yield* Clock.currentTimeMillis) })
        seen.atOnce += 1
        seen.mostAtOnce = Math.max(seen.mostAtOnce, seen.atOnce)
        yield* Effect.sleep(takes)
        if (ending === "failure") return yield* new HttpClientError.RequestError({ request, reason: "Transport" })
        if (ending === "defect") return yield* Effect.dieMessage("broken")
        return HttpClientResponse.fromWeb(request, new Response())
      }).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            seen.atOnce -= 1
          })
        )
      )
    )
  return { seen, client }
}

/** Makes the calls through a throttle, each when its time has come, until all have ended. */
const run = (limits: Throttle.Limits, plan: ReadonlyArray<Call>) => {
  const { client, seen } = observed()
  return Effect.gen(function* () {
    const arrived: Array<number> = []
    const fibers: Array<Fiber.RuntimeFiber<unknown, HttpClientError.HttpClientError>> = []
    for (const [index, { after, patience }] of plan.entries()) {
      if (after > 0) yield* TestClock.adjust(after)
      const call = Effect.zipRight(
        Effect.sync(() => arrived.push(index)),
        HttpClient.get(`http://localhost/${index}`)
      )
      const fiber = yield* Effect.fork(call)
      yield* Effect.fork(Effect.delay(Fiber.interrupt(fiber), patience))
      fibers.push(fiber)
    }
    yield* TestClock.adjust("5 minutes")
    const exits = yield* Effect.forEach(fibers, (fiber) => Fiber.poll(fiber))
    assert.isTrue(
      exits.every(({ _tag }) => _tag === "Some"),
      "a call is left behind"
    )
    return { ...seen, arrived }
  }).pipe(Effect.provide(Layer.provide(Throttle.layer(limits), Layer.succeed(HttpClient.HttpClient, client(plan)))))
}

const beginnings = (limits: Throttle.Limits, plan: ReadonlyArray<Call>) =>
  Effect.map(run(limits, plan), ({ begun }) => begun.map(({ at }) => at))

const anyCall: FastCheck.Arbitrary<Call> = FastCheck.record({
  // few and round numbers, so that many things happen at the very same time
  after: FastCheck.constantFrom(0, 0, 100, 300, 700),
  takes: FastCheck.constantFrom(0, 100, 300, 900, 1500),
  ending: FastCheck.constantFrom<Ending>("answer", "answer", "failure", "defect"),
  patience: FastCheck.constantFrom(Infinity, Infinity, 0, 100, 300, 900)
})

const anyPlan = FastCheck.array(anyCall, { minLength: 1, maxLength: 12 })
const anyLimits = FastCheck.record({
  concurrent: FastCheck.integer({ min: 1, max: 4 }),
  perSecond: FastCheck.constantFrom(0.5, 1, 2.5, 3)
})

/** Twenty schedules at a time, each with a clock of its own, since every step of a TestClock takes a while. */
const always = (
  check: (
    limits: { readonly concurrent: number; readonly perSecond: number },
    plan: ReadonlyArray<Call>
  ) => Effect.Effect<void>
) =>
  FastCheck.assert(
    FastCheck.asyncProperty(
      FastCheck.array(FastCheck.tuple(anyLimits, anyPlan), { maxLength: 20, size: "max" }),
      (schedules) =>
        Effect.runPromise(
          Effect.forEach(schedules, ([limits, plan]) => Effect.provide(check(limits, plan), TestContext.TestContext), {
            concurrency: "unbounded",
            discard: true
          })
        )
    ),
    { numRuns: 15 }
  )

describe("a throttle, whatever is asked of it and however it ends", () => {
  it(
    "never has more calls under way than it may",
    () =>
      always(({ concurrent }, plan) =>
        Effect.map(run({ concurrent }, plan), ({ atOnce, mostAtOnce }) => {
          assert.isAtMost(mostAtOnce, concurrent)
          assert.strictEqual(atOnce, 0)
        })
      ),
    60_000
  )

  it(
    "never begins more calls in any window of one second than it may",
    () =>
      always((limits, plan) =>
        Effect.map(beginnings(limits, plan), (times) => {
          // half a call a second is one call in two
          const [most, window] = limits.perSecond < 1 ? [1, 1000 / limits.perSecond] : [limits.perSecond, 1000]
          for (const from of times) {
            assert.isAtMost(times.filter((at) => at >= from && at < from + window).length, most)
          }
        })
      ),
    60_000
  )

  it(
    "serves in the order of arrival",
    () =>
      always((limits, plan) =>
        Effect.map(run(limits, plan), ({ arrived, begun }) => {
          const served = begun.map(({ index }) => index)
          assert.deepStrictEqual(
            served,
            arrived.filter((index) => served.includes(index))
          )
        })
      ),
    60_000
  )

  it(
    "keeps no place, so that as many as before find one",
    () =>
      always(({ concurrent }, plan) => {
        const late = calls(concurrent).map((call, index) => ({ ...call, after: index === 0 ? 60_000 : 0 }))
        return Effect.map(run({ concurrent }, [...plan, ...late]), ({ begun }) => {
          const times = begun.filter(({ index }) => index >= plan.length).map(({ at }) => at)
          assert.lengthOf(times, concurrent)
          assert.lengthOf(new Set(times), 1)
        })
      }),
    60_000
  )
})

describe("a throttle of calls at once", () => {
  it.effect("lets the next begin when one has ended", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* beginnings({ concurrent: 2 }, calls(5)), [0, 0, 1000, 1000, 2000])
    })
  )

  it.effect.each<[string, Partial<Call>]>([
    ["failed", { ending: "failure" }],
    ["died", { ending: "defect" }],
    ["was interrupted", { patience: 1000, takes: 60_000 }]
  ])("gives the place of one that %s to the next", ([, first]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* beginnings({ concurrent: 1 }, [...calls(1, first), ...calls(1)]), [0, 1000])
    })
  )

  it.effect("loses nothing by one who left the line", () =>
    Effect.gen(function* () {
      const plan = [...calls(1), ...calls(3, { patience: 500 }), ...calls(1)]
      assert.deepStrictEqual(yield* beginnings({ concurrent: 1 }, plan), [0, 1000])
    })
  )

  it.effect("lets nobody who comes back at once overtake who waits", () =>
    Effect.gen(function* () {
      const { client, seen } = observed()
      const get = (index: number) => HttpClient.get(`http://localhost/${index}`)
      const program = Effect.all([Effect.zip(get(0), get(2)), get(1)], { concurrency: 2 }).pipe(
        Effect.provide(
          Layer.provide(Throttle.layer({ concurrent: 1 }), Layer.succeed(HttpClient.HttpClient, client([])))
        )
      )
      const fiber = yield* Effect.fork(program)
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        seen.begun.map(({ index }) => index),
        [0, 1, 2]
      )
    })
  )

  it.effect("cuts off a fraction", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* beginnings({ concurrent: 2.9 }, calls(3)), [0, 0, 1000])
    })
  )
})

describe("a throttle of calls a second", () => {
  it.effect("slides: what began late in a second counts in the next one", () =>
    Effect.gen(function* () {
      const plan = [...calls(1), ...calls(1, { after: 900 }), ...calls(2)]
      assert.deepStrictEqual(yield* beginnings({ perSecond: 2 }, plan), [0, 900, 1000, 1900])
    })
  )

  it.effect("below one a second is one in a longer time", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* beginnings({ perSecond: 0.5 }, calls(3)), [0, 2000, 4000])
    })
  )

  it.effect("passes the turn on where the first in line leaves", () =>
    Effect.gen(function* () {
      const plan = [...calls(1), ...calls(1, { patience: 500 }), ...calls(1)]
      assert.deepStrictEqual(yield* beginnings({ perSecond: 1 }, plan), [0, 1000])
    })
  )

  const hour = 60 * 60 * 1000

  it.effect.each([-hour, hour])("does not mind a date that is set by %i milliseconds while it waits", (jump) =>
    Effect.gen(function* () {
      const offset = { millis: 0, nanos: 0 }
      const clock = yield* Effect.clock
      const { client, seen } = observed(clock)
      const get = HttpClient.get("http://localhost/0")
      const fiber = yield* Effect.all([get, get, get, get], { concurrency: 4 }).pipe(
        Effect.provide(
          Layer.provide(Throttle.layer({ perSecond: 1 }), Layer.succeed(HttpClient.HttpClient, client([])))
        ),
        Effect.withClock(off(clock, offset)),
        Effect.fork
      )
      for (const change of [jump, jump, -jump, -jump]) {
        yield* TestClock.adjust("500 millis")
        offset.millis += change
        yield* TestClock.adjust("500 millis")
      }
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        seen.begun.map(({ at }) => at),
        [0, 1000, 2000, 3000]
      )
    })
  )

  /** The waits of a throttle, and when it let each of twelve calls begin. */
  const paced = (limits: Throttle.Limits, start: number, between: number) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const waits: Array<number> = []
      const clock = yield* Effect.clock
      const watched: Clock.Clock = Object.assign(Object.create(clock), {
        sleep: (duration: Duration.Duration) =>
          Effect.zipRight(
            Effect.sync(() => waits.push(Duration.toMillis(duration))),
            clock.sleep(duration)
          )
      })
      const { client, seen } = observed(clock)
      const plan = calls(12, { takes: 0 })
      yield* Effect.gen(function* () {
        const fibers = yield* Effect.forEach(plan, (_, index) =>
          Effect.zipRight(TestClock.adjust(between), Effect.fork(HttpClient.get(`http://localhost/${index}`)))
        )
        yield* TestClock.adjust("1 minute")
        yield* Fiber.joinAll(fibers)
      }).pipe(
        Effect.provide(Layer.provide(Throttle.layer(limits), Layer.succeed(HttpClient.HttpClient, client(plan)))),
        Effect.withClock(watched)
      )
      return { waits: waits.filter((wait) => wait > 0), times: seen.begun.map(({ at }) => Math.round(at * 1000)) }
    })

  it.effect.each([0, 0.1, 0.3, 1 / 3, 0.7, 123.456, 1_764_000_000_000.25])(
    "neither wakes too early nor lets too many begin where calls come between two milliseconds: from %d",
    (start) =>
      Effect.forEach([0, 0.3, 1 / 3, 99.9], (between) =>
        Effect.gen(function* () {
          const { times, waits } = yield* paced({ perSecond: 3 }, start, between)
          assert.lengthOf(times, 12)
          for (const [index, time] of times.slice(3).entries()) {
            // in microseconds: beneath them this clock tells noise
            assert.isAtLeast(time - (times[index] ?? 0), 1_000_000)
            assert.isAtMost(time - (times[index] ?? 0), 1_001_000)
          }
          // who waits for the window waits once
          assert.isAtMost(waits.length, 9)
          assert.isTrue(waits.every(Number.isSafeInteger))
        })
      )
  )

  it.effect("waits longer than a timer runs, where it has to", () =>
    Effect.gen(function* () {
      const clock = yield* Effect.clock
      const limited: Clock.Clock = Object.assign(Object.create(clock), {
        // as Effect's own does
        sleep: (duration: Duration.Duration) =>
          Duration.toMillis(duration) > 2 ** 31 - 1 ? Effect.never : clock.sleep(duration)
      })
      const { client, seen } = observed(clock)
      const days = 60 * 24 * hour
      const get = HttpClient.get("http://localhost/0")
      const fiber = yield* Effect.zip(get, get).pipe(
        Effect.provide(
          Layer.provide(Throttle.layer({ perSecond: 1000 / days }), Layer.succeed(HttpClient.HttpClient, client([])))
        ),
        Effect.withClock(limited),
        Effect.fork
      )
      yield* TestClock.adjust(days + 2000)
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        seen.begun.map(({ at }) => at),
        [0, days]
      )
    })
  )
})

describe("a throttle as a layer", () => {
  it.effect("lets everything through without limits", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* beginnings({}, calls(3)), [0, 0, 0])
    })
  )

  it.effect("is one throttle where it is built once, and two where it is built twice", () =>
    Effect.gen(function* () {
      const atOnce = (
        calls: (http: Layer.Layer<HttpClient.HttpClient>) => Effect.Effect<unknown, HttpClientError.HttpClientError>
      ) => {
        const { client, seen } = observed()
        const server = Layer.succeed(HttpClient.HttpClient, client([]))
        return Effect.gen(function* () {
          const fiber = yield* Effect.fork(calls(Layer.provide(Throttle.layer({ concurrent: 1 }), server)))
          yield* TestClock.adjust("2 seconds")
          yield* Fiber.join(fiber)
          return seen.mostAtOnce
        })
      }
      const get = HttpClient.get("http://localhost/0")
      const both = <E>(self: Effect.Effect<unknown, E>) => Effect.zip(self, self, { concurrent: true })
      const together = Effect.zip(get, get, { concurrent: true })
      assert.strictEqual(yield* atOnce((http) => Effect.provide(together, http)), 1)
      assert.strictEqual(yield* atOnce((http) => both(Effect.provide(get, http))), 2)
    })
  )

  it.effect.each<[Throttle.Limits, string]>([
    [{ concurrent: 0 }, "Throttle.layer: concurrent has to be 1 or more, not 0"],
    [{ concurrent: 0.5 }, "Throttle.layer: concurrent has to be 1 or more, not 0.5"],
    [{ concurrent: NaN }, "Throttle.layer: concurrent has to be 1 or more, not NaN"],
    [{ perSecond: 0 }, "Throttle.layer: perSecond has to be more than 0, not 0"],
    [{ perSecond: -1 }, "Throttle.layer: perSecond has to be more than 0, not -1"],
    [{ perSecond: NaN }, "Throttle.layer: perSecond has to be more than 0, not NaN"]
  ])("refuses a limit that lets nothing through, as a defect: %o", ([limits, message]) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(run(limits, []))
      expect(Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined).toEqual(new RangeError(message))
    })
  )
})

describe("a call that a throttle holds back", () => {
  const throttled = (limits: Throttle.Limits) => Layer.provideMerge(Throttle.layer(limits), FakeBigin.layer)
  const sent = Effect.flatMap(FakeBigin.FakeBigin, (fake) => Effect.map(fake.requests, (requests) => requests.length))
  const list = Attachments.listAttachments(Fixtures.record)

  it.effect("does not time out while it waits, and then has all of its time", () =>
    Effect.gen(function* () {
      yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.delay("4 seconds"), times: 2 })
      const fiber = yield* Effect.fork(
        Effect.all([Stream.runDrain(list), deleteAttachment(Fixtures.attachment)], { concurrency: 2 })
      )
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(yield* sent, 1)
      assert.strictEqual(yield* Fiber.poll(fiber).pipe(Effect.map(({ _tag }) => _tag)), "None")
      yield* TestClock.adjust("5 seconds")
      const [, deleted] = yield* Fiber.join(fiber)
      assert.deepStrictEqual(deleted, Fixtures.attachment)
    }).pipe(
      Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5)),
      Effect.provide(throttled({ perSecond: 1 / 60 }))
    )
  )

  it.effect("times out after it was sent, like every other call", () =>
    Effect.gen(function* () {
      const after = Duration.seconds(5)
      yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.delay(Duration.infinity), times: 2 })
      const first = yield* Effect.fork(Effect.flip(deleteAttachment(Fixtures.attachment)))
      const second = yield* Effect.fork(
        Effect.zip(Effect.flip(deleteAttachment(Fixtures.attachment)), Clock.currentTimeMillis)
      )
      yield* TestClock.adjust("10 seconds")
      const timedOut = new Errors.RequestTimedOut({ ref: Fixtures.attachment, after })
      expect(yield* Fiber.join(first)).toEqual(timedOut)
      expect(yield* Fiber.join(second)).toEqual([timedOut, 10_000])
    }).pipe(
      Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5)),
      Effect.provide(throttled({ concurrent: 1 }))
    )
  )

  it.effect("has sent nothing when it is interrupted", () =>
    Effect.gen(function* () {
      yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.delay("10 seconds") })
      const first = yield* Effect.fork(deleteAttachment(Fixtures.attachment))
      yield* Effect.yieldNow()
      const second = yield* Effect.fork(Effect.timeoutOption(deleteAttachment(Fixtures.attachment), "2 seconds"))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(first)
      assert.isTrue(Option.isNone(yield* Fiber.join(second)))
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(throttled({ concurrent: 1 })))
  )

  it.effect("is timed through whatever is wrapped around the throttle", () =>
    Effect.gen(function* () {
      const client = (yield* HttpClient.HttpClient).pipe(
        HttpClient.mapRequest((request) => request),
        HttpClient.transformResponse(Effect.map((response) => response))
      )
      const all = Effect.all([Stream.runDrain(list), Stream.runDrain(list)], { concurrency: 2 })
      const fiber = yield* Effect.fork(Effect.provideService(all, HttpClient.HttpClient, client))
      yield* TestClock.adjust("60 seconds")
      yield* Fiber.join(fiber)
    }).pipe(Effect.provide(throttled({ perSecond: 1 / 60 })))
  )

  it.effect("mints in the same line, and does not give up while it waits", () =>
    Effect.gen(function* () {
      const other = yield* Effect.fork(HttpClient.get("https://www.zohoapis.com/other"))
      const fiber = yield* Effect.fork(deleteAttachment(Fixtures.attachment))
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(yield* sent, 1)
      yield* TestClock.adjust("61 seconds")
      yield* Fiber.join(other)
      yield* Fiber.join(fiber)
      const urls = Effect.map((yield* FakeBigin.FakeBigin).requests, (requests) => requests.map(({ url }) => url))
      assert.deepStrictEqual((yield* urls).slice(1), [
        "/oauth/v2/token",
        "/bigin/v1/Contacts/2883756000000261075/Attachments/2883756000000261017"
      ])
    }).pipe(
      Effect.provide(
        BiginAuth.layerRefreshToken({
          clientId: Fixtures.client.clientId,
          clientSecret: Redacted.make(Fixtures.client.clientSecret),
          refreshToken: Redacted.make(Fixtures.client.refreshToken)
        }).pipe(Layer.provideMerge(throttled({ perSecond: 1 / 60 })))
      )
    )
  )
})

describe("a throttle over TCP", () => {
  it.effect("lets as many reach the server as it may, and no more", () =>
    Effect.gen(function* () {
      let atOnce = 0
      let mostAtOnce = 0
      const twoAreHere = yield* Effect.makeLatch()
      const go = yield* Effect.makeLatch()
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({
        when: ({ method }) => method === "GET",
        fault: (bigin) =>
          Effect.gen(function* () {
            atOnce += 1
            mostAtOnce = Math.max(mostAtOnce, atOnce)
            if (atOnce === 2) yield* twoAreHere.open
            yield* go.await
            const reply = yield* bigin
            atOnce -= 1
            return { _tag: "Whole", reply }
          }),
        times: 10
      })
      const list = Stream.runDrain(Attachments.listAttachments(Fixtures.record))
      const lists = yield* Effect.fork(Effect.replicateEffect(list, 10, { concurrency: "unbounded", discard: true }))
      yield* twoAreHere.await
      // there and back beside the throttle: a third that had been let through would have come before it
      yield* Effect.provide(deleteAttachment(Fixtures.attachment), FetchHttpClient.layer)
      yield* go.open
      yield* Fiber.join(lists)
      assert.strictEqual(mostAtOnce, 2)
      assert.lengthOf(yield* fake.requests, 11)
    }).pipe(Effect.provide(overTcp(Layer.provide(Throttle.layer({ concurrent: 2 }), FetchHttpClient.layer))))
  )
})
