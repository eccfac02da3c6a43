import { assert, describe, it } from "@effect/vitest"
import { FetchHttpClient, HttpClient } from "@effect/platform"
import {
  type Clock,
  Duration,
  Effect,
  FastCheck,
  Fiber,
  Layer,
  Logger,
  Option,
  Schedule,
  Stream,
  TestClock
} from "effect"
import { Attachments, BiginAuth, BiginConfig, type DeleteReport, type Ids, Retry, Throttle } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { credentials, holding, inject, left, lists, record, refsOf, run, said, says } from "./collection.ts"
import { daemons, hedging, type Hopping, pooled, queued, withContext } from "./hopping.ts"
import { makeLifetime } from "../src/internal/many/lifetime.ts"
import { type History, judge, plans, run as runDrawn } from "./drawnCollections.ts"

describe("the accounts of deleteMany", () => {
  it("are true, whatever is drawn of sources, clients, faults and ends", async () => {
    const wrong: Array<unknown> = []
    const drawn = new Set<string>()
    for (const plan of FastCheck.sample(plans, { numRuns: 2_000, seed: 14 })) {
      const history = await runDrawn(plan)
      const problems = judge(history)
      if (problems.length > 0) wrong.push({ problems, plan: JSON.stringify(plan) })
      for (const one of occurred(history)) drawn.add(one)
    }
    assert.deepStrictEqual(wrong.slice(0, 3), [])
    assert.includeMembers([...drawn], expected)
  }, 300_000)
})

/** What there was in a run, so that what is never drawn is seen. */
const occurred = ({ exit, heard, plan }: History): ReadonlyArray<string> => [
  `${plan.client}, ${plan.end._tag}`,
  `${plan.source}, ${plan.end._tag}`,
  ...heard.map((report) => ("error" in report ? report.error._tag : report.outcome)),
  ...(exit._tag === "Some" && JSON.stringify(exit.value).includes("CollectionStopped") ? ["CollectionStopped"] : [])
]

const ends = ["Its own", "Interrupted", "Cut"]

const expected = [
  ...["plain", "queued", "pooled", "daemons", "hedging", "repeating"].flatMap((client) =>
    ends.map((end) => `${client}, ${end}`)
  ),
  ...["array", "claims", "held claims", "slow", "failing", "dying", "endless"].flatMap((source) =>
    ends.map((end) => `${source}, ${end}`)
  ),
  "Deleted",
  "AlreadyGone",
  "OutcomeUnknown",
  "NotAttempted",
  "InvalidInput",
  "InvalidToken",
  "InvalidData",
  "NoPermission",
  "OAuthScopeMismatch",
  "RateLimited",
  "CollectionStopped"
]

const rowsOf = (recordId: number, attachmentIds: ReadonlyArray<number>) =>
  Stream.fromIterable(attachmentIds.map((id) => ({ ...record(recordId), attachmentId: String(id) })))

type Report = DeleteReport.DeleteReport<Ids.AttachmentRef.Input>

const makeBook = () => {
  const book: Array<Report> = []
  return { book, onReport: (report: Report) => Effect.sync(() => void book.push(report)) }
}

const told = (book: ReadonlyArray<Report>) =>
  book.map((report) => `${report.item.recordId}/${report.item.attachmentId}: ${said(report)}`).toSorted()

