import { FetchHttpClient, type HttpClient, KeyValueStore } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, expect, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Fiber, Layer, Option, Redacted, Scope, TestClock } from "effect"
import { BiginAuth, DataCenter, deleteAttachment, Errors, type Ids, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { keyOf } from "../src/internal/auth/keyValueTokens.ts"
import { overTcp } from "./doors.ts"

const client = {
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
}

type Options = Partial<Parameters<typeof BiginAuth.layerRefreshToken>[0]>

/** Everything in memory: the fake Bigin, its accounts server and a layer that mints there. */
const minting = (options: Options = {}, bigin: FakeBigin.Options = {}) =>
  Layer.provideMerge(BiginAuth.layerRefreshToken({ ...client, ...options }), FakeBigin.layerWith(bigin))

const credentials = Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)

const isMint = ({ url }: FakeBigin.WireRequest) => url === "/oauth/v2/token"

const requests = Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.requests)
const mints = Effect.map(requests, (all) => all.filter(isMint).length)

const injectMint = (fault: FakeBigin.Fault, times = 1) =>
  Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.inject({ fault, when: isMint, times }))

/** A mint that takes its time, and tells when it has begun. */
const slowMint = (duration: Duration.DurationInput) =>
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    yield* injectMint((bigin) => Effect.zipRight(Deferred.succeed(begun, undefined), FakeBigin.delay(duration)(bigin)))
    return { begun: Deferred.await(begun) }
  })

const many: ReadonlyArray<FakeBigin.Attachment> = Array.from({ length: 1000 }, (_, index) => ({
  id: String(index + 1),
  fileName: `${index}`,
  size: 1
}))
const withMany: FakeBigin.Options = { records: [{ ...Fixtures.record, attachments: many }] }
const refs: ReadonlyArray<Ids.AttachmentRef> = many.map(({ id }) => ({ ...Fixtures.record, attachmentId: id }))
const deleteAll = Effect.forEach(refs, deleteAttachment, { concurrency: "unbounded" })

describe("one mint for all", { timeout: 20_000 }, () => {
  it.effect("1,000 calls at once on a cold layer", () =>
    Effect.gen(function* () {
      yield* slowMint("1 second")
      const fiber = yield* Effect.fork(deleteAll)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* Fiber.join(fiber), 1000)
      assert.strictEqual(yield* mints, 1)
      assert.lengthOf(yield* requests, 1001)
    }).pipe(Effect.provide(minting({}, withMany)))
  )

  it.effect("1,000 calls at once on an expired token", () =>
    Effect.gen(function* () {
      yield* credentials
      yield* TestClock.adjust("2 hours")
      yield* deleteAll
      assert.strictEqual(yield* mints, 2)
      assert.lengthOf(yield* requests, 1002)
    }).pipe(Effect.provide(minting({}, withMany)))
  )

  it.effect("1,000 refused calls at once, each sent at most twice", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const first = yield* credentials
      yield* fake.inject({
        fault: FakeBigin.answerWith(Fixtures.undocumented.InvalidToken),
        when: ({ headers }) => headers["authorization"]?.endsWith(Redacted.value(first.accessToken)) === true,
        times: Number.POSITIVE_INFINITY
      })
      yield* deleteAll
      assert.strictEqual(yield* mints, 2)
      const sent = new Map<string, number>()
      for (const { url } of yield* requests) sent.set(url, (sent.get(url) ?? 0) + 1)
      sent.delete("/oauth/v2/token")
      assert.strictEqual(sent.size, 1000)
      assert.isAtMost(Math.max(...sent.values()), 2)
    }).pipe(Effect.provide(minting({}, withMany)))
  )

  it.effect("when the caller that began it is interrupted, the others succeed", () =>
    Effect.gen(function* () {
      const { begun } = yield* slowMint("1 second")
      const leader = yield* Effect.fork(credentials)
      yield* begun
      const followers = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 10 }, () => credentials),
          { concurrency: 10 }
        )
      )
      yield* Fiber.interrupt(leader)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* Fiber.join(followers), 10)
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("when five callers give up one after the other during a slow mint", () =>
    Effect.gen(function* () {
      yield* slowMint("20 seconds")
      for (let caller = 1; caller <= 5; caller++) {
        const fiber = yield* Effect.fork(Effect.timeoutOption(credentials, "3 seconds"))
        yield* TestClock.adjust("3 seconds")
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "None")
      }
      const last = yield* Effect.fork(credentials)
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(last)
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("with what the layer was built with, not with what its caller has", () =>
    Effect.gen(function* () {
      const nothing: typeof globalThis.fetch = () => Promise.reject(new Error("the caller's fetch"))
      const given = yield* credentials.pipe(Effect.provideService(FetchHttpClient.Fetch, nothing))
      assert.match(Redacted.value(given.accessToken), /^1000\.minted/)
    }).pipe(Effect.provide(tcp(FetchHttpClient.layer)))
  )

  it.effect("over TCP: callers at once, one of them interrupted in the middle", () =>
    Effect.gen(function* () {
      const { begun } = yield* slowMint("1 second")
      const leader = yield* Effect.fork(deleteAttachment(Fixtures.attachment))
      yield* begun
      const followers = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 50 }, () => credentials),
          { concurrency: 50 }
        )
      )
      yield* Fiber.interrupt(leader)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* Fiber.join(followers), 50)
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(tcp(NodeHttpClient.layer)))
  )
})

