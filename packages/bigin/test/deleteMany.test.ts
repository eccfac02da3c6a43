import { assert, describe, expect, it } from "@effect/vitest"
import { HttpClient, HttpClientResponse } from "@effect/platform"
import {
  Cause,
  Chunk,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Logger,
  Queue,
  Schedule,
  Schema,
  Stream,
  Struct,
  type Take,
  TestClock
} from "effect"
import { Attachments, BiginConfig, DeleteReport, type Ids, Retry } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import {
  deletes,
  ended,
  holding,
  inject,
  left,
  lists,
  makeBook,
  methods,
  idOf,
  record,
  refsOf,
  run,
  said,
  says,
  tally
} from "./collection.ts"

describe("deleteMany", () => {
  it.effect("reports each attachment once", () =>
    Effect.gen(function* () {
      const refs = [...refsOf(1, 30), ...refsOf(2, 20)]
      const reports = yield* run(Stream.fromIterable(refs))
      assert.deepStrictEqual(tally(reports), { "Deleted by Success": 50 })
      assert.sameDeepMembers(
        reports.map(({ item }) => item),
        refs
      )
      assert.deepStrictEqual([yield* left(1), yield* left(2)], [[], []])
      assert.lengthOf(yield* methods, 50)
    }).pipe(Effect.provide(holding(30, 20)))
  )

  it.effect("reports nothing of nothing", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* run(Stream.empty), [])
    }).pipe(Effect.provide(holding()))
  )

  it.effect("gives with each report the very item, and of a malformed one no ref, and sends nothing for that", () =>
    Effect.gen(function* () {
      const malformed = { module: "Contacts", recordId: "1/2", attachmentId: 7n, row: 1 }
      const good = { module: "Contacts", recordId: 1n, attachmentId: 1n, row: 2 }
      const reports = yield* run(Stream.make(malformed, good), { concurrency: 1 })
      assert.strictEqual(reports[0]?.item, malformed)
      assert.strictEqual(reports[1]?.item, good)
      expect(reports[0]).toMatchObject({ attempts: 0, error: { _tag: "InvalidInput", field: "recordId" } })
      assert.notProperty(reports[0], "ref")
      expect(reports[1]).toMatchObject({ attempts: 1, outcome: "Deleted", ref: refsOf(1, 1)[0] })
      assert.lengthOf(yield* methods, 1)
    }).pipe(Effect.provide(holding(1)))
  )

  it.effect("says InvalidInput of a malformed item also after the collection has stopped", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")) })
      // what a number makes of the id 2883756000000261017
      const rounded = { ...record(1), attachmentId: 2883756000000261000 as unknown as bigint } // callers without types
      const { reports } = yield* ended(Stream.make(...refsOf(1, 1), rounded), { concurrency: 1 })
      assert.deepStrictEqual(reports.map(said), ["OAuthScopeMismatch", "InvalidInput"])
    }).pipe(Effect.provide(holding(1)))
  )

  it.effect("reports data that goes through its schema and JSON and comes back equal", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.loseAnswer, when: deletes })
      yield* inject({ fault: says(Fixtures.documented("NoPermission")), when: deletes })
      const reports = yield* run(Stream.make(...refsOf(1, 4), { ...record(9), attachmentId: "0" }))
      const schema = Schema.parseJson(
        Schema.Array(
          DeleteReport.schema(
            Schema.Struct({ module: Schema.String, recordId: Schema.String, attachmentId: Schema.String })
          )
        )
      )
      const json = yield* Schema.encode(schema)(reports)
      expect(yield* Schema.decodeUnknown(schema)(json)).toEqual(reports)
      assert.lengthOf(reports, 5)
      // without the items, which may be kept elsewhere
      const outcomes = Schema.parseJson(Schema.Array(DeleteReport.Outcome))
      expect(yield* Schema.decodeUnknown(outcomes)(json)).toEqual(reports.map(Struct.omit("item")))
    }).pipe(Effect.provide(holding(4)))
  )

  it.effect("tells how long each took, waiting included", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.delay("2 seconds"), when: deletes, times: 2 })
      const [first, second] = yield* run(Stream.fromIterable(refsOf(1, 2)), { concurrency: 1 })
      assert.deepStrictEqual(first?.duration, Duration.seconds(2))
      assert.deepStrictEqual(second?.duration, Duration.seconds(2))
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("proves as ensureDeleted does: each end of one is an end of many", () =>
    Effect.gen(function* () {
      const end = (fault: FakeBigin.Fault, id: string) =>
        inject({ fault, when: ({ method, url }) => method === "DELETE" && url.endsWith(`/${id}`), times: 9 })
      yield* end(FakeBigin.truncate, "1")
      yield* end(says(Fixtures.documented("NoPermission")), "2")
      yield* end(says(Fixtures.html(503, "down")), "3")
      yield* inject({ fault: FakeBigin.loseAnswer, when: ({ url }) => url.endsWith("/4") })
      const reports = yield* run(Stream.fromIterable(refsOf(1, 5)), { schedule: Retry.schedule({ times: 2 }) })
      assert.deepStrictEqual(Object.fromEntries(reports.map((report) => [idOf(report), said(report)])), {
        1: "AlreadyGone by List",
        2: "NoPermission",
        3: "OutcomeUnknown",
        4: "AlreadyGone by Refusal",
        5: "Deleted by Success"
      })
      assert.deepStrictEqual(yield* left(1), ["2", "3"])
    }).pipe(Effect.provide(holding(5)))
  )
})