describe("what was pulled", () => {
  it.effect("is reported, also where an interruption falls into a claim that cannot be interrupted", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      let claims = 0
      const claim = Effect.sync(() => ({ ...record(1), attachmentId: String(++claims) })).pipe(
        Effect.zipLeft(Effect.sleep("10 seconds")),
        Effect.uninterruptible
      )
      const fiber = yield* Attachments.deleteMany(Stream.repeatEffect(claim), { onReport }).pipe(
        Stream.runDrain,
        Effect.fork
      )
      yield* TestClock.adjust("15 seconds")
      yield* Fiber.interruptFork(fiber)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(claims, 2)
      assert.deepStrictEqual(told(book), ["1/1: Deleted by Success", "1/2: NotAttempted"])
      assert.isTrue(Option.isSome(yield* Fiber.poll(fiber)))
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("tells of all its waiting, also of that while the list of its record was read", () =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.truncate, when: ({ url }) => url.endsWith("/1") })
      yield* inject({ fault: FakeBigin.delay("20 seconds"), when: lists })
      const later = Stream.fromEffect(Effect.as(Effect.sleep("2 seconds"), { ...record(1), attachmentId: "2" }))
      const reports = yield* run(Stream.concat(rowsOf(1, [1]), later))
      const second = reports.find(({ item }) => item.attachmentId === "2")
      assert.deepStrictEqual(second?.duration, Duration.seconds(19))
    }).pipe(Effect.provide(holding(2)))
  )

  it.effect("is reported by no more at once than there are calls, also where onReport dies", () =>
    Effect.gen(function* () {
      let now = 0
      let most = 0
      const onReport = () =>
        Effect.suspend(() => {
          most = Math.max(most, ++now)
          return Effect.sleep("1 second")
        }).pipe(
          Effect.ensuring(Effect.sync(() => now--)),
          // so that whoever reported it ends
          Effect.zipRight(Effect.die("nobody hears"))
        )
      yield* Effect.exit(run(rowsOf(1, [1, 2, 3, 4, 5, 6, 7, 8, 9]), { concurrency: 2, onReport }))
      assert.strictEqual(most, 2)
    }).pipe(Effect.provide(holding(9)))
  )
})

describe("a list that is read", () => {
  it.effect("is not taken for a request of what is attempted meanwhile, which can still be called off", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      yield* inject({ fault: FakeBigin.truncate, when: ({ url }) => url.endsWith("1/Attachments/1") })
      yield* inject({ fault: FakeBigin.delay("3 seconds"), when: ({ url }) => url.endsWith("1/Attachments/2") })
      // the two of the first record have their tokens at once, the list after a second, and the other record's never
      const waits = ["0 seconds", "0 seconds", "1 second", "1 second"] as const
      let asked = 0
      const auth = BiginAuth.make({
        credentials: Effect.suspend(() => {
          const wait = waits[asked++]
          return wait === undefined ? Effect.never : Effect.delay(Effect.succeed(credentials), wait)
        })
      })
      const source = Stream.concat(
        rowsOf(1, [1, 2]),
        Stream.fromEffect(Effect.as(Effect.sleep("2500 millis"), { ...record(2), attachmentId: "1" }))
      ).pipe(Stream.concat(rowsOf(2, [2, 3, 4])))
      const fiber = yield* Attachments.deleteMany(source, { concurrency: 2, onReport }).pipe(
        Stream.runDrain,
        Effect.provideService(BiginAuth.BiginAuth, auth),
        Effect.fork
      )
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.interruptFork(fiber)
      yield* TestClock.adjust("1 minute")
      assert.isTrue(Option.isSome(yield* Fiber.poll(fiber)), told(book).join())
    }).pipe(Effect.provide(holding(2, 4)))
  )
})

describe("a client that sends one DELETE twice", () => {
  const repeating = (client: HttpClient.HttpClient) =>
    HttpClient.retryTransient(client, { schedule: Schedule.spaced("1 second"), times: 1 })

  it.effect.each([
    ["NoPermission", says(Fixtures.documented("NoPermission"))],
    ["InvalidToken", says(Fixtures.undocumented.InvalidToken)]
  ] as const)("leaves in doubt what only the second was told: %s", ([, refusal]) =>
    Effect.gen(function* () {
      yield* inject({ fault: FakeBigin.badGateway })
      yield* inject({ fault: refusal })
      const { book, onReport } = makeBook()
      yield* run(rowsOf(1, [1]), { onReport }).pipe(Effect.updateService(HttpClient.HttpClient, repeating), Effect.exit)
      assert.deepStrictEqual(told(book), ["1/1: OutcomeUnknown"])
      assert.deepStrictEqual(yield* left(1), [])
    }).pipe(Effect.provide(holding(1)))
  )
})

