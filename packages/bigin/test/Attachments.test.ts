import { FetchHttpClient, HttpClient } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Option, Redacted, TestClock } from "effect"
import { BiginAuth, BiginConfig, deleteAttachment, Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { clients, doors, inMemoryAs, overTcp } from "./doors.ts"

const attachment = Fixtures.attachment
const record = Fixtures.record
const tags = Object.keys(Errors.catalogue) as Array<Errors.DocumentedTag> // keys of a literal object

const idsLeft = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  return (yield* fake.attachments(record)).map(({ id }) => id)
})

/** Whatever client is provided, by somebody's filterStatusOk. */
const withFilterStatusOk = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.flatMap(HttpClient.HttpClient, (client) =>
    Effect.provideService(self, HttpClient.HttpClient, HttpClient.filterStatusOk(client))
  )

/** A request that is never answered, and tells when it has arrived and when its client has gone. */
const hang = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  const arrived = yield* Deferred.make<void>()
  const aborted = yield* Deferred.make<void>()
  yield* fake.inject({
    fault: () =>
      Effect.zipRight(Deferred.succeed(arrived, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Deferred.succeed(aborted, undefined))
      )
  })
  return { arrived: Deferred.await(arrived), aborted: Deferred.await(aborted) }
})

describe.each(doors)("deleteAttachment over %s", (_, door) => {
  it.effect("deletes the attachment, and no other", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* deleteAttachment(attachment), attachment)
      assert.deepStrictEqual(yield* idsLeft, ["2883756000000261029"])
    }).pipe(Effect.provide(door))
  )

  it.effect("sends what the page documents", () =>
    Effect.gen(function* () {
      yield* deleteAttachment(attachment)
      const fake = yield* FakeBigin.FakeBigin
      const [request, ...more] = yield* fake.requests
      assert.lengthOf(more, 0)
      assert.strictEqual(request?.method, "DELETE")
      assert.strictEqual(request?.url, "/bigin/v1/Contacts/2883756000000261075/Attachments/2883756000000261017")
      assert.strictEqual(request?.headers["authorization"], `Zoho-oauthtoken ${Fixtures.accessTokens.administrator}`)
    }).pipe(Effect.provide(door))
  )

  it.effect("sends the same path under v2 where that is provided", () =>
    Effect.gen(function* () {
      yield* deleteAttachment(attachment).pipe(Effect.provideService(BiginConfig.ApiVersion, "v2"))
      const [request] = yield* (yield* FakeBigin.FakeBigin).requests
      assert.strictEqual(request?.url, "/bigin/v2/Contacts/2883756000000261075/Attachments/2883756000000261017")
    }).pipe(Effect.provide(door))
  )

  describe.each(tags)("a documented failure: %s", (tag) => {
    const { code, message, status } = Errors.catalogue[tag]

    describe.each(["data", "top"] as const)("in the envelope %s", (envelope) => {
      const details = { resource_path_index: 3, said: ["anything", { at: "all" }] }
      const fails = (
        through: (
          self: Effect.Effect<unknown, Errors.DeleteAttachmentError, HttpClient.HttpClient | BiginAuth.BiginAuth>
        ) => typeof self
      ) =>
        Effect.gen(function* () {
          const fake = yield* FakeBigin.FakeBigin
          yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented(tag, { details, envelope })) })
          const error = yield* Effect.flip(through(deleteAttachment(attachment)))
          expect(error).toMatchObject({ _tag: tag, ref: attachment, status, code, wireMessage: message, details })
          assert.lengthOf(yield* fake.requests, 1)
        }).pipe(Effect.provide(door))

      it.effect("has its tag, and status, code, message and details as they came", () => fails((self) => self))
      it.effect("has them through filterStatusOk too", () => fails(withFilterStatusOk))
    })
  })

  it.effect.each([
    ["a module that does not exist", { ...attachment, module: "Contact" }, "InvalidModule"],
    ["a module that the API does not serve", { ...attachment, module: "Documents" }, "UnsupportedModule"]
  ] as const)("tells %s", ([, ref, tag]) =>
    Effect.gen(function* () {
      // a wrong module has no scope of its own, so the token needs none either: only the fake's order is at work here
      const error = yield* Effect.flip(deleteAttachment(ref))
      assert.strictEqual(error._tag, tag)
    }).pipe(Effect.provide(door))
  )

  it.effect("tells which id was refused, and answers a deleted attachment like one that never was", () =>
    Effect.gen(function* () {
      const refusal = (ref: typeof attachment | { module: string; recordId: string; attachmentId: string }) =>
        deleteAttachment(ref).pipe(
          Effect.flip,
          Effect.flatMap((error) =>
            error._tag === "InvalidData"
              ? Effect.succeed({ ...(error.details as object), target: error.target })
              : Effect.fail(error)
          )
        )
      yield* deleteAttachment(attachment)
      const gone = yield* refusal(attachment)
      const never = yield* refusal({ ...attachment, attachmentId: "1" })
      assert.strictEqual(gone.target, "attachment")
      assert.deepStrictEqual(gone, never)
      assert.strictEqual((yield* refusal({ ...attachment, recordId: "1" })).target, "record")
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["a 429 with Retry-After", FakeBigin.answerWith(Fixtures.rateLimited(30)), "RateLimited", false],
    ["a gateway's HTML 502 after the deletion", FakeBigin.badGateway, "ServiceFault", true],
    ["half of the answer", FakeBigin.truncate, "UnconfirmedSuccess", true],
    ["an empty 200", FakeBigin.empty, "UnconfirmedSuccess", true],
    ["a connection cut before the deletion", FakeBigin.cut, "ConnectionLost", false],
    ["a lost answer", FakeBigin.loseAnswer, "ConnectionLost", true],
    ["an answer that breaks off", FakeBigin.breakOff, "ConnectionLost", true]
  ] as const)("types %s, and hides nothing that happened", ([, fault, tag, deleted]) =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault })
      const error = yield* Effect.flip(deleteAttachment(attachment))
      assert.strictEqual(error._tag, tag)
      assert.strictEqual((yield* idsLeft).length, deleted ? 1 : 2)
      if (deleted) assert.isTrue(error.mayHaveApplied)
      // no retry of its own
      assert.lengthOf(yield* fake.requests, 1)
    }).pipe(Effect.provide(door))
  )

  it.effect("aborts the request when its caller is interrupted", () =>
    Effect.gen(function* () {
      const { aborted, arrived } = yield* hang
      const fiber = yield* Effect.fork(deleteAttachment(attachment))
      yield* arrived
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isInterrupted(exit))
      yield* aborted
    }).pipe(Effect.provide(door))
  )

  it.effect("times out as a failure, not as an interruption, and aborts the request", () =>
    Effect.gen(function* () {
      const { aborted, arrived } = yield* hang
      const fiber = yield* Effect.fork(Effect.flip(deleteAttachment(attachment)))
      yield* arrived
      yield* TestClock.adjust("30 seconds")
      expect(yield* Fiber.join(fiber)).toEqual(
        new Errors.RequestTimedOut({ ref: attachment, after: Duration.seconds(30) })
      )
      yield* aborted
    }).pipe(Effect.provide(door))
  )
})