describe("the concurrency of deleteMany", () => {
  const underWay = (concurrency: number | "adaptive", count: number) =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.delay("1 second"), times: count })
      const fiber = yield* Effect.fork(
        Stream.runDrain(Attachments.deleteMany(Stream.fromIterable(refsOf(1, count)), { concurrency }))
      )
      yield* TestClock.adjust("100 millis")
      const counted = (yield* methods).length
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      return counted
    }).pipe(Effect.provide(holding(count)))

  it.effect("is as many calls at once as are given", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* underWay(1, 5), 1)
      assert.strictEqual(yield* underWay(7, 30), 7)
      assert.strictEqual(yield* underWay(100, 30), 30)
    })
  )

  it.effect("is 1 for what is no number of calls", () =>
    Effect.gen(function* () {
      for (const none of [0, -3, Number.NaN]) assert.strictEqual(yield* underWay(none, 3), 1)
    })
  )

  it.effect(
    "is 100 at most",
    () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* underWay(1000, 120), 100)
        assert.strictEqual(yield* underWay(Infinity, 120), 100)
      }),
    60_000
  )

  it.effect("begins with 5 where Bigin is to say", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* underWay("adaptive", 30), 5)
    })
  )
})

describe("a 429", () => {
  it.effect("pauses all, once, for as long as Bigin says", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const times: Array<number> = []
      const timed: FakeBigin.Fault = (bigin) =>
        Effect.flatMap(Effect.clock, (clock) => {
          times.push(clock.unsafeCurrentTimeMillis())
          return FakeBigin.delay("10 millis")(bigin)
        })
      yield* fake.inject({ fault: timed, times: 4 })
      yield* fake.inject({ fault: says(Fixtures.rateLimited(60)) })
      yield* fake.inject({ fault: timed, times: 100 })
      const reports = yield* run(Stream.fromIterable(refsOf(1, 20)), { concurrency: 5 })
      assert.deepStrictEqual(tally(reports), { "Deleted by Success": 20 })
      assert.deepStrictEqual(times.slice(0, 4), [0, 0, 0, 0])
      // the four that were under way are answered; whatever begins later begins after the pause
      assert.isTrue(times.slice(4).every((time) => time >= 60_000))
      assert.lengthOf(yield* methods, 21)
    }).pipe(Effect.provide(holding(20)))
  )

  it.effect("that comes together with another pauses all for the longer of the two", () =>
    Effect.gen(function* () {
      const refusedFor = (seconds: number, id: string) =>
        inject({
          fault: (bigin) => Effect.delay(says(Fixtures.rateLimited(seconds))(bigin), "1 second"),
          when: ({ url }) => url.endsWith(`/${id}`)
        })
      yield* refusedFor(60, "1")
      yield* refusedFor(10, "2")
      const refs = Stream.fromIterable(refsOf(1, 4))
      const fiber = yield* Effect.fork(Stream.runCollect(Attachments.deleteMany(refs, { concurrency: 2 })))
      yield* TestClock.adjust("60 seconds")
      assert.lengthOf(yield* methods, 2)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(tally([...(yield* Fiber.join(fiber))]), { "Deleted by Success": 4 })
    }).pipe(Effect.provide(holding(4)))
  )

  it.effect("is reported where its wait is longer than the schedule allows, and the others go on", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.rateLimited(3600)) })
      const reports = yield* run(Stream.fromIterable(refsOf(1, 20)), { concurrency: 5 })
      assert.deepStrictEqual(tally(reports), { RateLimited: 1, "Deleted by Success": 19 })
    }).pipe(Effect.provide(holding(20)))
  )

  it.effect("is reported for each where there never is anything else, and ends", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.rateLimited()), times: 1000 })
      const schedule = Retry.schedule({ times: 2 })
      const reports = yield* run(Stream.fromIterable(refsOf(1, 12)), { schedule })
      assert.deepStrictEqual(tally(reports), { RateLimited: 12 })
      assert.lengthOf(yield* methods, 36)
    }).pipe(Effect.provide(holding(12)))
  )

  it.effect("of a list pauses all as well", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.truncate, when: deletes })
      yield* inject({ fault: says(Fixtures.rateLimited(60)), when: lists })
      const later = Effect.as(Effect.sleep("5 seconds"), { ...record(1), attachmentId: "2" })
      const refs = Stream.concat(Stream.fromIterable(refsOf(1, 1)), Stream.fromEffect(later))
      const fiber = yield* Effect.fork(Stream.runCollect(Attachments.deleteMany(refs)))
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* methods, ["DELETE", "GET"])
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(yield* Fiber.join(fiber), 2)
    }).pipe(Effect.provide(holding(3)))
  )
})