describe("a pause", () => {
  it.effect("ends, also where its timer rings a moment before its time", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.rateLimited(10)) })
      const clock = yield* Effect.clock
      const late: Clock.Clock = {
        ...clock,
        sleep: (duration) => clock.sleep(duration),
        unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis(),
        // timers of Node may ring a millisecond early by its own clock
        unsafeCurrentTimeNanos: () =>
          clock.unsafeCurrentTimeNanos() - (clock.unsafeCurrentTimeMillis() > 0 ? 1_000_000n : 0n)
      }
      const fiber = yield* Attachments.deleteMany(rowsOf(1, [1, 2]), { concurrency: 1, schedule: Schedule.stop }).pipe(
        Stream.runDrain,
        Effect.withClock(late),
        Effect.fork
      )
      yield* TestClock.adjust("1 hour")
      assert.isTrue(Option.isSome(yield* Fiber.poll(fiber)))
    }).pipe(Effect.provide(holding(2)))
  )
})

describe("a record whose list is due", () => {
  it.effect("holds back its own items only, also one that is to be tried again", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      // the second hangs, so that the list waits; the third is to be tried again meanwhile
      yield* inject({ fault: FakeBigin.truncate, when: ({ url }) => url.endsWith("1/Attachments/1") })
      yield* inject({ fault: FakeBigin.delay("25 seconds"), when: ({ url }) => url.endsWith("1/Attachments/2") })
      yield* inject({ fault: says(Fixtures.html(503, "down")), when: ({ url }) => url.endsWith("1/Attachments/3") })
      const source = Stream.concat(rowsOf(1, [1, 2, 3]), rowsOf(2, [1, 2]))
      const schedule = Retry.schedule({ base: "3 seconds" })
      const fiber = yield* Attachments.deleteMany(source, { concurrency: 2, onReport, schedule }).pipe(
        Stream.runDrain,
        Effect.fork
      )
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(told(book), ["2/1: Deleted by Success", "2/2: Deleted by Success"])
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
    }).pipe(Effect.provide(holding(3, 2)))
  )

  it.effect("holds back no report of what an early end leaves unsent", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      yield* inject({ fault: FakeBigin.truncate, when: ({ url }) => url.endsWith("1/Attachments/1") })
      yield* inject({ fault: FakeBigin.delay("25 seconds"), when: ({ url }) => url.endsWith("1/Attachments/2") })
      const mismatch = says(Fixtures.documented("OAuthScopeMismatch"))
      yield* inject({ fault: mismatch, when: ({ url }) => url.endsWith("2/Attachments/1") })
      // the third comes when the list is due, so it is put aside; then the other record's ends all
      const later = Stream.drain(Stream.fromEffect(Effect.sleep("3 seconds")))
      const source = rowsOf(1, [1, 2]).pipe(Stream.concat(later), Stream.concat(rowsOf(1, [3])))
      const fiber = yield* Attachments.deleteMany(Stream.concat(source, rowsOf(2, [1])), { onReport }).pipe(
        Stream.runDrain,
        Effect.exit,
        Effect.fork
      )
      yield* TestClock.adjust("10 seconds")
      assert.sameMembers([...told(book)], ["2/1: OAuthScopeMismatch", "1/3: NotAttempted"])
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
    }).pipe(Effect.provide(holding(3, 1)))
  )
})

describe("an early end", () => {
  it.effect("comes, whatever a logger does with what the source failed with then", () =>
    Effect.gen(function* () {
      yield* inject({ fault: says(Fixtures.documented("OAuthScopeMismatch")) })
      const broken = Logger.make(() => {
        throw new Error("a bug")
      })
      const failing = Stream.fromEffect(Effect.uninterruptible(Effect.delay(Effect.fail("down" as const), "5 seconds")))
      const fiber = yield* Attachments.deleteMany(Stream.concat(rowsOf(1, [1]), failing)).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.provide(Logger.replace(Logger.defaultLogger, broken)),
        Effect.fork
      )
      yield* TestClock.adjust("1 hour")
      assert.isTrue(Option.isSome(yield* Fiber.poll(fiber)))
    }).pipe(Effect.provide(holding(1)))
  )
})

describe("what a client still holds when an attempt has ended", () => {
  it.effect("never leaves, however late the client comes to it", () =>
    Effect.gen(function* () {
      // it comes to each call a minute later, when its time is over
      const late = (client: HttpClient.HttpClient) =>
        HttpClient.transformResponse(client, (call) =>
          Effect.flatMap(Effect.forkDaemon(Effect.delay(call, "1 minute")), Fiber.join)
        )
      // the collection goes on meanwhile
      const refs = Stream.mapEffect(Stream.fromIterable(refsOf(1, 2)), (ref) =>
        Effect.delay(Effect.succeed(ref), ref.attachmentId === "1" ? "0 seconds" : "10 minutes")
      )
      const reports = yield* run(refs, { schedule: Retry.schedule({ times: 0 }) }).pipe(
        Effect.updateService(HttpClient.HttpClient, late),
        Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5))
      )
      assert.deepStrictEqual(reports.map(said), ["OutcomeUnknown", "OutcomeUnknown"])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* left(1), ["1", "2"])
    }).pipe(Effect.provide(holding(2)))
  )
})