/** The layer over a server of its own, for the API and for the accounts. */
const tcp = (
  http: Layer.Layer<HttpClient.HttpClient>,
  options: Options = {}
): Layer.Layer<FakeBigin.FakeBigin | HttpClient.HttpClient | BiginAuth.BiginAuth> =>
  Layer.unwrapEffect(
    // layerToken, which overTcp has, cannot fail
    Effect.map(Effect.orDie(credentials), ({ apiOrigin }) =>
      BiginAuth.layerRefreshToken({ ...client, apiOrigin, accountsOrigin: apiOrigin, ...options })
    )
  ).pipe(Layer.provideMerge(overTcp(http)))

describe("a layer that closes", () => {
  it.effect("ends the mint, and whoever waits or comes late is told", () =>
    Effect.gen(function* () {
      const { begun } = yield* slowMint("1 hour")
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(BiginAuth.layerRefreshToken(client), scope)
      const waiting = yield* Effect.fork(Effect.flip(Effect.provide(credentials, context)))
      yield* begun
      yield* Scope.close(scope, Exit.void)
      const closed = new Errors.TokenRejected({ reason: "the auth layer was closed" })
      expect(yield* Fiber.join(waiting)).toEqual(closed)
      expect(yield* Effect.flip(Effect.provide(credentials, context))).toEqual(closed)
      assert.strictEqual((yield* requests)[0]?.fate, "Aborted")
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("hands out nothing any more, though its token would live on", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(BiginAuth.layerRefreshToken(client), scope)
      const given = yield* Effect.provide(credentials, context)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* Effect.flip(Effect.provide(credentials, context)))._tag, "TokenRejected")
      const renewed = Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.renew(given))
      assert.strictEqual((yield* Effect.flip(Effect.provide(renewed, context)))._tag, "TokenRejected")
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("ends the mint also where it was built in an uninterruptible region", () =>
    Effect.gen(function* () {
      const { begun } = yield* slowMint(Duration.infinity)
      const scope = yield* Scope.make()
      const context = yield* Effect.uninterruptible(Layer.buildWithScope(BiginAuth.layerRefreshToken(client), scope))
      const waiting = yield* Effect.fork(Effect.flip(Effect.provide(credentials, context)))
      yield* begun
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* Fiber.join(waiting))._tag, "TokenRejected")
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("the life of a token", () => {
  it.effect(
    "is renewed aside five minutes early, and never sent after it has died: a day of a call a minute",
    () =>
      Effect.gen(function* () {
        for (let minute = 0; minute < 24 * 60; minute++) {
          const error = yield* Effect.flip(deleteAttachment({ ...Fixtures.record, attachmentId: "1" }))
          assert.strictEqual(error._tag, "InvalidData")
          yield* TestClock.adjust("1 minute")
        }
        assert.isAtMost(yield* mints, 27)
        // one request a call: none was refused for its token
        assert.strictEqual((yield* requests).length - (yield* mints), 24 * 60)
      }).pipe(Effect.provide(minting())),
    60_000
  )

  const reply = (more: object) =>
    FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.given", expires_in: 3600, ...more }))

  const mintsOfACall = Effect.zipRight(credentials, Effect.zipRight(TestClock.adjust(0), mints))

  it.effect.each([
    ["seconds", { expires_in: 1000 }, 834],
    ["a short life, a sixth early", { expires_in: 100 }, 84],
    ["milliseconds of older replies", { expires_in: 1_000_000 }, 834],
    ["milliseconds next to seconds", { expires_in: 1_000_000, expires_in_sec: 1000 }, 834],
    ["a text", { expires_in: "1000" }, 834],
    ["what is no number as none: an hour, five minutes early", { expires_in: "x" }, 3300]
  ] as const)("counts %s, and is renewed aside then", ([, more, seconds]) =>
    Effect.gen(function* () {
      yield* injectMint(reply(more))
      yield* credentials
      yield* TestClock.adjust(Duration.seconds(seconds - 1))
      assert.strictEqual(yield* mintsOfACall, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* mintsOfACall, 2)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("counts from before the request", () =>
    Effect.gen(function* () {
      yield* injectMint((bigin) => Effect.delay(reply({ expires_in: 100 })(bigin), "20 seconds"))
      const first = yield* Effect.fork(credentials)
      yield* TestClock.adjust("20 seconds")
      yield* Fiber.join(first)
      yield* TestClock.adjust("63 seconds")
      assert.strictEqual(yield* mintsOfACall, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* mintsOfACall, 2)
    }).pipe(Effect.provide(minting()))
  )
})

describe("the replay", () => {
  it.effect("is none where the mint gives the very same token", () =>
    Effect.gen(function* () {
      yield* injectMint(FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.same", expires_in: 3600 })), 9)
      const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
      assert.strictEqual(error._tag, "InvalidToken")
      assert.deepStrictEqual([yield* mints, (yield* requests).length], [2, 3])
    }).pipe(Effect.provide(minting()))
  )

  it.effect("gets at once what somebody has renewed already", () =>
    Effect.gen(function* () {
      const auth = yield* BiginAuth.BiginAuth
      const first = yield* auth.credentials
      const second = yield* auth.renew(first)
      const third = yield* auth.renew(first)
      expect(second).toEqual(third)
      assert.strictEqual(yield* mints, 2)
    }).pipe(Effect.provide(minting()))
  )

  const refusing = Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
    fake.inject({
      fault: FakeBigin.answerWith(Fixtures.undocumented.InvalidToken),
      when: ({ method }) => method === "DELETE",
      times: Number.POSITIVE_INFINITY
    })
  )

  it.effect("is none within a minute after one that did not help: InvalidToken each time, without a mint", () =>
    Effect.gen(function* () {
      yield* refusing
      const deleting = Effect.flip(deleteAttachment(Fixtures.attachment))
      for (let call = 1; call <= 6; call++) {
        assert.strictEqual((yield* deleting)._tag, "InvalidToken")
        yield* TestClock.adjust("10 seconds")
      }
      assert.deepStrictEqual([yield* mints, (yield* requests).length], [2, 9])
      assert.strictEqual((yield* deleting)._tag, "InvalidToken")
      assert.strictEqual(yield* mints, 3)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("spends no more than the ten of ten minutes, and is none then", () =>
    Effect.gen(function* () {
      yield* refusing
      for (let minute = 0; minute < 10; minute++) {
        assert.strictEqual((yield* Effect.flip(deleteAttachment(Fixtures.attachment)))._tag, "InvalidToken")
        yield* TestClock.adjust("59 seconds")
      }
      assert.isAtMost(yield* mints, 10)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("never gives a token that was refused before", () =>
    Effect.gen(function* () {
      for (const access_token of ["1000.one", "1000.two", "1000.one"]) {
        yield* injectMint(FakeBigin.answerWith(Fixtures.json(200, { access_token, expires_in: 3600 })))
      }
      const auth = yield* BiginAuth.BiginAuth
      const second = Option.getOrThrow(yield* auth.renew(yield* auth.credentials))
      assert.strictEqual(Redacted.value(second.accessToken), "1000.two")
      yield* TestClock.adjust("1 minute")
      assert.isTrue(Option.isNone(yield* auth.renew(second)))
      assert.strictEqual(yield* mints, 3)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("waits for a pause that is short, and fails in one that is long", () =>
    Effect.gen(function* () {
      const auth = yield* BiginAuth.BiginAuth
      const first = yield* auth.credentials
      yield* injectMint(FakeBigin.answerWith(Fixtures.html(503, "down")), 4)
      // for whom it was begun, and who comes in its pause
      expect(yield* Effect.flip(auth.renew(first))).toMatchObject({ retryAfter: Duration.seconds(1) })
      const waiting = yield* Effect.fork(Effect.flip(auth.renew(first)))
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(waiting)).toMatchObject({ retryAfter: Duration.seconds(2) })
      yield* TestClock.adjust("2 seconds")
      expect(yield* Effect.flip(auth.renew(first))).toMatchObject({ retryAfter: Duration.seconds(4) })
      yield* TestClock.adjust("4 seconds")
      expect(yield* Effect.flip(auth.renew(first))).toMatchObject({ retryAfter: Duration.seconds(8) })
      expect(yield* Effect.flip(auth.renew(first))).toMatchObject({ retryAfter: Duration.seconds(8) })
      assert.strictEqual(yield* mints, 5)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("surfaces the failure of renewing as it is", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* credentials
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.undocumented.InvalidToken) })
      yield* injectMint(FakeBigin.answerWith(Fixtures.tokenError("invalid_code")))
      const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
      assert.strictEqual(error._tag, "TokenRejected")
    }).pipe(Effect.provide(minting()))
  )
})

/** Fails, and waits as long as the failure says. */
const pausing = <A, R>(self: Effect.Effect<A, Errors.TokenRejected | Errors.TokenUnreachable, R>) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(self)
    if (error._tag === "TokenUnreachable") yield* TestClock.adjust(error.retryAfter ?? 0)
    return error
  })

describe("the throttle", () => {
  it.effect("after Access Denied nobody asks before ten minutes have passed", () =>
    Effect.gen(function* () {
      yield* injectMint(FakeBigin.answerWith(Fixtures.tokenThrottle))
      expect(yield* Effect.flip(credentials)).toMatchObject({
        _tag: "TokenUnreachable",
        retryAfter: Duration.minutes(10)
      })
      yield* TestClock.adjust("4 minutes")
      expect(yield* Effect.flip(credentials)).toMatchObject({
        _tag: "TokenUnreachable",
        retryAfter: Duration.minutes(6)
      })
      yield* TestClock.adjust("359 seconds")
      yield* Effect.flip(credentials)
      assert.strictEqual(yield* mints, 1)
      yield* TestClock.adjust("1 second")
      yield* credentials
      assert.strictEqual(yield* mints, 2)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("a 429 is a throttle too, of Retry-After where it says so", () =>
    Effect.gen(function* () {
      yield* injectMint(FakeBigin.answerWith({ status: 429, headers: { "retry-after": "30" }, body: "" }))
      expect(yield* Effect.flip(credentials)).toMatchObject({ retryAfter: Duration.seconds(30) })
      yield* TestClock.adjust("29 seconds")
      expect(yield* Effect.flip(credentials)).toMatchObject({ retryAfter: Duration.seconds(1) })
      yield* TestClock.adjust("1 second")
      yield* credentials
    }).pipe(Effect.provide(minting()))
  )

  it.effect(
    "a layer never asks an eleventh time within ten minutes of ten without an answer, and says exactly how long",
    () =>
      Effect.gen(function* () {
        yield* injectMint(FakeBigin.loseAnswer, 10)
        for (let count = 1; count < 10; count++) yield* pausing(credentials)
        assert.strictEqual(yield* mints, 9)
        // the tenth, after pauses of 1, 2, 4 … 60 seconds
        expect(yield* Effect.flip(credentials)).toMatchObject({ retryAfter: Duration.seconds(600 - 243) })
        yield* TestClock.adjust(Duration.seconds(600 - 243 - 0.001))
        expect(yield* Effect.flip(credentials)).toMatchObject({ retryAfter: Duration.millis(1) })
        assert.strictEqual(yield* mints, 10)
        yield* TestClock.adjust("1 millis")
        // the accounts server counts too, and has made ten
        yield* credentials
        assert.strictEqual(yield* mints, 11)
      }).pipe(Effect.provide(minting()))
  )

  it.effect.each([
    ["was answered", FakeBigin.answerWith(Fixtures.html(503, "down"))],
    ["was rejected", FakeBigin.answerWith(Fixtures.tokenError("invalid_client"))]
  ] as const)("a mint that %s does not count among the ten", ([, fault]) =>
    Effect.gen(function* () {
      yield* injectMint(fault, 10)
      for (let count = 0; count < 10; count++)
        yield* Effect.flip(credentials).pipe(Effect.zipLeft(TestClock.adjust("1 minute")))
      yield* credentials
      assert.strictEqual(yield* mints, 11)
    }).pipe(Effect.provide(minting()))
  )

  it.effect.each([
    ["is dead already", { access_token: "1000.given", expires_in: 0 }],
    ["no header can hold", { access_token: "two words" }],
    ["is of a foreign host", { access_token: "1000.given", api_domain: "https://evil.example" }]
  ] as const)("a token that %s counts among the ten", ([, reply]) =>
    Effect.gen(function* () {
      yield* injectMint(() => Effect.interrupt, 9)
      for (let count = 0; count < 9; count++) yield* Effect.flip(credentials)
      yield* injectMint(FakeBigin.answerWith(Fixtures.json(200, reply)))
      yield* Effect.flip(credentials)
      yield* TestClock.adjust("1 minute")
      expect(yield* Effect.flip(credentials)).toMatchObject({ retryAfter: Duration.minutes(9) })
      assert.strictEqual(yield* mints, 10)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("what was never sent does not count among the ten", () =>
    Effect.gen(function* () {
      for (let count = 0; count < 15; count++) {
        assert.isBelow(yield* Clock.currentTimeMillis, 600_000)
        assert.include((yield* pausing(credentials)).message, "ECONNREFUSED")
      }
    }).pipe(
      // a port that nobody listens on: the layer asks the accounts server there
      Effect.provide(
        Layer.provide(
          BiginAuth.layerRefreshToken({ ...client, accountsOrigin: "http://127.0.0.1:1" }),
          NodeHttpClient.layer
        )
      )
    )
  )

  it.effect("means nothing where a clock that was ahead wrote it, and nor does a token", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2027, 0, 1))
      yield* credentials
      yield* TestClock.setTime(Date.UTC(2026, 0, 1))
      yield* credentials
      assert.strictEqual(yield* mints, 2)
      yield* TestClock.adjust("1 hour")
      yield* injectMint(FakeBigin.answerWith(Fixtures.tokenThrottle))
      yield* Effect.flip(credentials)
      yield* TestClock.setTime(Date.UTC(2025, 0, 1))
      yield* credentials
    }).pipe(Effect.provide(minting()))
  )

  it.effect("a rejection is remembered for a minute", () =>
    Effect.gen(function* () {
      yield* injectMint(FakeBigin.answerWith(Fixtures.tokenError("invalid_client")))
      const first = yield* Effect.flip(credentials)
      yield* TestClock.adjust("59 seconds")
      expect(yield* Effect.flip(credentials)).toEqual(first)
      assert.strictEqual(yield* mints, 1)
      yield* TestClock.adjust("1 second")
      yield* credentials
    }).pipe(Effect.provide(minting()))
  )
})

const late =
  (fault: FakeBigin.Fault): FakeBigin.Fault =>
  (bigin) =>
    Effect.delay(fault(bigin), "20 seconds")

describe("what the accounts server may answer", () => {
  const failing = (fault: FakeBigin.Fault, adjust: Duration.DurationInput = 0) =>
    Effect.gen(function* () {
      yield* injectMint(fault)
      const fiber = yield* Effect.fork(Effect.flip(deleteAttachment(Fixtures.attachment)))
      yield* TestClock.adjust(adjust)
      const error = yield* Fiber.join(fiber)
      // nothing was sent to Bigin
      assert.deepStrictEqual(
        (yield* requests).filter((request) => !isMint(request)),
        []
      )
      return error
    }).pipe(Effect.provide(minting()))

  const rejecting = [
    "invalid_client",
    "invalid_client_secret",
    "invalid_code",
    "invalid_grant",
    "access_denied",
    "unauthorized_client",
    "invalid_scope",
    "an_error_of_tomorrow"
  ]

  it.effect.each(
    rejecting.flatMap((error) =>
      [200, 400, 401, ...(error === "an_error_of_tomorrow" ? [] : [500])].map((status) => [error, status] as const)
    )
  )("%s under %i needs a person", ([error, status]) =>
    Effect.gen(function* () {
      const failure = yield* failing(FakeBigin.answerWith(Fixtures.json(status, { error })))
      assert.strictEqual(failure._tag, "TokenRejected")
      assert.include(failure.message, error)
    })
  )

  it.effect.each([
    ["a throttle", FakeBigin.answerWith(Fixtures.tokenThrottle), 0],
    ["a throttle under 200", FakeBigin.answerWith(Fixtures.tokenError("Access Denied")), 0],
    ["a failure that passes", FakeBigin.answerWith(Fixtures.tokenError("server_error", 400)), 0],
    ["a 5xx", FakeBigin.answerWith(Fixtures.html(503, "down")), 0],
    ["a gateway's JSON", FakeBigin.answerWith(Fixtures.json(503, { status: 503, error: "Service Unavailable" })), 0],
    ["an error that is empty", FakeBigin.answerWith(Fixtures.json(200, { error: "" })), 0],
    ["a token under a 4xx", FakeBigin.answerWith(Fixtures.json(400, { access_token: "1000.a", expires_in: 9 })), 0],
    ["an empty token", FakeBigin.answerWith(Fixtures.json(200, { access_token: "", expires_in: 3600 })), 0],
    [
      "a token that died on its way",
      late(FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.a", expires_in: 5 }))),
      "20 seconds"
    ],
    ["HTML", FakeBigin.answerWith(Fixtures.html(200, "hello")), 0],
    ["a redirect", FakeBigin.answerWith({ status: 307, headers: { location: "https://evil.invalid" }, body: "" }), 0],
    ["nothing", FakeBigin.empty, 0],
    ["half of it", FakeBigin.truncate, 0],
    ["nothing in time", FakeBigin.delay("1 hour"), "30 seconds"],
    ["a reset", FakeBigin.cut, 0],
    ["a lost answer", FakeBigin.loseAnswer, 0],
    ["a token without life", FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.a", expires_in: 0 })), 0],
    ["a token of yesterday", FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.a", expires_in: -5 })), 0],
    ["no access_token", FakeBigin.answerWith(Fixtures.json(200, { expires_in: 3600 })), 0],
    ["a number for a token", FakeBigin.answerWith(Fixtures.json(200, { access_token: 1, expires_in: 3600 })), 0],
    ["an array", FakeBigin.answerWith(Fixtures.json(200, [])), 0],
    ["null", FakeBigin.answerWith(Fixtures.json(200, null)), 0]
  ] as const)("%s may pass: TokenUnreachable", ([, fault, adjust]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failing(fault, adjust))._tag, "TokenUnreachable")
    })
  )

  it.effect("a token that no header can hold is TokenRejected, and not kept for longer than that is", () =>
    Effect.gen(function* () {
      yield* injectMint(FakeBigin.answerWith(Fixtures.json(200, { access_token: "two words", expires_in: 3600 })))
      assert.strictEqual((yield* Effect.flip(credentials))._tag, "TokenRejected")
      yield* TestClock.adjust("1 minute")
      assert.match(Redacted.value((yield* credentials).accessToken), /^1000\.minted/)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("a client that ends in interruption interrupts no caller", () =>
    Effect.gen(function* () {
      yield* injectMint(() => Effect.interrupt)
      assert.strictEqual((yield* Effect.flip(credentials))._tag, "TokenUnreachable")
      yield* credentials
    }).pipe(Effect.provide(minting()))
  )

  it.effect("a client that ends in interruption is no failure, and may have minted: ten times in ten minutes", () =>
    Effect.gen(function* () {
      yield* injectMint(() => Effect.interrupt, 100)
      for (let count = 0; count < 10; count++) assert.notProperty(yield* Effect.flip(credentials), "retryAfter")
      expect(yield* Effect.flip(credentials)).toMatchObject({ retryAfter: Duration.minutes(10) })
      assert.strictEqual(yield* mints, 10)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("callers that meet the tenth mint under way wait for it", () =>
    Effect.gen(function* () {
      yield* injectMint(() => Effect.interrupt, 9)
      for (let count = 0; count < 9; count++) yield* Effect.flip(credentials)
      yield* slowMint("1 second")
      const fiber = yield* Effect.fork(Effect.all([credentials, credentials, credentials], { concurrency: 3 }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.strictEqual(yield* mints, 10)
    }).pipe(Effect.provide(minting()))
  )

  it.effect("an accounts origin that is none is TokenRejected, and no secret is sent", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(credentials))._tag, "TokenRejected")
      assert.lengthOf(yield* requests, 0)
    }).pipe(Effect.provide(minting({ accountsOrigin: "https://accounts.zoho.com@evil.example" })))
  )
})

describe("the API origin of a token reply", () => {
  const originOf = (api_domain: unknown, options: Options = {}) =>
    Effect.gen(function* () {
      yield* injectMint(
        FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.given", expires_in: 3600, api_domain }))
      )
      return (yield* credentials).apiOrigin
    }).pipe(Effect.provide(minting(options)))

  it.effect.each(Object.values(DataCenter.origins).map(({ api }) => api))("%s is honoured", (api) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* originOf(api), api)
      assert.strictEqual(yield* originOf(`${api.toUpperCase()}/`), api)
    })
  )

  it.effect.each([undefined, null, "", 5, {}])("%j is the data centre's", (api_domain) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* originOf(api_domain, { dataCenter: "jp" }), "https://www.zohoapis.jp")
    })
  )

  const foreign = [
    "http://www.zohoapis.com",
    "https://www.zohoapis.com.evil.example",
    "https://evil.example",
    "https://www.zohoapis.com@evil.example",
    "https://user:password@www.zohoapis.com",
    "https://www.zohoapis.com:8443",
    "https://www.zohoapis.com/bigin",
    "https://127.0.0.1",
    "www.zohoapis.com",
    " "
  ]

  it.effect.each(foreign)("%j is TokenRejected, and no token leaves", (api_domain) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(originOf(api_domain)))._tag, "TokenRejected")
    })
  )

  it.effect.each(foreign)("%j is not looked at where an origin is named", (api_domain) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* originOf(api_domain, { apiOrigin: "http://127.0.0.1:1" }), "http://127.0.0.1:1")
    })
  )

  it.effect("does not let the secret go along with a redirect", () =>
    Effect.gen(function* () {
      const elsewhere = yield* FakeBigin.make()
      const { origin } = yield* FakeBigin.serve.pipe(Effect.provideService(FakeBigin.FakeBigin, elsewhere))
      yield* injectMint(
        FakeBigin.answerWith({ status: 307, headers: { location: `${origin}/oauth/v2/token` }, body: "" })
      )
      assert.strictEqual((yield* Effect.flip(credentials))._tag, "TokenUnreachable")
      assert.lengthOf(yield* elsewhere.requests, 0)
    }).pipe(Effect.scoped, Effect.provide(tcp(FetchHttpClient.layer)))
  )
})

describe("what a mint sends", () => {
  it.effect("is a form in the body, with nothing in the URL", () =>
    Effect.gen(function* () {
      yield* credentials
      const [request] = yield* requests
      expect(request).toMatchObject({ method: "POST", url: "/oauth/v2/token" })
      expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
        grant_type: "refresh_token",
        client_id: Fixtures.client.clientId,
        client_secret: Fixtures.client.clientSecret,
        refresh_token: Fixtures.client.refreshToken
      })
    }).pipe(Effect.provide(minting()))
  )

  it.effect("tells Scopes.ensure what was granted", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Scopes.ensure(Effect.void, Scopes.deleteAttachment("Contacts")))
      expect(error).toMatchObject({ _tag: "MissingScope", granted: ["ZohoBigin.modules.tasks.ALL"] })
    }).pipe(
      Effect.provide(
        minting(
          {},
          {
            clients: {
              [Fixtures.client.clientId]: {
                clientSecret: Fixtures.client.clientSecret,
                refreshTokens: { [Fixtures.client.refreshToken]: { scopes: ["ZohoBigin.modules.tasks.ALL"] } }
              }
            }
          }
        )
      )
    )
  )
})