describe("doubts of one record", () => {
  const refused = says(Fixtures.documented("InvalidData", { details: { resource_path_index: 3 } }))

  it.effect("are settled by one reading", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.truncate, when: deletes, times: 300 })
      const reports = yield* run(Stream.fromIterable(refsOf(1, 300)))
      assert.deepStrictEqual(tally(reports), { "AlreadyGone by EmptyList": 300 })
      assert.isAtMost((yield* methods).filter((method) => method === "GET").length, 2)
    }).pipe(Effect.provide(holding(300)))
  )

  it.effect("are settled each by what the reading says of it", () =>
    Effect.gen(function* () {
      yield* inject({ fault: refused, when: ({ url }) => url.endsWith("/2") })
      const reports = yield* run(Stream.fromIterable([...refsOf(1, 2), { ...record(1), attachmentId: "9" }]))
      assert.deepStrictEqual(Object.fromEntries(reports.map((report) => [idOf(report), said(report)])), {
        1: "Deleted by Success",
        2: "InvalidData",
        9: "AlreadyGone by Refusal"
      })
      assert.lengthOf(
        (yield* methods).filter((method) => method === "GET"),
        1
      )
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("know what was seen before a page of the list was refused", () =>
    Effect.gen(function* () {
      // nothing is deleted, and no answer says so
      yield* inject({ fault: says(Fixtures.undocumented.UnconfirmedSuccess), when: deletes, times: 2 })
      const isSecondPage = ({ url }: FakeBigin.WireRequest) => /[?&]page=2/.test(url)
      yield* inject({ fault: says(Fixtures.documented("NoPermission")), when: isSecondPage })
      const refs = ["5", "250"].map((attachmentId) => ({ ...record(1), attachmentId }))
      const reports = yield* run(Stream.fromIterable(refs), { schedule: Schedule.stop })
      expect(reports.map((report) => [idOf(report), "error" in report && report.error])).toMatchObject([
        ["5", { _tag: "OutcomeUnknown", list: "present" }],
        ["250", { _tag: "OutcomeUnknown", list: { _tag: "NoPermission" } }]
      ])
    }).pipe(Effect.provide(holding(300)))
  )

  it.effect("wait while a DELETE of ours is under way on it, and a DELETE waits while it is read", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* inject({ fault: FakeBigin.truncate, when: ({ url }) => url.endsWith("/1") })
      yield* inject({ fault: FakeBigin.delay("10 seconds"), when: ({ url }) => url.endsWith("/2") })
      yield* inject({ fault: FakeBigin.delay("10 seconds"), when: lists })
      const refs = Stream.concat(
        Stream.fromIterable(refsOf(1, 2)),
        Stream.fromEffect(Effect.as(Effect.sleep("15 seconds"), { ...record(1), attachmentId: "3" }))
      )
      const fiber = yield* Effect.fork(Stream.runCollect(Attachments.deleteMany(refs, { concurrency: 3 })))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* methods, ["DELETE", "DELETE"])
      yield* TestClock.adjust("8 seconds")
      assert.deepStrictEqual(yield* methods, ["DELETE", "DELETE", "GET"])
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* methods, ["DELETE", "DELETE", "GET"])
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* methods, ["DELETE", "DELETE", "GET", "DELETE"])
      assert.lengthOf(yield* Fiber.join(fiber), 3)
      assert.isTrue((yield* fake.requests).every(({ fate }) => fate === "Answered"))
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("hold back a DELETE until the list was read and no longer, also where the source has ended", () =>
    Effect.gen(function* () {
      yield* inject({ fault: refused, when: ({ url }) => url.endsWith("1/Attachments/1") })
      yield* inject({ fault: FakeBigin.delay("2 seconds"), when: lists })
      yield* inject({ fault: FakeBigin.delay("20 seconds"), when: ({ url }) => url.endsWith("2/Attachments/1") })
      const refs = Stream.concat(
        Stream.make(...refsOf(1, 1), ...refsOf(2, 1)),
        Stream.fromEffect(Effect.as(Effect.sleep("1500 millis"), { ...record(1), attachmentId: "2" }))
      )
      const fiber = yield* Effect.fork(Stream.runCollect(Attachments.deleteMany(refs, { concurrency: 3 })))
      yield* TestClock.adjust("2 seconds")
      const whileRead = yield* methods
      yield* TestClock.adjust("8 seconds")
      const afterwards = yield* methods
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(yield* Fiber.join(fiber), 3)
      assert.deepStrictEqual(whileRead, ["DELETE", "DELETE", "GET"])
      assert.deepStrictEqual(afterwards, ["DELETE", "DELETE", "GET", "DELETE"])
    }).pipe(Effect.provide(holding(2, 1)))
  )

  it.effect(
    "are many and no more than a thousand",
    () =>
      Effect.gen(function* () {
        // never answered, so that its record is never quiet
        yield* inject({ fault: FakeBigin.delay(Duration.infinity), when: ({ url }) => url.endsWith("/1") })
        const absent = Stream.map(Stream.range(2, 1300), (id) => ({ ...record(1), attachmentId: String(id) }))
        const fiber = yield* Stream.make(...refsOf(1, 1)).pipe(
          Stream.concat(absent),
          (refs) => Attachments.deleteMany(refs, { concurrency: 25 }),
          Stream.runCollect,
          Effect.provideService(BiginConfig.AttemptTimeout, Duration.hours(1)),
          Effect.fork
        )
        yield* TestClock.adjust("1 minute")
        assert.isAtMost((yield* methods).length, 1001)
        yield* TestClock.adjust("1 hour")
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(tally([...(yield* Fiber.join(fiber))]), {
          "Deleted by Success": 1,
          "AlreadyGone by Refusal": 1299
        })
        assert.isAtMost((yield* methods).filter((method) => method === "GET").length, 20)
      }).pipe(Effect.provide(holding(1))),
    60_000
  )
})

