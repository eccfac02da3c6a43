import { assert, describe, it } from "@effect/vitest"
import { HttpClient } from "@effect/platform"
import { Duration, Effect, Exit, Fiber, Layer, Option, Schedule, Stream, TestClock } from "effect"
import { Attachments, BiginAuth, BiginConfig, Errors, Throttle } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import {
  credentials,
  ended,
  holding,
  idOf,
  inject,
  left,
  makeBook,
  methods,
  refsOf,
  run,
  said,
  says,
  tally
} from "./collection.ts"

const slowToken = BiginAuth.make({ credentials: Effect.delay(Effect.succeed(credentials), "10 seconds") })

const withClient = (change: (client: HttpClient.HttpClient) => HttpClient.HttpClient) =>
  Effect.updateService(HttpClient.HttpClient, change)

const throttled = (limits: Throttle.Limits, count: number) => Layer.provideMerge(Throttle.layer(limits), holding(count))

/** Interrupts it, and says whether it has ended a minute later. */
const endsWithinAMinute = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) =>
  Effect.gen(function* () {
    yield* Fiber.interruptFork(fiber)
    yield* TestClock.adjust("1 minute")
    return Option.isSome(yield* Fiber.poll(fiber))
  })

const doneAndSlow: FakeBigin.Fault = (bigin) =>
  Effect.flatMap(bigin, (reply) => Effect.delay(FakeBigin.answerWith(reply)(bigin), "20 seconds"))

describe("what has not left yet", () => {
  it.effect("is called off by an interruption: a wait for a token", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 5)), { onReport }).pipe(
        Stream.runDrain,
        Effect.provideService(BiginAuth.BiginAuth, slowToken),
        Effect.fork
      )
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* endsWithinAMinute(fiber))
      assert.deepStrictEqual(yield* methods, [])
      assert.deepStrictEqual(tally(book), { NotAttempted: 5 })
    }).pipe(Effect.provide(holding(5)))
  )

  it.effect("is called off by an interruption: a wait for a token that is minted through the same throttle", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      const client = yield* HttpClient.HttpClient
      yield* inject({ fault: FakeBigin.delay("1 hour"), when: ({ url }) => url.includes("mint"), times: Infinity })
      const minted = Effect.as(Effect.ignore(client.get("https://accounts.zoho.com/mint")), credentials)
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 2)), { concurrency: 1, onReport }).pipe(
        Stream.runDrain,
        Effect.provideService(BiginAuth.BiginAuth, BiginAuth.make({ credentials: minted })),
        Effect.fork
      )
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* endsWithinAMinute(fiber))
      assert.deepStrictEqual(tally(book), { NotAttempted: 2 })
    }).pipe(Effect.provide(throttled({ concurrent: 5 }, 2)))
  )

  it.effect("is called off by an interruption: a wait for a new token, and then its refusal is what is said", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      yield* inject({ fault: says(Fixtures.undocumented.InvalidToken) })
      const stuck = BiginAuth.make({ credentials: Effect.succeed(credentials), renew: () => Effect.never })
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 2)), { concurrency: 1, onReport }).pipe(
        Stream.runDrain,
        Effect.provideService(BiginAuth.BiginAuth, stuck),
        Effect.fork
      )
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* endsWithinAMinute(fiber))
      assert.deepStrictEqual(tally(book), { InvalidToken: 1, NotAttempted: 1 })
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("is called off by an interruption: a wait in the caller's own limiter", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      const oneAtATime = yield* Effect.makeSemaphore(1)
      yield* inject({ fault: FakeBigin.delay("10 seconds"), times: Infinity })
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 4)), { concurrency: 4, onReport }).pipe(
        Stream.runDrain,
        withClient(HttpClient.transformResponse(oneAtATime.withPermits(1))),
        Effect.fork
      )
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* endsWithinAMinute(fiber))
      assert.deepStrictEqual(yield* methods, ["DELETE"])
      assert.deepStrictEqual(tally(book), { "Deleted by Success": 1, NotAttempted: 3 })
    }).pipe(Effect.provide(holding(4)))
  )

  it.effect("is called off by an interruption and by an early stop: a wait in a throttle", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")), times: 50 })
      const { reports } = yield* ended(Stream.fromIterable(refsOf(1, 20)), { concurrency: 10 })
      assert.deepStrictEqual(tally(reports), { OAuthScopeMismatch: 1, NotAttempted: 19 })
      assert.lengthOf(yield* methods, 1)
    }).pipe(Effect.provide(throttled({ perSecond: 1 }, 20)))
  )

  it.effect("asks for no token any more after an early stop", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")) })
      let asked = 0
      const slower = BiginAuth.make({
        credentials: Effect.suspend(() => Effect.delay(Effect.succeed(credentials), `${++asked} seconds`))
      })
      const { reports } = yield* ended(Stream.fromIterable(refsOf(1, 25))).pipe(
        Effect.provideService(BiginAuth.BiginAuth, slower)
      )
      assert.deepStrictEqual(tally(reports), { OAuthScopeMismatch: 1, NotAttempted: 24 })
      assert.strictEqual(asked, 5)
    }).pipe(Effect.provide(holding(25)))
  )
})

