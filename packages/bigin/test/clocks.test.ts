/** Clocks that are set, that differ, and that stand still. */
import { HttpClient, HttpClientResponse, KeyValueStore } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Redacted, Schedule, Stream, TestClock } from "effect"
import { Attachments, BiginAuth, BiginConfig, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { off } from "./offClock.ts"

const client = {
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
}
const credentials = Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** An accounts server and an API that know the true time: tokens of an hour, and 401 for those that are dead. */
const makeServer = Effect.gen(function* () {
  const clock = yield* Effect.clock
  const now = () => clock.unsafeCurrentTimeMillis()
  const server = {
    now,
    minted: new Array<number>(),
    /** How often each token was sent after its death. */
    late: new Map<string, number>(),
    /** What is answered in place of a token. */
    instead: undefined as Fixtures.Reply | undefined
  }
  const ends = new Map<string, number>()
  const answer = (url: URL, authorization: string): Fixtures.Reply => {
    if (url.pathname === "/oauth/v2/token") {
      server.minted.push(now())
      if (server.instead !== undefined) return server.instead
      const token = `1000.token-${server.minted.length}`
      ends.set(token, now() + hour)
      return Fixtures.json(200, { access_token: token, expires_in: 3600 })
    }
    const token = authorization.replace("Zoho-oauthtoken ", "")
    if (now() < (ends.get(token) ?? 0)) return Fixtures.success(Fixtures.attachment.attachmentId)
    server.late.set(token, (server.late.get(token) ?? 0) + 1)
    return Fixtures.undocumented.InvalidToken
  }
  const http = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const { body, headers, status } = answer(url, request.headers["authorization"] ?? "")
      return HttpClientResponse.fromWeb(request, new Response(body as string, { headers, status }))
    })
  )
  return { ...server, server, http: Layer.succeed(HttpClient.HttpClient, http) }
})

describe("a clock that is set while the process runs", () => {
  it.effect.each([-hour, -5, 5, hour])("by %i milliseconds changes nothing", (jump) =>
    Effect.gen(function* () {
      const offset = { millis: 0, nanos: 0 }
      const clock = off(yield* Effect.clock, offset)
      const { http, server } = yield* makeServer
      yield* Effect.gen(function* () {
        yield* credentials
        offset.millis += jump
        yield* TestClock.adjust("54 minutes")
        yield* credentials
        assert.lengthOf(server.minted, 1)
        offset.millis -= jump
        yield* TestClock.adjust("6 minutes")
        server.instead = Fixtures.tokenThrottle
        yield* Effect.flip(credentials)
        offset.millis += jump
        yield* TestClock.adjust(10 * minute - 1)
        expect(yield* Effect.flip(credentials)).toMatchObject({ retryAfter: Duration.millis(1) })
        assert.lengthOf(server.minted, 2)
        server.instead = undefined
        yield* TestClock.adjust(1)
        yield* credentials
      }).pipe(Effect.provide(Layer.provideMerge(BiginAuth.layerRefreshToken(client), http)), Effect.withClock(clock))
      assert.lengthOf(server.minted, 3)
    })
  )
})

describe("a clock that has stood still for a day", () => {
  it.effect("sends a dead token once", () =>
    Effect.gen(function* () {
      const offset = { millis: 0, nanos: 0 }
      const clock = off(yield* Effect.clock, offset)
      const { http, server } = yield* makeServer
      yield* Effect.gen(function* () {
        yield* deleteAttachment(Fixtures.attachment)
        yield* TestClock.adjust("1 day")
        offset.nanos -= 24 * hour
        for (let call = 0; call < 5; call++) yield* deleteAttachment(Fixtures.attachment)
      }).pipe(Effect.provide(Layer.provideMerge(BiginAuth.layerRefreshToken(client), http)), Effect.withClock(clock))
      assert.deepStrictEqual([...server.late.values()], [1])
      assert.lengthOf(server.minted, 2)
    })
  )

  it.effect("ignores the throttle of another process, waits for its own, and erases neither", () =>
    Effect.gen(function* () {
      const { http, server } = yield* makeServer
      const store = yield* KeyValueStore.KeyValueStore
      const slow = off(yield* Effect.clock, { millis: 0, nanos: -24 * hour })
      const process = <A, E>(self: Effect.Effect<A, E, BiginAuth.BiginAuth>) =>
        Effect.provide(self, Layer.provide(BiginAuth.layerRefreshToken({ ...client, store }), http))
      yield* TestClock.adjust("2 days")
      server.instead = Fixtures.tokenThrottle
      yield* Effect.flip(process(credentials))
      yield* process(
        Effect.gen(function* () {
          for (let count = 0; count < 9; count++) {
            expect(yield* Effect.flip(credentials)).toMatchObject({ retryAfter: Duration.minutes(10 - count) })
            yield* TestClock.adjust("1 minute")
          }
        })
      ).pipe(Effect.withClock(slow))
      expect(yield* Effect.flip(process(credentials))).toMatchObject({ retryAfter: Duration.minutes(1) })
      assert.lengthOf(server.minted, 2)
    }).pipe(Effect.provide(KeyValueStore.layerMemory))
  )
})