describe("an early stop", () => {
  const stops = (fault: FakeBigin.Fault, options: Attachments.DeleteManyOptions = {}) =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.garble((reply) => reply), times: 10 })
      yield* inject({ fault, times: 1000 })
      let pulled = 0
      const refs = Stream.fromIterable(refsOf(1, 100)).pipe(
        Stream.tap(() => Effect.sync(() => (pulled += 1))),
        Stream.rechunk(30)
      )
      const { reports, stop } = yield* ended(refs, { concurrency: 2, ...options })
      assert.lengthOf(reports, pulled)
      assert.lengthOf(yield* left(1), 90)
      return { counts: tally(reports), sent: (yield* methods).length, pulled, reports, stop }
    }).pipe(Effect.provide(holding(100)))

  const refusals = [
    ["OAuthScopeMismatch", says(Fixtures.documented("OAuthScopeMismatch"))],
    ["InvalidToken", says(Fixtures.undocumented.InvalidToken)]
  ] as const

  it.effect.each(refusals)(
    "follows %s: nothing more is pulled or sent, and what was pulled is accounted for",
    ([tag, fault]) =>
      Effect.gen(function* () {
        const { counts, pulled, reports, sent, stop } = yield* stops(fault)
        assert.isAtMost(counts[tag] ?? 0, 2)
        assert.isAtLeast(counts[tag] ?? 0, 1)
        assert.strictEqual(sent, 10 + (counts[tag] ?? 0))
        assert.strictEqual(pulled, 30)
        assert.strictEqual(counts["NotAttempted"], 30 - sent)
        const untouched = reports.flatMap((report) =>
          "error" in report && report.error._tag === "NotAttempted" ? [report.error.stoppedBy] : []
        )
        assert.deepStrictEqual([...new Set(untouched)], [tag])
        assert.strictEqual(stop?.stoppedBy, tag)
        assert.strictEqual(stop?.error?._tag, tag)
        expect(stop?.summary).toEqual({
          total: 30,
          outcomes: { Deleted: 10, AlreadyGone: 0 },
          failed: { [tag]: counts[tag], NotAttempted: counts["NotAttempted"] }
        })
      })
  )

  it.effect("does not follow what concerns one record or attachment", () =>
    Effect.gen(function* () {
      const { counts, stop } = yield* stops(says(Fixtures.documented("NoPermission")))
      assert.deepStrictEqual(counts, { "Deleted by Success": 10, NoPermission: 90 })
      assert.isUndefined(stop)
    })
  )

  it.effect("follows what the caller says, and nothing where it says so", () =>
    Effect.gen(function* () {
      const asked = yield* stops(says(Fixtures.documented("NoPermission")), {
        stopOn: ({ _tag }) => _tag === "NoPermission"
      })
      assert.strictEqual(asked.pulled, 30)
      assert.strictEqual(asked.stop?.stoppedBy, "NoPermission")
      const never = yield* stops(says(Fixtures.documented("OAuthScopeMismatch")), { stopOn: () => false })
      assert.deepStrictEqual(never.counts, { "Deleted by Success": 10, OAuthScopeMismatch: 90 })
    })
  )

  it.effect("follows a doubt whose last failure is one to stop on", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.badGateway, when: deletes })
      yield* inject({ fault: says(Fixtures.undocumented.InvalidToken), times: 1000 })
      const { reports, stop } = yield* ended(Stream.fromIterable(refsOf(1, 40)), { concurrency: 1 })
      assert.deepStrictEqual(tally(reports), { OutcomeUnknown: 1, NotAttempted: 39 })
      assert.strictEqual(stop?.stoppedBy, "InvalidToken")
    }).pipe(Effect.provide(holding(40)))
  )

  it.effect("follows the refusal of a list as soon as it is known: a token that may delete and not read", () =>
    Effect.gen(function* () {
      const slowAndCut: FakeBigin.Fault = (bigin) => Effect.delay(FakeBigin.truncate(bigin), "200 millis")
      yield* inject({ fault: slowAndCut, when: deletes, times: 1000 })
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")), when: lists, times: 1000 })
      const { reports, stop } = yield* ended(Stream.fromIterable(refsOf(1, 1000)).pipe(Stream.rechunk(1)))
      assert.strictEqual(stop?.stoppedBy, "OAuthScopeMismatch")
      const counts = tally(reports)
      assert.deepStrictEqual(Object.keys(counts).toSorted(), ["NotAttempted", "OutcomeUnknown"])
      assert.isBelow(counts["OutcomeUnknown"] ?? 0, 100)
      const sent = yield* methods
      assert.lengthOf(
        sent.filter((method) => method === "GET"),
        1
      )
      assert.lengthOf(sent, 1 + (counts["OutcomeUnknown"] ?? 0))
    }).pipe(Effect.provide(holding(1000)))
  )

  it.effect("follows the refusal of a later page of a list, also where the first has settled a doubt", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.undocumented.UnconfirmedSuccess), when: deletes, times: 2 })
      const isSecondPage = ({ url }: FakeBigin.WireRequest) => /[?&]page=2/.test(url)
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")), when: isSecondPage })
      const refs = ["5", "250"].map((attachmentId) => ({ ...record(1), attachmentId }))
      const { reports, stop } = yield* ended(Stream.fromIterable(refs), { schedule: Schedule.stop })
      assert.deepStrictEqual(tally(reports), { OutcomeUnknown: 2 })
      assert.strictEqual(stop?.stoppedBy, "OAuthScopeMismatch")
    }).pipe(Effect.provide(holding(300)))
  )

  it.effect("is told also where nothing is left to be done", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")), when: ({ url }) => url.endsWith("/2") })
      const { reports, stop } = yield* ended(Stream.fromIterable(refsOf(1, 2)), { concurrency: 1 })
      assert.deepStrictEqual(tally(reports), { "Deleted by Success": 1, OAuthScopeMismatch: 1 })
      assert.strictEqual(stop?.stoppedBy, "OAuthScopeMismatch")
      assert.include(stop?.message, "ended early after 2 reports, 1 of them gone")
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("comes out also where the source fails in the pull that is under way then, which is logged", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")) })
      const logged: Array<unknown> = []
      const logger = Logger.make(({ cause }) => void logged.push(...Cause.failures(cause)))
      const refs = Stream.concat(
        Stream.fromIterable(refsOf(1, 1)),
        Stream.fromEffect(Effect.uninterruptible(Effect.delay(Effect.fail("the database is gone"), "1 minute")))
      )
      const fiber = yield* Attachments.deleteMany(refs).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        Effect.fork
      )
      yield* TestClock.adjust("1 hour")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "CollectionStopped", stoppedBy: "OAuthScopeMismatch" })
      assert.deepStrictEqual(logged, ["the database is gone"])
    }).pipe(Effect.provide(holding(1)))
  )

  it.effect("reports what a pull that is under way then brings, since it may have claimed it", () =>
    Effect.gen(function* () {
      yield* inject({
        fault: (bigin) => Effect.delay(says(Fixtures.documented("OAuthScopeMismatch"))(bigin), "1 second"),
        when: ({ url }) => url.endsWith("/1")
      })
      yield* inject({ fault: FakeBigin.delay("20 seconds"), when: ({ url }) => url.endsWith("/2") })
      const claimed: Array<string> = []
      const refs = Stream.fromIterable(refsOf(1, 9)).pipe(
        Stream.mapEffect((ref) =>
          Effect.sync(() => {
            claimed.push(ref.attachmentId)
            return ref
          }).pipe(Effect.delay(ref.attachmentId === "3" ? "10 seconds" : "0 seconds"))
        )
      )
      const { reports } = yield* ended(refs, { concurrency: 3 })
      assert.deepStrictEqual(
        reports.map((report) => `${idOf(report)}: ${said(report)}`),
        ["1: OAuthScopeMismatch", "2: Deleted by Success", "3: NotAttempted"]
      )
      assert.deepStrictEqual(claimed, ["1", "2", "3"])
    }).pipe(Effect.provide(holding(9)))
  )

  it.effect("reports also what a claim then brings that cannot be interrupted and is never seen to wait", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")) })
      const claimed = Effect.as(Effect.repeatN(Effect.yieldNow(), 500), { ...record(1), attachmentId: "2" })
      const refs = Stream.concat(Stream.make(...refsOf(1, 1)), Stream.fromEffect(Effect.uninterruptible(claimed)))
      const { reports } = yield* ended(refs, { concurrency: 2 })
      assert.deepStrictEqual(
        reports.map((report) => `${idOf(report)}: ${said(report)}`),
        ["1: OAuthScopeMismatch", "2: NotAttempted"]
      )
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("gives no place to what it has left unsent, but to what is asked for again after a pause", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.rateLimited(5)), when: ({ url }) => url.endsWith("/1") })
      yield* inject({
        fault: (bigin) => Effect.delay(says(Fixtures.documented("OAuthScopeMismatch"))(bigin), "1 second"),
        when: ({ url }) => url.endsWith("/2")
      })
      yield* inject({ fault: FakeBigin.delay("2 seconds"), times: 3 })
      const { book, onReport } = makeBook()
      yield* Effect.fork(Stream.runDrain(Attachments.deleteMany(Stream.fromIterable(refsOf(1, 20)), { onReport })))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(tally(book), { OAuthScopeMismatch: 1, "Deleted by Success": 4, NotAttempted: 15 })
    }).pipe(Effect.provide(holding(20)))
  )

  const whileCreditsRunOut = (keepCredits: number | undefined, first: number) =>
    Effect.gen(function* () {
      let credits = first
      const counting = FakeBigin.garble((reply) => {
        credits -= 1
        return { ...reply, headers: { ...reply.headers, "x-api-credits-remaining": String(credits) } }
      })
      yield* inject({ fault: counting, times: 1000 })
      return yield* ended(Stream.fromIterable(refsOf(1, 20)), { concurrency: 1, keepCredits })
    }).pipe(Effect.provide(holding(20)))

  it.effect("follows API credits that are about to run out", () =>
    Effect.gen(function* () {
      const { reports, stop } = yield* whileCreditsRunOut(50, 53)
      assert.deepStrictEqual(tally(reports), { "Deleted by Success": 3, NotAttempted: 17 })
      assert.deepStrictEqual(
        reports.slice(0, 4).map(({ creditsRemaining }) => creditsRemaining),
        [52, 51, 50, 50]
      )
      assert.strictEqual(stop?.stoppedBy, "ApiCredits")
      assert.notProperty(stop, "error")
      expect(reports.at(-1)).toMatchObject({ attempts: 0, error: { stoppedBy: "ApiCredits" } })
    })
  )

  it.effect.each([undefined, Number.NaN])("follows the last API credit where to keep %s", (keepCredits) =>
    Effect.gen(function* () {
      const { reports } = yield* whileCreditsRunOut(keepCredits, 3)
      assert.deepStrictEqual(tally(reports), { "Deleted by Success": 3, NotAttempted: 17 })
    })
  )
})