describe("what waits to be tried again", () => {
  it.effect("is tried again after an early stop, also where nothing of it has left yet", () =>
    Effect.gen(function* () {
      yield* inject({
        fault: (bigin) => Effect.delay(says(Fixtures.documented("OAuthScopeMismatch"))(bigin), "1 second"),
        when: ({ url }) => url.endsWith("/2")
      })
      let asked = 0
      const recovering = BiginAuth.make({
        credentials: Effect.suspend(() =>
          asked++ === 0 ? Effect.fail(new Errors.TokenUnreachable({ reason: "503" })) : Effect.succeed(credentials)
        )
      })
      const { reports } = yield* ended(Stream.fromIterable(refsOf(1, 3)), {
        concurrency: 2,
        schedule: Schedule.spaced("5 seconds")
      }).pipe(Effect.provideService(BiginAuth.BiginAuth, recovering))
      assert.deepStrictEqual(
        reports.map((report) => `${idOf(report)}: ${said(report)} after ${report.attempts}`).toSorted(),
        ["1: Deleted by Success after 2", "2: OAuthScopeMismatch after 1", "3: NotAttempted after 0"]
      )
    }).pipe(Effect.provide(holding(3)))
  )
})

describe("a refused token, where no other has come", () => {
  const renewing = (renew: Effect.Effect<Option.Option<BiginAuth.Credentials>>) =>
    Effect.provideService(
      BiginAuth.BiginAuth,
      BiginAuth.make({ credentials: Effect.succeed(credentials), renew: () => renew })
    )
  const refused: FakeBigin.Rule = {
    fault: says(Fixtures.undocumented.InvalidToken),
    when: ({ url }) => url.endsWith("/1")
  }

  it.effect("is what an early stop leaves of it, while what was sent goes on to its end", () =>
    Effect.gen(function* () {
      yield* inject(refused)
      yield* inject({
        fault: (bigin) => Effect.delay(says(Fixtures.documented("OAuthScopeMismatch"))(bigin), "1 second"),
        when: ({ url }) => url.endsWith("/2")
      })
      yield* inject({ fault: says(Fixtures.rateLimited(5)), when: ({ url }) => url.endsWith("/3") })
      const { reports } = yield* ended(Stream.fromIterable(refsOf(1, 5)), { concurrency: 3 }).pipe(
        renewing(Effect.delay(Effect.succeedNone, "10 seconds"))
      )
      assert.deepStrictEqual(
        reports.map((report) => `${idOf(report)}: ${said(report)} after ${report.attempts}`).toSorted(),
        [
          "1: InvalidToken after 1",
          "2: OAuthScopeMismatch after 1",
          "3: Deleted by Success after 2",
          "4: NotAttempted after 0",
          "5: NotAttempted after 0"
        ]
      )
    }).pipe(Effect.provide(holding(5)))
  )

  it.effect("is what is said where its renewal dies, and the Stream dies of that", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      yield* inject(refused)
      const exit = yield* run(Stream.fromIterable(refsOf(1, 2)), { concurrency: 1, onReport }).pipe(
        renewing(Effect.die("the renewal is broken")),
        Effect.exit
      )
      assert.deepStrictEqual(exit, Exit.die("the renewal is broken"))
      assert.deepStrictEqual(
        book.map((report) => `${said(report)} after ${report.attempts}`),
        ["InvalidToken after 1", "NotAttempted after 0"]
      )
    }).pipe(Effect.provide(holding(2)))
  )
})