describe("other grants", () => {
  it.effect("a code is exchanged for a refresh token, once", () =>
    Effect.gen(function* () {
      const exchange = BiginAuth.exchangeGrantCode({ ...client, code: Redacted.make(Fixtures.client.code) })
      const { credentials, refreshToken } = yield* exchange
      assert.strictEqual(Redacted.value(refreshToken), Fixtures.client.refreshToken)
      assert.strictEqual(credentials.apiOrigin, "https://www.zohoapis.com")
      assert.strictEqual((yield* Effect.flip(exchange))._tag, "TokenRejected")
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("client credentials mint tokens of the scopes that are asked for", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* deleteAttachment(Fixtures.attachment), Fixtures.attachment)
      const [mint] = yield* requests
      expect(Object.fromEntries(new URLSearchParams(mint?.body))).toMatchObject({
        grant_type: "client_credentials",
        scope: "ZohoBigin.modules.contacts.DELETE,ZohoBigin.modules.attachments.DELETE",
        soid: "ZohoBigin.1"
      })
    }).pipe(
      Effect.provide(
        Layer.provideMerge(
          BiginAuth.layerClientCredentials({
            ...client,
            scopes: Scopes.missing(Scopes.deleteAttachment("Contacts"), []),
            soid: "ZohoBigin.1"
          }),
          FakeBigin.layer
        )
      )
    )
  )
})