describe("the source of refs", () => {
  it.effect("may fail: what it gave is reported first, then the failure is raised", () =>
    Effect.gen(function* () {
      const reports: Array<DeleteReport.Outcome> = []
      yield* inject({ fault: FakeBigin.delay("5 seconds"), times: 3 })
      const refs = Stream.concat(Stream.fromIterable(refsOf(1, 3)), Stream.fail("the database is gone" as const))
      const fiber = yield* Attachments.deleteMany(refs).pipe(
        Stream.runForEach((report) => Effect.sync(() => reports.push(report))),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(fiber), "the database is gone")
      assert.deepStrictEqual(tally(reports), { "Deleted by Success": 3 })
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("may die: so does the collection, after what it gave", () =>
    Effect.gen(function* () {
      const refs = Stream.concat(Stream.fromIterable(refsOf(1, 3)), Stream.die("a bug"))
      const exit = yield* Effect.exit(run(refs))
      assert.deepStrictEqual([...Exit.match(exit, { onFailure: Cause.defects, onSuccess: Chunk.empty })], ["a bug"])
      assert.deepStrictEqual(yield* left(1), [])
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("may interrupt itself: so does the collection, after what it gave", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      const refs = Stream.concat(Stream.fromIterable(refsOf(1, 3)), Stream.fromEffect(Effect.interrupt))
      const exit = yield* Effect.exit(run(refs, { onReport }))
      assert.isTrue(Exit.isInterrupted(exit))
      assert.deepStrictEqual(tally(book), { "Deleted by Success": 3 })
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("is pulled no further than there is work for it", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.delay("1 second"), times: 1000 })
      let pulled = 0
      const refs = Stream.fromIterable(refsOf(1, 100)).pipe(Stream.tap(() => Effect.sync(() => (pulled += 1))))
      const fiber = yield* Effect.fork(Stream.runDrain(Attachments.deleteMany(refs, { concurrency: 4 })))
      yield* TestClock.adjust("100 millis")
      assert.isAtMost(pulled, 5)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.strictEqual(pulled, 100)
    }).pipe(Effect.provide(holding(100)))
  )
})

describe("interruption", () => {
  /** Each ref that was pulled, and each report that onReport was given. */
  const account = () => {
    const pulled: Array<string> = []
    const reported: Array<DeleteReport.Outcome> = []
    return {
      pulled,
      reported,
      source: (refs: ReadonlyArray<Ids.AttachmentRef>) =>
        Stream.fromIterable(refs).pipe(
          Stream.tap(({ attachmentId }) => Effect.sync(() => pulled.push(attachmentId))),
          Stream.rechunk(10)
        ),
      onReport: (report: DeleteReport.Outcome) =>
        // it takes its time, and has it
        Effect.zipRight(
          Effect.yieldNow(),
          Effect.sync(() => reported.push(report))
        )
    }
  }

  const accounted = ({ pulled, reported }: ReturnType<typeof account>) => assert.sameMembers(reported.map(idOf), pulled)

  it.effect("sends nothing more, waits for what is under way and accounts for all that was pulled", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.delay("10 seconds"), times: 1000 })
      const book = account()
      const fiber = yield* Effect.fork(
        Stream.runDrain(Attachments.deleteMany(book.source(refsOf(1, 50)), { concurrency: 4, onReport: book.onReport }))
      )
      yield* TestClock.adjust("15 seconds")
      const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* methods, 8)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(interruption)
      accounted(book)
      assert.deepStrictEqual(tally(book.reported), { "Deleted by Success": 8, NotAttempted: 2 })
      assert.lengthOf(yield* methods, 8)
      assert.lengthOf(yield* left(1), 42)
    }).pipe(Effect.provide(holding(50)))
  )

  it.effect("ends the waits: what is known by then is what is said", () =>
    Effect.gen(function* () {
      const end = (fault: FakeBigin.Fault, id: string) =>
        inject({ fault, when: ({ method, url }) => method === "DELETE" && url.endsWith(`/${id}`), times: 9 })
      yield* end(says(Fixtures.html(503, "down")), "1")
      yield* end(says(Fixtures.rateLimited(60)), "2")
      yield* end(FakeBigin.truncate, "3")
      yield* inject({ fault: FakeBigin.delay(Duration.infinity), when: lists, times: 9 })
      const book = account()
      const fiber = yield* Effect.fork(
        Stream.runDrain(Attachments.deleteMany(book.source(refsOf(1, 30)), { concurrency: 3, onReport: book.onReport }))
      )
      yield* TestClock.adjust("10 millis")
      yield* Fiber.interrupt(fiber)
      accounted(book)
      const counts = tally(book.reported)
      assert.strictEqual(counts["OutcomeUnknown"], 2)
      assert.strictEqual(counts["RateLimited"], 1)
    }).pipe(Effect.provide(holding(30)))
  )

  it.effect("is also what cuts the Stream short: take emits no more, and onReport still hears of all", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.delay("1 second"), times: 1000 })
      const book = account()
      const fiber = yield* Attachments.deleteMany(book.source(refsOf(1, 50)), {
        concurrency: 4,
        onReport: book.onReport
      }).pipe(Stream.take(5), Stream.runCollect, Effect.fork)
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(yield* Fiber.join(fiber), 5)
      accounted(book)
      assert.isAtMost(book.reported.filter((report) => !("error" in report)).length, 12)
    }).pipe(Effect.provide(holding(50)))
  )

  it.effect("ends a source that never gives", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<void>()
      const refs = Stream.never.pipe(Stream.ensuring(Deferred.succeed(ended, undefined)))
      const fiber = yield* Effect.fork(Stream.runDrain(Attachments.deleteMany(refs)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(ended)
    }).pipe(Effect.provide(holding()))
  )

  it.effect("follows a defect of onReport, which the Stream dies of", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        run(Stream.fromIterable(refsOf(1, 50)), { onReport: () => Effect.die("the ledger is full") })
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      assert.isAtLeast((yield* left(1)).length, 35)
    }).pipe(Effect.provide(holding(50)))
  )
})

