/** A client that keeps deadline and bound itself: everything is as over any other, and its Exchange is what is asked. */
import { HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import {
  Cause,
  type Clock,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  FiberRef,
  Layer,
  Redacted,
  Stream,
  TestClock
} from "effect"
import { Attachments, BiginAuth, BiginConfig, deleteAttachment, Errors, Throttle, Transport } from "effect-bigin"
import type { Tracer } from "effect"
import { Fixtures } from "effect-bigin-testing"
import { gzipSync } from "node:zlib"
import { recordingTracer } from "./recordingTracer.ts"

const ref = Fixtures.attachment
const bytes = (text: string) => new TextEncoder().encode(text)

const answerOf = ({ body, headers, status }: Fixtures.TextReply): Transport.Answer => ({
  status,
  headers,
  body: bytes(body),
  isWhole: true
})

const success = answerOf(Fixtures.success(ref.attachmentId))

type Reply = (
  request: HttpClientRequest.HttpClientRequest,
  limits: Transport.Limits
) => Effect.Effect<Transport.Answer, HttpClientError.HttpClientError>

/** A transport whose answers are the test's own, and what it has seen. Asked as an HttpClient it answers with a 418. */
const makeTransport = (reply: Reply) => {
  const seen = { begun: 0, ended: 0, cancelled: 0, paths: Array<string>(), most: 0 }
  const exchange: Transport.Exchange = (request, limits) =>
    Effect.flatMap(request, (request) =>
      Effect.asyncEffect<
        Transport.Answer,
        HttpClientError.HttpClientError | Cause.TimeoutException,
        never,
        never,
        never,
        never
      >((resume) => {
        seen.begun += 1
        seen.most = limits.most
        seen.paths.push(new URL(request.url).pathname)
        const stop = limits.deadline(() => resume(Effect.fail(new Cause.TimeoutException())))
        const cancel = Effect.sync(() => {
          stop()
          seen.cancelled += 1
        })
        return Effect.as(
          Effect.forkDaemon(
            Effect.onExit(Effect.interruptible(reply(request, limits)), (exit) =>
              Effect.sync(() => {
                stop()
                seen.ended += 1
                resume(exit)
              })
            )
          ),
          cancel
        )
      })
    )
  const client = HttpClient.make((request) =>
    Effect.succeed(HttpClientResponse.fromWeb(request, new Response("", { status: 418 })))
  )
  const transport: Transport.Transport = Object.assign(client, { [Transport.TypeId]: exchange })
  return { layer: Layer.succeed(HttpClient.HttpClient, transport), seen, transport }
}

const auth = BiginAuth.layerToken({
  accessToken: Redacted.make("1000.token"),
  apiOrigin: "https://bigin.test"
})

/** A transport that waits until the test lets it go. */
const waiting = Effect.gen(function* () {
  const started = yield* Deferred.make<void>()
  const go = yield* Deferred.make<void>()
  const made = makeTransport(() =>
    Effect.zipRight(Deferred.succeed(started, undefined), Effect.as(Deferred.await(go), success))
  )
  return { ...made, go: Deferred.succeed(go, undefined), started: Deferred.await(started) }
})

/** What it ended with: the exit of the fiber holds an interruption that it only heard behind it. */
const forkUninterruptible = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const ends: Array<Exit.Exit<A, E>> = []
    const caller = yield* Effect.fork(
      Effect.uninterruptible(Effect.onExit(self, (exit) => Effect.sync(() => ends.push(exit))))
    )
    return { caller, ends }
  })