describe("processes whose clocks differ by up to a minute", { timeout: 60_000 }, () => {
  it.effect.each([
    [0, minute],
    [30 * second, -30 * second]
  ] as const)("(%i and %i milliseconds) keep to throttles and waits, and send no dead token twice", ([one, other]) =>
    Effect.gen(function* () {
      const { http, server } = yield* makeServer
      const clock = yield* Effect.clock
      const store = yield* KeyValueStore.KeyValueStore
      /** A call a minute; what has been announced is not prolonged, unless somebody has asked again. */
      const run = (offset: number) =>
        Effect.gen(function* () {
          let told = { until: 0, minted: 0 }
          for (let call = 0; call < 115; call++) {
            const outcome = yield* Effect.either(deleteAttachment(Fixtures.attachment))
            if (outcome._tag === "Left") {
              assert.strictEqual(outcome.left._tag, "TokenUnreachable")
              const wait = "retryAfter" in outcome.left ? Duration.toMillis(outcome.left.retryAfter ?? 0) : 0
              const until = server.now() + wait
              if (server.minted.length === told.minted) assert.isAtMost(until, told.until)
              told = { until, minted: server.minted.length }
            } else {
              // of a token that lives, or since the wait is over
              told = { until: Infinity, minted: server.minted.length }
            }
            yield* Effect.sleep("1 minute")
          }
        }).pipe(
          Effect.provide(Layer.provideMerge(BiginAuth.layerRefreshToken({ ...client, store }), http)),
          Effect.withClock(off(clock, { millis: offset, nanos: offset }))
        )
      yield* TestClock.adjust("1 hour")
      const fiber = yield* Effect.fork(
        Effect.all([run(one), Effect.delay(run(other), "20 seconds")], { concurrency: 2 })
      )
      for (let minutes = 0; minutes < 120; minutes++) {
        // when a token is to be renewed, until long after it is dead
        if (minutes === 50) server.instead = Fixtures.tokenThrottle
        if (minutes === 90) server.instead = undefined
        yield* TestClock.adjust("1 minute")
      }
      yield* Fiber.join(fiber)
      const throttled = server.minted.filter((at) => at >= 1 * hour + 50 * minute && at < 1 * hour + 90 * minute)
      assert.isAbove(throttled.length, 2)
      // each by its own clock
      const least = 10 * minute - Math.abs(one - other)
      for (const [index, at] of throttled.entries()) assert.isAtLeast((throttled[index + 1] ?? Infinity) - at, least)
      assert.isTrue([...server.late.values()].every((times) => times === 1))
      assert.isAtMost(server.minted.length - throttled.length, 5)
    }).pipe(Effect.provide(KeyValueStore.layerMemory))
  )
})

describe("a Retry-After that is a date", () => {
  const start = Date.UTC(2031, 0, 1)
  const reply = {
    ...Fixtures.rateLimited(),
    headers: { ...Fixtures.rateLimited().headers, "retry-after": new Date(start + 90 * second).toUTCString() }
  }
  const waits = <A, E extends { readonly _tag: string }, R>(self: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(start)
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: (bigin) => Effect.delay(FakeBigin.answerWith(reply)(bigin), "50 seconds") })
      const fiber = yield* Effect.fork(Effect.flip(self))
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "RateLimited", retryAfter: Duration.seconds(40) })
    }).pipe(Effect.provideService(BiginConfig.AttemptTimeout, Duration.minutes(2)), Effect.provide(FakeBigin.layer))

  it.effect("counts from when its answer came, on the fiber's clock: of a deletion", () =>
    waits(deleteAttachment(Fixtures.attachment))
  )

  it.effect("counts from when its answer came, on the fiber's clock: of a list", () =>
    waits(Stream.runDrain(Attachments.listAttachments(Fixtures.attachment)))
  )

  it.effect("counts from when its answer came, on the fiber's clock: of a download", () =>
    waits(Stream.runDrain(Attachments.downloadAttachment(Fixtures.attachment)))
  )

  it.effect("counts from when its answer came, on the fiber's clock: in a collection", () =>
    waits(
      Attachments.deleteMany(Stream.make(Fixtures.attachment), { schedule: Schedule.stop }).pipe(
        Stream.flatMap((report) => ("error" in report ? Effect.fail(report.error) : Effect.void)),
        Stream.runDrain
      )
    )
  )
})