describe.each(Object.entries(clients))("what leaves the process over %s", (_, client) => {
  it.effect.each([301, 302, 303, 307, 308])("a %s is not followed and no other host sees the token", (status) =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const elsewhere = yield* FakeBigin.make()
      const { origin } = yield* FakeBigin.serve.pipe(Effect.provideService(FakeBigin.FakeBigin, elsewhere))
      yield* fake.inject({
        fault: FakeBigin.answerWith({ status, headers: { location: `${origin}/bigin/v1/stolen` }, body: "" })
      })
      expect(yield* Effect.flip(deleteAttachment(attachment))).toMatchObject({ _tag: "MalformedResponse", status })
      assert.lengthOf(yield* elsewhere.requests, 0)
      assert.lengthOf(yield* fake.requests, 1)
    }).pipe(Effect.scoped, Effect.provide(overTcp(client)))
  )

  it.effect.each(["", "abc\n", "abc\r\nx-evil: 1", "a b", "tab\t", "nul\u0000", "del\u007f", "tökén", "🔑"])(
    "the token %j is TokenRejected and nothing is sent",
    (accessToken) =>
      Effect.gen(function* () {
        const fake = yield* FakeBigin.FakeBigin
        const error = yield* Effect.flip(deleteAttachment(attachment))
        assert.strictEqual(error._tag, "TokenRejected")
        assert.lengthOf(yield* fake.requests, 0)
      }).pipe(Effect.provide(overTcp(client, { accessToken })))
  )

  it.effect("nobody listening is ConnectionFailed: nothing was sent", () =>
    Effect.gen(function* () {
      // a port that was free a moment ago
      const { origin: apiOrigin } = yield* FakeBigin.serve.pipe(
        Effect.scoped,
        Effect.provideServiceEffect(FakeBigin.FakeBigin, FakeBigin.make())
      )
      const error = yield* Effect.flip(deleteAttachment(attachment)).pipe(
        Effect.provide(BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin }))
      )
      expect(error).toEqual(new Errors.ConnectionFailed({ ref: attachment, reason: "ECONNREFUSED" }))
    }).pipe(Effect.provide(client))
  )

  it.effect("a host that does not exist is ConnectionFailed", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(deleteAttachment(attachment))
      assert.strictEqual(error._tag, "ConnectionFailed")
    }).pipe(
      Effect.provide([
        client,
        BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin: "https://bigin.invalid" })
      ])
    )
  )

  it.effect("no trace header is sent, though the call is traced", () =>
    Effect.gen(function* () {
      yield* deleteAttachment(attachment).pipe(Effect.withSpan("program"))
      const [request] = yield* (yield* FakeBigin.FakeBigin).requests
      assert.notProperty(request?.headers, "traceparent")
      assert.notProperty(request?.headers, "b3")
    }).pipe(Effect.provide(overTcp(client)))
  )
})