describe("what goes along with a call", () => {
  /** The deletion of two, and the settings that their requests came with to the transport. */
  const settings = (hopping: Hopping) =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const transport = HttpClient.transformResponse(yield* HttpClient.HttpClient, (call) =>
        Effect.flatMap(Effect.serviceOption(FetchHttpClient.RequestInit), (init) => {
          seen.push(Option.getOrUndefined(init))
          return call
        })
      )
      yield* run(rowsOf(1, [1, 2])).pipe(Effect.provideService(HttpClient.HttpClient, yield* hopping(transport)))
      return seen
    }).pipe(Effect.scoped, Effect.provide(holding(2)))

  const strict = { redirect: "manual", cache: "no-store" }

  it.effect.each([
    ["daemons", daemons],
    ["daemons that hedge", hedging],
    ["workers that run a call with its caller's context", queued(1, withContext)],
    ["promises that run a call with its caller's context", pooled(1, withContext)]
  ] as const)("follows no redirect and answers from no cache in %s", ([, hopping]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* settings(hopping), [strict, strict])
    })
  )

  it.effect.each([
    ["workers", queued(1)],
    ["promises", pooled(1)]
  ] as const)("is the client's own duty in %s of before, which know nothing of who calls", ([, hopping]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* settings(hopping), [undefined, undefined])
    })
  )

  const throttled = (client: HttpClient.HttpClient) =>
    Effect.provide(
      HttpClient.HttpClient,
      Layer.provide(Throttle.layer({ perSecond: 0.1 }), Layer.succeed(HttpClient.HttpClient, client))
    )

  /** What became of two, the second of which waits 10 seconds in a throttle, twice as long as an attempt may take. */
  const waiting = (change: (client: HttpClient.HttpClient) => ReturnType<Hopping>) =>
    Effect.gen(function* () {
      const client = yield* change(yield* HttpClient.HttpClient)
      const reports = yield* run(rowsOf(1, [1, 2])).pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5))
      )
      return { reports: told(reports), left: yield* left(1) }
    }).pipe(Effect.scoped, Effect.provide(holding(2)))

  const bothDeleted = { reports: ["1/1: Deleted by Success", "1/2: Deleted by Success"], left: [] }

  it.effect("exempts the wait in a throttle around workers from the timeout", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* waiting((client) => Effect.flatMap(queued(2)(client), throttled)), bothDeleted)
    })
  )

  it.effect("exempts that in a throttle below them where they run a call with its caller's context", () =>
    Effect.gen(function* () {
      const careful = (client: HttpClient.HttpClient) => Effect.flatMap(throttled(client), queued(2, withContext))
      assert.deepStrictEqual(yield* waiting(careful), bothDeleted)
    })
  )

  it.effect("counts it into the timeout where they do not: it never left, and is told to be in doubt", () =>
    Effect.gen(function* () {
      const careless = (client: HttpClient.HttpClient) => Effect.flatMap(throttled(client), queued(2))
      assert.deepStrictEqual(yield* waiting(careless), {
        reports: ["1/1: Deleted by Success", "1/2: OutcomeUnknown"],
        left: ["2"]
      })
    })
  )
})

describe("a place", () => {
  it.effect("that is taken before anybody waits for it wakes who asked for it", () =>
    Effect.gen(function* () {
      const lifetime = yield* makeLifetime<never>(
        () => {},
        () => {}
      )
      let again = () => {}
      let isFree = false
      const take = (askAgain: () => void) => {
        again = askAgain
        return isFree || undefined
      }
      const meanwhile = Effect.sync(() => {
        isFree = true
        again()
      })
      assert.isTrue(yield* lifetime.taking(take, lifetime.isClosed, meanwhile))
    }).pipe(Effect.scoped)
  )
})