const failure = {
  _tag: "SystemError",
  reason: "PermissionDenied",
  module: "KeyValueStore",
  method: "get",
  message: "denied"
} as never // a platform error is a class with more to it than a store's user sees

describe("a store", () => {
  const { layerMemory } = KeyValueStore
  const stored = Effect.flatMap(KeyValueStore.KeyValueStore, (store) => store.get(key))
  const key = keyOf({ ...client, grant: { grant_type: "refresh_token", refresh_token: client.refreshToken } })

  /** A process: a layer of its own over the store and the server that all of them share. */
  const process = <A, E>(
    effect: Effect.Effect<A, E, BiginAuth.BiginAuth | HttpClient.HttpClient>,
    options: Options = {}
  ) =>
    Effect.flatMap(KeyValueStore.KeyValueStore, (store) =>
      Effect.provide(effect, BiginAuth.layerRefreshToken({ ...client, ...options, store }))
    )

  const shared = Layer.merge(FakeBigin.layer, layerMemory)

  it.effect("lets a token survive its process: a script of every minute mints once an hour", () =>
    Effect.gen(function* () {
      for (let minute = 0; minute < 120; minute++) {
        yield* process(credentials)
        yield* TestClock.adjust("1 minute")
      }
      assert.strictEqual(yield* mints, 3)
    }).pipe(Effect.provide(shared))
  )

  it.effect("keeps scopes and origin along with the token", () =>
    Effect.gen(function* () {
      const first = yield* process(credentials)
      expect(yield* process(credentials)).toEqual(first)
    }).pipe(Effect.provide(shared))
  )

  it.effect("carries the throttle to other processes", () =>
    Effect.gen(function* () {
      yield* injectMint(FakeBigin.answerWith(Fixtures.tokenThrottle))
      yield* Effect.flip(process(credentials))
      yield* TestClock.adjust("1 minute")
      expect(yield* Effect.flip(process(credentials))).toMatchObject({ retryAfter: Duration.minutes(9) })
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(shared))
  )

  it.effect("counts the mints of all processes", () =>
    Effect.gen(function* () {
      yield* injectMint(FakeBigin.loseAnswer, 100)
      for (let index = 1; index < 10; index++) yield* pausing(process(credentials))
      for (let index = 0; index < 5; index++) yield* Effect.flip(process(credentials))
      assert.strictEqual(yield* mints, 10)
    }).pipe(Effect.provide(shared))
  )

  it.effect("does not give back a token that Bigin has refused", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* process(credentials)
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.undocumented.InvalidToken) })
      yield* process(deleteAttachment(Fixtures.attachment))
      assert.strictEqual(yield* mints, 2)
    }).pipe(Effect.provide(shared))
  )

  it.effect.each(["", "{", "null", "[]", '{"print":5}', '{"print":{"mints":[]}}'])(
    "ignores and replaces what is corrupt or foreign: %j",
    (entry) =>
      Effect.gen(function* () {
        const store = yield* KeyValueStore.KeyValueStore
        yield* store.set(key, entry)
        assert.match(Redacted.value((yield* process(credentials)).accessToken), /^1000\.minted-1/)
        yield* process(credentials)
        assert.strictEqual(yield* mints, 1)
      }).pipe(Effect.provide(shared))
  )

  it.effect.each([
    [/"endsAt":\d+/, '"endsAt":1e999'],
    [/"endsAt":\d+/, '"endsAt":1.5'],
    [/"mints":\[/, '"mints":[{"id":"x","by":"x","at":0,"endedAt":0,"failure":{"until":1e999}},'],
    [/"mints":\[/, '"mints":[{"id":"x","by":"x","at":1e999},'],
    [/"accessToken":"[^"]*"/, '"accessToken":"two words"'],
    [/"accessToken":"[^"]*"/, '"accessToken":""']
  ] as const)("ignores and replaces an entry of ours that was tampered with: %s", ([part, replacement]) =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      yield* process(credentials)
      yield* store.modify(key, (entry) => entry.replace(part, replacement))
      assert.match(Redacted.value((yield* process(credentials)).accessToken), /^1000\.minted-2/)
      yield* process(credentials)
      assert.strictEqual(yield* mints, 2)
    }).pipe(Effect.provide(shared))
  )

  it.effect("makes a process wait for the mint that another has begun", () =>
    Effect.gen(function* () {
      yield* injectMint(FakeBigin.delay("2 seconds"))
      const both = yield* Effect.fork(Effect.all([process(credentials), process(credentials)], { concurrency: 2 }))
      yield* TestClock.adjust("5 seconds")
      const [first, second] = yield* Fiber.join(both)
      expect(first).toEqual(second)
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(shared))
  )

  it.effect("makes nobody wait for one that was closed in the middle", () =>
    Effect.gen(function* () {
      const { begun } = yield* slowMint("1 hour")
      const closed = yield* Effect.fork(process(credentials))
      yield* begun
      yield* Fiber.interrupt(closed)
      yield* process(credentials)
      assert.strictEqual(yield* mints, 2)
    }).pipe(Effect.provide(shared))
  )

  it.effect("makes nobody wait for one that was killed in the middle for longer than half a minute", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      yield* process(credentials)
      // as a process leaves it that was killed before its reply came
      yield* store.modify(key, (entry) => entry.replace(/"token":\{[^}]*\},/, "").replace(/,"endedAt":\d+/, ""))
      assert.notInclude(JSON.stringify(yield* stored), "endedAt")
      const next = yield* Effect.fork(process(credentials))
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(yield* mints, 1)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(next)
      assert.strictEqual(yield* mints, 2)
    }).pipe(Effect.provide(shared))
  )

  it.effect("does not lose a throttle that another process has met meanwhile", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      yield* injectMint(FakeBigin.delay("20 seconds"))
      const slow = yield* Effect.fork(process(credentials))
      yield* TestClock.adjust("1 second")
      // as another process would have written it
      const throttle =
        '{"id":"x","by":"x","at":0,"endedAt":1000,"failure":{"kind":"throttle","until":601000,"made":false,"reason":"x"}}'
      yield* store.modify(key, (entry) => entry.replace('"mints":[', `"mints":[${throttle},`))
      yield* TestClock.adjust("20 seconds")
      yield* Fiber.join(slow)
      assert.include(JSON.stringify(yield* stored), "601000")
    }).pipe(Effect.provide(shared))
  )

  it.effect("does not lose its own throttle where another process has written over it", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      yield* injectMint((bigin) => Effect.delay(FakeBigin.answerWith(Fixtures.tokenThrottle)(bigin), "20 seconds"))
      yield* process(
        Effect.gen(function* () {
          const slow = yield* Effect.fork(Effect.flip(credentials))
          yield* TestClock.adjust("1 second")
          // as one writes that has read before this one wrote
          yield* store.set(key, '{"mints":[],"refused":[]}')
          yield* TestClock.adjust("20 seconds")
          yield* Fiber.join(slow)
          yield* store.set(key, '{"mints":[],"refused":[]}')
          yield* TestClock.adjust("1 minute")
          expect(yield* Effect.flip(credentials)).toMatchObject({ _tag: "TokenUnreachable" })
        })
      )
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(shared))
  )

  it.effect("does not give back a refused token where no other may be minted yet: there is no other", () =>
    Effect.gen(function* () {
      yield* process(
        Effect.gen(function* () {
          const auth = yield* BiginAuth.BiginAuth
          let last = yield* auth.credentials
          for (let count = 2; count <= 10; count++) {
            last = Option.getOrThrow(yield* auth.renew(last))
            yield* TestClock.adjust("1 minute")
          }
          assert.isTrue(Option.isNone(yield* auth.renew(last)))
          assert.strictEqual((yield* Effect.flip(auth.credentials))._tag, "TokenUnreachable")
        })
      )
    }).pipe(Effect.provide(shared))
  )

  it.effect("is not believed where it names an API origin that is none of Bigin's", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      yield* process(credentials)
      yield* store.modify(key, (entry) => entry.replace("https://www.zohoapis.com", "https://evil.example"))
      assert.strictEqual((yield* process(credentials)).apiOrigin, "https://www.zohoapis.com")
      assert.strictEqual(yield* mints, 2)
    }).pipe(Effect.provide(shared))
  )

  it.effect("holds no client secret and no refresh token, and its key no secret at all", () =>
    Effect.gen(function* () {
      yield* process(credentials)
      const entry = JSON.stringify(yield* stored)
      assert.include(entry, "1000.minted-1")
      assert.notInclude(entry, Fixtures.client.clientSecret)
      assert.notInclude(entry, Fixtures.client.refreshToken)
    }).pipe(Effect.provide(shared))
  )

  it.effect("keeps the tokens of two refresh tokens of one client apart, and both", () =>
    Effect.gen(function* () {
      for (let minute = 0; minute < 30; minute++) {
        yield* process(credentials)
        yield* process(credentials, { refreshToken: Redacted.make("1000.another") })
        yield* TestClock.adjust("1 minute")
      }
      assert.strictEqual(yield* mints, 2)
    }).pipe(
      Effect.provide(
        Layer.merge(
          layerMemory,
          FakeBigin.layerWith({
            clients: {
              [Fixtures.client.clientId]: {
                clientSecret: Fixtures.client.clientSecret,
                refreshTokens: { [Fixtures.client.refreshToken]: { scopes: [] }, "1000.another": { scopes: [] } }
              }
            }
          })
        )
      )
    )
  )

  const broken: ReadonlyArray<readonly [string, Effect.Effect<never>]> = [
    ["fails", Effect.fail(failure) as Effect.Effect<never>], // typed as what a store may fail with, below
    ["dies", Effect.die(new Error("1000.minted"))],
    ["hangs", Effect.never]
  ]

  it.effect.each(broken)("that %s costs a mint and no call", ([, effect]) =>
    Effect.gen(function* () {
      const store = KeyValueStore.makeStringOnly({
        get: () => effect,
        set: () => effect,
        remove: () => Effect.void,
        clear: Effect.void,
        size: Effect.succeed(0)
      })
      const fiber = yield* Effect.fork(
        Effect.provide(Effect.all([credentials, credentials]), BiginAuth.layerRefreshToken({ ...client, store }))
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(shared))
  )
})