describe("a call over a Transport", () => {
  it.effect("asks its Exchange for at most 1 MiB, and has the answer", () =>
    Effect.gen(function* () {
      const { layer, seen } = makeTransport(() => Effect.succeed(success))
      assert.deepStrictEqual(yield* deleteAttachment(ref).pipe(Effect.provide([auth, layer])), ref)
      assert.deepStrictEqual(seen, {
        begun: 1,
        ended: 1,
        cancelled: 0,
        paths: [`/bigin/v1/${ref.module}/${ref.recordId}/Attachments/${ref.attachmentId}`],
        most: 1_048_576
      })
    })
  )

  it.effect("reads every failure as over any other client", () =>
    Effect.gen(function* () {
      const { layer } = makeTransport(() => Effect.succeed(answerOf(Fixtures.documented("NoPermission"))))
      const error = yield* Effect.flip(deleteAttachment(ref).pipe(Effect.provide([auth, layer])))
      assert.strictEqual(error._tag, "NoPermission")
    })
  )

  it.effect("of an answer that was cut at the bound reads no item", () =>
    Effect.gen(function* () {
      const { layer } = makeTransport(() => Effect.succeed({ ...success, isWhole: false }))
      const error = yield* Effect.flip(deleteAttachment(ref).pipe(Effect.provide([auth, layer])))
      expect(error).toMatchObject({ _tag: "UnconfirmedSuccess", problem: "it is longer than 1048576 bytes" })
    })
  )

  it.effect("undoes a content-coding that nobody asked for", () =>
    Effect.gen(function* () {
      const headers = { ...success.headers, "content-encoding": "gzip" }
      const { layer } = makeTransport(() =>
        Effect.succeed({ ...success, headers, body: new Uint8Array(gzipSync(success.body)) })
      )
      assert.deepStrictEqual(yield* deleteAttachment(ref).pipe(Effect.provide([auth, layer])), ref)
    })
  )

  it.effect.each([
    ["ECONNREFUSED", { syscall: "connect", code: "ECONNREFUSED" }, "ConnectionFailed"],
    ["ECONNRESET", { code: "ECONNRESET" }, "ConnectionLost"]
  ] as const)("that fails with %s proves what its cause proves", ([reason, cause, tag]) =>
    Effect.gen(function* () {
      const { layer } = makeTransport((request) =>
        Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause }))
      )
      const error = yield* Effect.flip(deleteAttachment(ref).pipe(Effect.provide([auth, layer])))
      expect(error).toMatchObject({ _tag: tag, reason })
    })
  )

  it.effect("takes as long as an attempt may, on the caller's Clock", () =>
    Effect.gen(function* () {
      const { layer, seen, started } = yield* waiting
      const caller = yield* deleteAttachment(ref).pipe(
        Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5)),
        Effect.provide([auth, layer]),
        Effect.flip,
        Effect.fork
      )
      yield* started
      yield* TestClock.adjust("4999 millis")
      assert.isNull(yield* Fiber.poll(caller).pipe(Effect.map((exit) => (exit._tag === "None" ? null : exit))))
      yield* TestClock.adjust("1 millis")
      expect(yield* Fiber.join(caller)).toMatchObject({ _tag: "RequestTimedOut", after: Duration.seconds(5) })
      assert.strictEqual(seen.begun, 1)
    })
  )

  it.live("takes as long as an attempt may where the Clock stands still and sleep is real", () =>
    Effect.gen(function* () {
      const { layer } = yield* waiting
      const clock = yield* Effect.clock
      const standing: Clock.Clock = Object.assign(Object.create(clock), {
        unsafeCurrentTimeMillis: () => 0,
        currentTimeMillis: Effect.succeed(0)
      })
      const error = yield* deleteAttachment(ref).pipe(
        Effect.provideService(BiginConfig.AttemptTimeout, Duration.millis(20)),
        Effect.provide([auth, layer]),
        Effect.withClock(standing),
        Effect.flip
      )
      assert.strictEqual(error._tag, "RequestTimedOut")
    })
  )

  it.effect("of a caller that may not be interrupted goes on to its end", () =>
    Effect.gen(function* () {
      const { go, layer, seen, started } = yield* waiting
      const { caller, ends } = yield* forkUninterruptible(deleteAttachment(ref).pipe(Effect.provide([auth, layer])))
      yield* started
      yield* Fiber.interruptFork(caller)
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(seen.cancelled, 0)
      yield* go
      yield* Fiber.await(caller)
      assert.deepStrictEqual(ends, [Exit.succeed(ref)])
    })
  )

  it.effect("of a caller that may not be interrupted is ended by its time", () =>
    Effect.gen(function* () {
      const { layer, started } = yield* waiting
      const { caller, ends } = yield* forkUninterruptible(
        Effect.flip(deleteAttachment(ref).pipe(Effect.provide([auth, layer])))
      )
      yield* started
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.await(caller)
      expect(ends).toMatchObject([{ value: { _tag: "RequestTimedOut" } }])
    })
  )

  it.effect("that is interrupted is ended", () =>
    Effect.gen(function* () {
      const { layer, seen, started } = yield* waiting
      const caller = yield* Effect.fork(deleteAttachment(ref).pipe(Effect.provide([auth, layer])))
      yield* started
      const exit = yield* Fiber.interrupt(caller)
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
      assert.strictEqual(seen.cancelled, 1)
    })
  )

  it.effect("gives the caller the FiberRefs that it sets where it runs in the caller's fiber", () =>
    Effect.gen(function* () {
      const mark = FiberRef.unsafeMake("unset")
      const { transport } = makeTransport(() => Effect.succeed(success))
      const marking: Transport.Transport = Object.assign(
        HttpClient.transformResponse(transport, (answer) => answer),
        {
          [Transport.TypeId]: ((request, limits) =>
            Effect.zipRight(
              FiberRef.set(mark, "set"),
              transport[Transport.TypeId](request, limits)
            )) satisfies Transport.Exchange
        }
      )
      yield* deleteAttachment(ref).pipe(Effect.provideService(HttpClient.HttpClient, marking), Effect.provide(auth))
      assert.strictEqual(yield* FiberRef.get(mark), "set")
    })
  )

  it.effect("is told to a tracer in one span, as over every client", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const { layer } = makeTransport(() => Effect.succeed(success))
      yield* deleteAttachment(ref).pipe(Effect.provide([auth, layer, recordingTracer(spans)]))
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        ["DELETE /bigin/v1/{module}/{recordId}/Attachments/{attachmentId}"]
      )
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toMatchObject({
        "http.response.status_code": 200,
        "server.address": "bigin.test",
        "server.port": 443
      })
    })
  )

  it.effect("works over a client that somebody has wrapped, which has lost its Exchange", () =>
    Effect.gen(function* () {
      const { seen, transport } = makeTransport(() => Effect.succeed(success))
      const wrapped = HttpClient.mapRequest(transport, HttpClientRequest.setHeader("x-of", "somebody"))
      const error = yield* deleteAttachment(ref).pipe(
        Effect.provideService(HttpClient.HttpClient, wrapped),
        Effect.provide(auth),
        Effect.flip
      )
      assert.isFalse(Transport.isTransport(wrapped))
      expect(error).toMatchObject({ _tag: "MalformedResponse", status: 418 })
      assert.strictEqual(seen.begun, 0)
    })
  )

  it.effect("mints by it too", () =>
    Effect.gen(function* () {
      const { layer, seen } = makeTransport((request) =>
        Effect.succeed(
          request.url.includes("/oauth/")
            ? answerOf(Fixtures.json(200, { access_token: "1000.minted", expires_in: 3600 }))
            : success
        )
      )
      const account = BiginAuth.layerRefreshToken({
        clientId: "1000.client",
        clientSecret: Redacted.make("a client secret"),
        refreshToken: Redacted.make("1000.refresh")
      })
      yield* deleteAttachment(ref).pipe(Effect.provide(Layer.provideMerge(account, layer)))
      assert.strictEqual(seen.paths[0], "/oauth/v2/token")
      assert.strictEqual(seen.begun, 2)
    })
  )
})