describe("what has left", () => {
  const repeating = (client: HttpClient.HttpClient) =>
    HttpClient.retryTransient(client, { schedule: Schedule.spaced("5 seconds"), times: 3 })

  it.effect("does not leave again after an interruption, whatever repeats it below", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      yield* inject({ fault: FakeBigin.badGateway })
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 2)), { concurrency: 1, onReport }).pipe(
        Stream.runDrain,
        withClient(repeating),
        Effect.fork
      )
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* endsWithinAMinute(fiber))
      assert.deepStrictEqual(yield* methods, ["DELETE"])
      assert.deepStrictEqual(tally(book), { OutcomeUnknown: 1, NotAttempted: 1 })
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("is not repeated below any more once a repetition was held back, however often it was to be", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      yield* inject({ fault: FakeBigin.badGateway })
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 2)), { concurrency: 1, onReport }).pipe(
        Stream.runDrain,
        withClient(HttpClient.retryTransient({ schedule: Schedule.spaced("5 seconds") })),
        Effect.provideService(BiginConfig.AttemptTimeout, Duration.minutes(10)),
        Effect.fork
      )
      yield* TestClock.adjust("1 second")
      const hasEnded = yield* endsWithinAMinute(fiber)
      yield* TestClock.adjust("10 minutes")
      assert.isTrue(hasEnded)
      assert.deepStrictEqual(tally(book), { OutcomeUnknown: 1, NotAttempted: 1 })
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("has left, also where its repetition is still held back in a throttle", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      yield* inject({ fault: FakeBigin.loseAnswer })
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 2)), { concurrency: 1, onReport }).pipe(
        Stream.runDrain,
        withClient(repeating),
        Effect.fork
      )
      yield* TestClock.adjust("6 seconds")
      assert.isTrue(yield* endsWithinAMinute(fiber))
      assert.deepStrictEqual(tally(book), { OutcomeUnknown: 1, NotAttempted: 1 })
      assert.deepStrictEqual(yield* left(1), ["2"])
    }).pipe(Effect.provide(throttled({ perSecond: 0.1 }, 2)))
  )

  it.effect("is in doubt where the client interrupts itself", () =>
    Effect.gen(function* () {
      let answers = 0
      const reports = yield* run(Stream.fromIterable(refsOf(1, 2)), { concurrency: 1 }).pipe(
        withClient(HttpClient.tap(() => (++answers === 1 ? Effect.interrupt : Effect.void)))
      )
      assert.deepStrictEqual(tally(reports), { "AlreadyGone by Refusal": 1, "Deleted by Success": 1 })
      assert.deepStrictEqual(reports.map((report) => `${idOf(report)}: ${report.attempts}`).toSorted(), [
        "1: 2",
        "2: 1"
      ])
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("has left, whatever an attempt before it has left behind in a throttle", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      yield* inject({ fault: doneAndSlow, when: ({ url }) => url.endsWith("/2") })
      const audited = (client: HttpClient.HttpClient) =>
        HttpClient.tap(client, () =>
          client.get("https://www.zohoapis.com/audit").pipe(Effect.delay("1 second"), Effect.ignore, Effect.forkDaemon)
        )
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 3)), { concurrency: 1, onReport }).pipe(
        Stream.runDrain,
        withClient(audited),
        Effect.fork
      )
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(yield* endsWithinAMinute(fiber))
      assert.deepStrictEqual(
        book.map((report) => `${idOf(report)}: ${said(report)}`),
        ["1: Deleted by Success", "2: Deleted by Success", "3: NotAttempted"]
      )
    }).pipe(Effect.provide(throttled({ concurrent: 1 }, 3)))
  )
})

describe("what goes along with a call", () => {
  it.effect("can be printed by a client", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      const printing = HttpClient.mapRequestEffect((request) =>
        Effect.map(Effect.context<never>(), (context) => {
          JSON.stringify(context)
          return request
        })
      )
      yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 2)), { onReport }).pipe(
        Stream.runDrain,
        withClient(printing)
      )
      assert.deepStrictEqual(tally(book), { "Deleted by Success": 2 })
    }).pipe(Effect.provide(holding(2)))
  )
})

describe("what onReport does", () => {
  it.effect("is not taken for what the next attempt has sent", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      const ping = HttpClient.HttpClient.pipe(
        Effect.andThen((client) => client.get("https://www.zohoapis.com/ping")),
        Effect.delay("5 seconds"),
        Effect.ignore,
        Effect.forkDaemon
      )
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 5)), {
        concurrency: 1,
        onReport: (report) => Effect.zipRight(ping, onReport(report))
      }).pipe(Stream.runDrain, Effect.provideService(BiginAuth.BiginAuth, slowToken), Effect.fork)
      // the first has its token after 10 seconds; what it leaves behind is sent after 15, while the second has none
      yield* TestClock.adjust("16 seconds")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* methods, ["DELETE", "GET"])
      assert.deepStrictEqual(tally(book), { "Deleted by Success": 1, NotAttempted: 4 })
    }).pipe(Effect.provide(holding(5)))
  )

  it.effect("may be a collection of its own, which does not end with this one", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")) })
      const { book, onReport } = makeBook()
      const { reports } = yield* ended(Stream.fromIterable(refsOf(1, 2)), {
        concurrency: 1,
        onReport: (report) =>
          said(report) === "NotAttempted"
            ? Effect.orDie(Stream.runForEach(Attachments.deleteMany(Stream.fromIterable(refsOf(2, 3))), onReport))
            : Effect.void
      })
      assert.deepStrictEqual(tally(reports), { OAuthScopeMismatch: 1, NotAttempted: 1 })
      assert.deepStrictEqual(tally(book), { "Deleted by Success": 3 })
    }).pipe(Effect.provide(holding(2, 3)))
  )

  it.effect("may race, and wait where it can be interrupted: nobody interrupts it", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      const fiber = yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 3)), {
        concurrency: 1,
        onReport: (report) =>
          Effect.raceFirst(Effect.interruptible(Effect.delay(onReport(report), "1 second")), Effect.never)
      }).pipe(Stream.runDrain, Effect.provideService(BiginAuth.BiginAuth, slowToken), Effect.fork)
      yield* TestClock.adjust("15 seconds")
      assert.isTrue(yield* endsWithinAMinute(fiber))
      assert.deepStrictEqual(tally(book), { "Deleted by Success": 1, NotAttempted: 2 })
    }).pipe(Effect.provide(holding(3)))
  )
})