describe("the caller's RequestInit", () => {
  it.effect("survives in the call's context, but for following redirects", () =>
    Effect.gen(function* () {
      const seen: Array<RequestInit | undefined> = []
      const fetch: typeof globalThis.fetch = (input, init) => {
        seen.push(init)
        return globalThis.fetch(input, init)
      }
      yield* deleteAttachment(attachment).pipe(
        Effect.provideService(FetchHttpClient.RequestInit, { keepalive: true, redirect: "follow" }),
        Effect.provideService(FetchHttpClient.Fetch, fetch)
      )
      assert.lengthOf(seen, 1)
      assert.isTrue(seen[0]?.keepalive)
      assert.strictEqual(seen[0]?.redirect, "manual")
    }).pipe(Effect.provide(overTcp(FetchHttpClient.layer)))
  )
})

describe("permission and scope", () => {
  it.effect.each([
    ["reader", "OAuthScopeMismatch"],
    ["denied", "NoPermission"],
    ["unprivileged", "AuthorizationFailed"]
  ] as const)("a token of %s", ([who, tag]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(deleteAttachment(attachment))
      assert.strictEqual(error._tag, tag)
      assert.lengthOf(yield* idsLeft, 2)
    }).pipe(Effect.provide(inMemoryAs(Fixtures.accessTokens[who])))
  )
})