describe("the adaptive limit", () => {
  it.effect(
    "meets a limit of Bigin's from below, takes one 429, and stays there",
    () =>
      Effect.gen(function* () {
        let now = 0
        const refusedAt: Array<number> = []
        let most = 0
        const limited: FakeBigin.Fault = (bigin) =>
          Effect.gen(function* () {
            const clock = yield* Effect.clock
            if (now >= 10) {
              refusedAt.push(clock.unsafeCurrentTimeMillis())
              return yield* says(Fixtures.rateLimited())(bigin)
            }
            now += 1
            most = Math.max(most, now)
            const outcome = yield* FakeBigin.delay("50 millis")(bigin)
            now -= 1
            return outcome
          })
        yield* inject({ fault: limited, times: 5000 })
        const reports = yield* run(Stream.fromIterable(refsOf(1, 300)))
        assert.deepStrictEqual(tally(reports), { "Deleted by Success": 300 })
        assert.strictEqual(most, 10)
        assert.isAtLeast(refusedAt.length, 1)
        assert.isTrue(refusedAt.every((time) => time < 1000))
      }).pipe(Effect.provide(holding(300))),
    60_000
  )
})

describe("what is no failure", () => {
  const dying = (dies: (method: string) => boolean) =>
    Effect.updateService(
      HttpClient.HttpClient,
      HttpClient.tapRequest(({ method }) => (dies(method) ? Effect.die("a bug") : Effect.void))
    )

  const dead = <A, E>(exit: Exit.Exit<A, E>) => assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))

  it.effect("is a client that dies while a list is read: the Stream dies, and nobody waits", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.truncate, when: deletes })
      const { book, onReport } = makeBook()
      dead(
        yield* Effect.exit(
          run(Stream.fromIterable(refsOf(1, 3)), { onReport }).pipe(dying((method) => method === "GET"))
        )
      )
      assert.strictEqual(tally(book)["OutcomeUnknown"], 1)
      assert.lengthOf(book, 3)
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("is an onReport that dies of what was not touched, and all the same it hears of the others", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")), times: 10 })
      let heard = 0
      const onReport = (report: DeleteReport.Outcome) =>
        Effect.suspend(() => {
          heard += 1
          return said(report) === "NotAttempted" ? Effect.die("full") : Effect.void
        })
      dead(yield* Effect.exit(run(Stream.fromIterable(refsOf(1, 10)), { concurrency: 1, onReport })))
      assert.strictEqual(heard, 10)
    }).pipe(Effect.provide(holding(10)))
  )

  it.effect("is a stopOn that throws: what it was asked about is reported first", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("NoPermission")) })
      const book: Array<DeleteReport.Outcome> = []
      const exit = yield* Effect.exit(
        run(Stream.fromIterable(refsOf(1, 3)), {
          concurrency: 1,
          stopOn: () => {
            throw new Error("a bug")
          },
          onReport: (report) => Effect.sync(() => book.push(report))
        })
      )
      dead(exit)
      assert.deepStrictEqual(tally(book), { NoPermission: 1, NotAttempted: 2 })
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("is a schedule that throws: what it was asked about is reported first", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.loseAnswer })
      const { book, onReport } = makeBook()
      const schedule = Schedule.recurWhile((): boolean => {
        throw new Error("a bug")
      })
      dead(yield* Effect.exit(run(Stream.fromIterable(refsOf(1, 3)), { concurrency: 1, schedule, onReport })))
      assert.deepStrictEqual(tally(book), { OutcomeUnknown: 1, NotAttempted: 2 })
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("leaves a doubt about what was sent", () =>
    Effect.gen(function* () {
      const book: Array<DeleteReport.Outcome> = []
      const exit = yield* run(Stream.fromIterable(refsOf(1, 3)), {
        concurrency: 1,
        onReport: (report) => Effect.sync(() => book.push(report))
      }).pipe(
        Effect.updateService(
          HttpClient.HttpClient,
          HttpClient.tap(() => Effect.die("a bug"))
        ),
        Effect.exit
      )
      dead(exit)
      assert.deepStrictEqual(tally(book), { OutcomeUnknown: 1, NotAttempted: 2 })
      assert.lengthOf(yield* left(1), 2)
    }).pipe(Effect.provide(holding(3)))
  )
})