describe("a Throttle over a Transport", () => {
  const throttled = (limits: Throttle.Limits, client: Layer.Layer<HttpClient.HttpClient>) =>
    Layer.provide(Throttle.layer(limits), client)

  it.effect("hands the Exchange on, and lets no more through at once than it may", () =>
    Effect.gen(function* () {
      let atOnce = 0
      let most = 0
      const { layer, seen } = makeTransport(() =>
        Effect.acquireUseRelease(
          Effect.sync(() => (most = Math.max(most, ++atOnce))),
          () => Effect.as(Effect.sleep("1 second"), success),
          () => Effect.sync(() => --atOnce)
        )
      )
      const caller = yield* Effect.forEach(Array.from({ length: 10 }), () => deleteAttachment(ref), {
        concurrency: "unbounded"
      }).pipe(Effect.provide([auth, throttled({ concurrent: 2 }, layer)]), Effect.fork)
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(caller)
      assert.deepStrictEqual([most, seen.begun], [2, 10])
    })
  )

  it.effect("keeps its wait out of the timeout", () =>
    Effect.gen(function* () {
      const { layer } = makeTransport(() => Effect.as(Effect.sleep("4 seconds"), success))
      const caller = yield* Effect.forEach([1, 2, 3], () => deleteAttachment(ref), { concurrency: "unbounded" }).pipe(
        Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5)),
        Effect.provide([auth, throttled({ concurrent: 1 }, layer)]),
        Effect.fork
      )
      yield* TestClock.adjust("12 seconds")
      assert.strictEqual((yield* Fiber.join(caller)).length, 3)
    })
  )

  it.effect("lets nobody through who was interrupted in the line", () =>
    Effect.gen(function* () {
      const { go, layer, seen, started } = yield* waiting
      const http = yield* Layer.build(throttled({ concurrent: 1 }, layer))
      const calling = Effect.fork(Effect.provide(deleteAttachment(ref), [auth, Layer.succeedContext(http)]))
      const first = yield* calling
      yield* started
      const second = yield* calling
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(second)
      yield* go
      yield* Fiber.join(first)
      assert.strictEqual(seen.begun, 1)
    }).pipe(Effect.scoped)
  )
})