describe("the timeout of an attempt", () => {
  const slowAuth = Layer.effect(
    BiginAuth.BiginAuth,
    Effect.map(BiginAuth.BiginAuth, (auth) =>
      BiginAuth.make({ credentials: Effect.delay(auth.credentials, "10 minutes") })
    )
  )

  it.effect("never counts the wait for a token", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(deleteAttachment(attachment))
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* Fiber.join(fiber), attachment)
    }).pipe(Effect.provide(Layer.provideMerge(slowAuth, FakeBigin.layer)))
  )

  it.effect("is the one that is provided", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.delay("1 minute") })
      const after = Duration.millis(1500)
      const fiber = yield* deleteAttachment(attachment).pipe(
        Effect.provideService(BiginConfig.AttemptTimeout, after),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("1499 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 millis")
      expect(yield* Fiber.join(fiber)).toEqual(new Errors.RequestTimedOut({ ref: attachment, after }))
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("ends an attempt in a finalizer too, where nothing else could", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.delay(Duration.infinity) })
      const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.flip(deleteAttachment(attachment))))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "RequestTimedOut")
      assert.strictEqual((yield* fake.requests)[0]?.fate, "Aborted")
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("may be infinite", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.delay("1 day") })
      const fiber = yield* deleteAttachment(attachment).pipe(
        Effect.provideService(BiginConfig.AttemptTimeout, Duration.infinity),
        Effect.fork
      )
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* Fiber.join(fiber), attachment)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("a refused token", () => {
  const second = Fixtures.accessTokens.administrator
  const authWith = (renew: BiginAuth.Service["renew"]) =>
    Layer.succeed(
      BiginAuth.BiginAuth,
      BiginAuth.make({
        credentials: Effect.succeed({
          accessToken: Redacted.make("1000.expired"),
          apiOrigin: "https://www.zohoapis.com"
        }),
        renew
      })
    )
  const renewed = Effect.succeedSome({ accessToken: Redacted.make(second), apiOrigin: "https://www.zohoapis.com" })

  it.effect("is replaced once and the call sent once more", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* deleteAttachment(attachment), attachment)
      const sent = (yield* (yield* FakeBigin.FakeBigin).requests).map(({ headers }) => headers["authorization"])
      assert.deepStrictEqual(sent, ["Zoho-oauthtoken 1000.expired", `Zoho-oauthtoken ${second}`])
    }).pipe(
      Effect.provide(
        Layer.merge(
          FakeBigin.layer,
          authWith(() => renewed)
        )
      )
    )
  )

  it.effect("is InvalidToken where the layer has no other", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(deleteAttachment(attachment))
      assert.strictEqual(error._tag, "InvalidToken")
      assert.lengthOf(yield* (yield* FakeBigin.FakeBigin).requests, 1)
    }).pipe(
      Effect.provide(
        Layer.merge(
          FakeBigin.layer,
          authWith(() => Effect.succeedNone)
        )
      )
    )
  )

  it.effect("is InvalidToken when the second is refused too, after two requests", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.undocumented.InvalidToken), times: 5 })
      const error = yield* Effect.flip(deleteAttachment(attachment))
      assert.strictEqual(error._tag, "InvalidToken")
      assert.lengthOf(yield* fake.requests, 2)
    }).pipe(
      Effect.provide(
        Layer.merge(
          FakeBigin.layer,
          authWith(() => renewed)
        )
      )
    )
  )

  it.effect("may be wiped by who renews it: the second answer is read all the same", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(deleteAttachment({ ...attachment, attachmentId: "1" }))
      assert.strictEqual(error._tag, "InvalidData")
    }).pipe(
      Effect.provide(
        Layer.merge(
          FakeBigin.layer,
          authWith(({ accessToken }) =>
            Effect.zipRight(
              Effect.sync(() => Redacted.unsafeWipe(accessToken)),
              renewed
            )
          )
        )
      )
    )
  )

  it.effect("lets the failure of renewing through", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(deleteAttachment(attachment))
      expect(error).toEqual(new Errors.TokenUnreachable({ reason: "503" }))
    }).pipe(
      Effect.provide(
        Layer.merge(
          FakeBigin.layer,
          authWith(() => Effect.fail(new Errors.TokenUnreachable({ reason: "503" })))
        )
      )
    )
  )
})