describe("the pause and the credits", () => {
  const refused = says(Fixtures.documented("InvalidData", { details: { resource_path_index: 3 } }))

  it.effect("begin with a 429 to a list also where its doubt needs no other reading", () =>
    Effect.gen(function* () {
      yield* inject({ fault: refused, when: ({ url }) => url.endsWith("/1") })
      yield* inject({ fault: says(Fixtures.rateLimited(60)), when: lists })
      const later = Effect.as(Effect.sleep("5 seconds"), { ...record(1), attachmentId: "2" })
      const refs = Stream.concat(Stream.fromIterable(refsOf(1, 1)), Stream.fromEffect(later))
      const fiber = yield* Effect.fork(Stream.runCollect(Attachments.deleteMany(refs)))
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* methods, ["DELETE", "GET"])
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(yield* Fiber.join(fiber), 2)
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("do not outlast what there is to report", () =>
    Effect.gen(function* () {
      yield* inject({ fault: refused, when: deletes })
      yield* inject({ fault: says(Fixtures.rateLimited(60)), when: lists })
      const fiber = yield* Effect.fork(Stream.runCollect(Attachments.deleteMany(Stream.fromIterable(refsOf(1, 1)))))
      yield* TestClock.adjust("2 seconds")
      assert.lengthOf(yield* Fiber.join(fiber), 1)
    }).pipe(Effect.provide(holding(1)))
  )

  it.effect("are seen where the answer breaks off after its headers", () =>
    Effect.gen(function* () {
      const brokenOff = ({ request }: HttpClientResponse.HttpClientResponse) =>
        HttpClientResponse.fromWeb(
          request,
          new Response(new ReadableStream({ start: (controller) => controller.error(new Error("broken off")) }), {
            headers: { "x-api-credits-remaining": "0" }
          })
        )
      const ending = ended(Stream.fromIterable(refsOf(1, 20)), { concurrency: 1, schedule: Schedule.stop }).pipe(
        Effect.updateService(
          HttpClient.HttpClient,
          HttpClient.transformResponse((answer) => Effect.map(answer, brokenOff))
        )
      )
      const fiber = yield* Effect.fork(ending)
      yield* TestClock.adjust("1 minute")
      const { reports, stop } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(tally(reports), { OutcomeUnknown: 1, NotAttempted: 19 })
      assert.strictEqual(stop?.stoppedBy, "ApiCredits")
    }).pipe(Effect.provide(holding(20)))
  )

  it.effect("are seen through a client that filters by status", () =>
    Effect.gen(function* () {
      const reply = Fixtures.documented("NoPermission")
      yield* inject({
        fault: says({ ...reply, headers: { ...reply.headers, "x-api-credits-remaining": "0" } }),
        times: 20
      })
      const { reports, stop } = yield* ended(Stream.fromIterable(refsOf(1, 20)), { concurrency: 1 }).pipe(
        Effect.updateService(HttpClient.HttpClient, HttpClient.filterStatusOk)
      )
      assert.deepStrictEqual(tally(reports), { NoPermission: 1, NotAttempted: 19 })
      assert.strictEqual(stop?.stoppedBy, "ApiCredits")
    }).pipe(Effect.provide(holding(20)))
  )
})

describe("odd sources", () => {
  it.effect("may fork what they give", () =>
    Effect.gen(function* () {
      const refs = Stream.unwrap(
        Effect.gen(function* () {
          const queue = yield* Queue.unbounded<Take.Take<Ids.AttachmentRef>>()
          yield* Effect.fork(
            Stream.runIntoQueue(
              Stream.fromIterable(refsOf(1, 3)).pipe(Stream.tap(() => Effect.sleep("1 second"))),
              queue
            )
          )
          return Stream.fromQueue(queue).pipe(Stream.flattenTake)
        })
      )
      assert.lengthOf(yield* run(refs), 3)
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("may give null, which is reported like every malformed ref", () =>
    Effect.gen(function* () {
      const nothing: unknown = null
      const refs = Stream.make(nothing as Ids.AttachmentRef, ...refsOf(1, 3)) // callers without types
      assert.deepStrictEqual(tally(yield* run(refs)), { InvalidInput: 1, "Deleted by Success": 3 })
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect.each([
    ["it is taken", 1, { "Deleted by Success": 2, InvalidInput: 1 }],
    ["it is left over", 0, { OAuthScopeMismatch: 1, InvalidInput: 1, NotAttempted: 1 }]
  ] as const)("may give what dies when it is read, which is reported as well where %s", ([, taken, expected]) =>
    Effect.gen(function* () {
      if (taken === 0) yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")) })
      const lazy = {
        ...record(1),
        get attachmentId(): string {
          throw new Error("not loaded")
        }
      }
      const [first, second] = refsOf(1, 2)
      const refs = [first, lazy, second].filter((ref) => ref !== undefined)
      assert.deepStrictEqual(tally((yield* ended(Stream.fromIterable(refs), { concurrency: 1 })).reports), expected)
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("may be of one busy record: its doubts do not wait for its end", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.truncate, when: deletes })
      yield* inject({ fault: FakeBigin.delay("900 millis"), when: deletes, times: 200 })
      let reported: number | undefined
      let others = 0
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 60)), { concurrency: 2 }).pipe(
        Stream.runForEach((report) =>
          Effect.sync(() => {
            if (idOf(report) === "1") reported = others
            others += 1
          })
        ),
        Effect.fork
      )
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(fiber)
      assert.isAtMost(reported ?? Infinity, 10)
    }).pipe(Effect.provide(holding(60)))
  )
})