describe("deleteMany over a Transport", () => {
  const refs = Array.from({ length: 10 }, (_, index) => ({ ...Fixtures.record, attachmentId: String(index + 1) }))

  const idOf = ({ url }: HttpClientRequest.HttpClientRequest) => url.slice(url.lastIndexOf("/") + 1)

  it.effect("deletes by its Exchange", () =>
    Effect.gen(function* () {
      const { layer, seen } = makeTransport((request) => Effect.succeed(answerOf(Fixtures.success(idOf(request)))))
      const reports = yield* Stream.runCollect(Attachments.deleteMany(Stream.fromIterable(refs))).pipe(
        Effect.provide([auth, layer])
      )
      assert.strictEqual(reports.length, 10)
      assert.strictEqual(seen.begun, 10)
    })
  )

  it.effect("hears of the credits that are left", () =>
    Effect.gen(function* () {
      const { layer, seen } = makeTransport((request) => {
        const answer = answerOf(Fixtures.success(idOf(request)))
        return Effect.succeed({ ...answer, headers: { ...answer.headers, "x-api-credits-remaining": "3" } })
      })
      yield* Stream.runDrain(
        Attachments.deleteMany(Stream.fromIterable(refs), { keepCredits: 5, concurrency: 1 })
      ).pipe(Effect.provide([auth, layer]), Effect.exit)
      assert.strictEqual(seen.begun, 1)
    })
  )

  it.effect("says of what waited in a Throttle that it was not attempted, and of what has left what came", () =>
    Effect.gen(function* () {
      const { layer, seen } = makeTransport((request) =>
        Effect.as(
          Effect.sleep("1 second"),
          idOf(request) === "1"
            ? answerOf(Fixtures.documented("NoPermission"))
            : answerOf(Fixtures.success(idOf(request)))
        )
      )
      const said: Array<string> = []
      const caller = yield* Attachments.deleteMany(Stream.fromIterable(refs), {
        concurrency: 5,
        stopOn: Errors.hasCategory("permission")
      }).pipe(
        Stream.runForEach((report) => Effect.sync(() => said.push("error" in report ? report.error._tag : "Deleted"))),
        Effect.flip,
        Effect.provide([auth, Layer.provide(Throttle.layer({ concurrent: 2 }), layer)]),
        Effect.fork
      )
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(caller)).stoppedBy, "NoPermission")
      assert.include(said, "NoPermission")
      assert.strictEqual(said.filter((one) => one !== "NotAttempted").length, seen.begun)
      assert.isAbove(said.filter((one) => one === "NotAttempted").length, 4)
    })
  )
})
