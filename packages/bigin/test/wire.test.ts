/** A call over TCP: what its caller, its server and its tracer see of it. */
import { FetchHttpClient, HttpClient, HttpClientResponse } from "@effect/platform"
import { assert, describe, expect, it, vi } from "@effect/vitest"
import { Cause, Deferred, Duration, Effect, Exit, Fiber, Layer, Option, Redacted, Tracer } from "effect"
import { BiginAuth, BiginConfig, deleteAttachment } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import type { ServerResponse } from "node:http"
import { readFileSync } from "node:fs"
import { TestClock } from "effect"
import { bundled, running } from "./child.ts"
import { clients } from "./doors.ts"
import { loopback } from "./loopback.ts"

const ref = Fixtures.attachment
const { body: success } = Fixtures.success(ref.attachmentId)

/** A server that holds its answer back until the test lets it go, and hears when the client leaves. */
const holding = Effect.gen(function* () {
  const calls: Array<{ readonly response: ServerResponse; isGone: boolean }> = []
  const { origin, until } = yield* loopback((_, response) => {
    const call = { response, isGone: false }
    response.on("close", () => (call.isGone = !response.writableFinished))
    calls.push(call)
  })
  return {
    auth: BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin: origin }),
    asked: until(() => calls.length > 0),
    answer: Effect.sync(() => calls.forEach(({ response }) => response.writeHead(200, {}).end(success))),
    begin: (part: string) =>
      Effect.sync(() => calls.forEach(({ response }) => response.writeHead(200, {}).write(part))),
    isGone: () => calls.some(({ isGone }) => isGone),
    gone: until(() => calls.every(({ isGone }) => isGone)),
    until
  }
})

describe.each(Object.entries(clients))("a call over %s", (_, client) => {
  it.scoped("of a caller that may not be interrupted goes on to its end", () =>
    Effect.gen(function* () {
      const { answer, asked, auth, isGone } = yield* holding
      const ends: Array<unknown> = []
      const caller = yield* deleteAttachment(ref).pipe(
        Effect.onExit((exit) => Effect.sync(() => ends.push(exit))),
        Effect.uninterruptible,
        Effect.provide([auth, client]),
        Effect.fork
      )
      yield* asked
      yield* Fiber.interruptFork(caller)
      yield* TestClock.adjust("20 seconds")
      assert.isFalse(isGone())
      yield* answer
      yield* Fiber.await(caller)
      assert.deepStrictEqual(ends, [Exit.succeed(ref)])
    })
  )

  it.scoped.each([
    ["before its answer", Effect.void],
    ["in the middle of its answer", "half"]
  ] as const)("that is interrupted %s is aborted", ([, part]) =>
    Effect.gen(function* () {
      const { asked, auth, begin, gone } = yield* holding
      const caller = yield* Effect.fork(deleteAttachment(ref).pipe(Effect.provide([auth, client])))
      yield* asked
      if (typeof part === "string") yield* begin(part)
      const exit = yield* Fiber.interrupt(caller)
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
      yield* gone
    })
  )

  it.scoped("in a finalizer of a fiber that was interrupted goes on to its end", () =>
    Effect.gen(function* () {
      const { answer, asked, auth, isGone } = yield* holding
      const started = yield* Deferred.make<void>()
      const ends: Array<unknown> = []
      const caller = yield* Effect.zipRight(Deferred.succeed(started, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Effect.map(Effect.exit(deleteAttachment(ref)), (exit) => ends.push(exit))),
        Effect.provide([auth, client]),
        Effect.fork
      )
      yield* Deferred.await(started)
      const interruption = yield* Effect.fork(Fiber.interrupt(caller))
      yield* asked
      yield* TestClock.adjust("20 seconds")
      assert.isFalse(isGone())
      yield* answer
      yield* Fiber.join(interruption)
      assert.deepStrictEqual(ends, [Exit.succeed(ref)])
    })
  )

  it.scoped.each([
    ["where it may be interrupted", (self: Effect.Effect<unknown>) => self],
    ["where it may not be interrupted", Effect.uninterruptible<unknown, never, never>],
    [
      "in a finalizer",
      (self: Effect.Effect<unknown>) =>
        Effect.acquireUseRelease(
          Effect.void,
          () => Effect.void,
          () => self
        )
    ]
  ] as const)("is ended by its timeout %s, before its answer and in the middle of it", ([, around]) =>
    Effect.gen(function* () {
      for (const part of [undefined, "half"]) {
        const { asked, auth, begin, gone } = yield* holding
        const ends: Array<string> = []
        const caller = yield* deleteAttachment(ref).pipe(
          Effect.flip,
          Effect.map(({ _tag }) => ends.push(_tag)),
          Effect.orDie,
          Effect.provide([auth, client]),
          around,
          Effect.fork
        )
        yield* asked
        if (part !== undefined) yield* begin(part)
        yield* TestClock.adjust("29 seconds")
        assert.isTrue(Option.isNone(yield* Fiber.poll(caller)))
        yield* TestClock.adjust("1 second")
        yield* Fiber.await(caller)
        assert.deepStrictEqual(ends, ["RequestTimedOut"])
        yield* gone
      }
    })
  )

  it.live("has its answer where the Clock stands still while sleep is real, and its timeout", () =>
    Effect.gen(function* () {
      const { answer, asked, auth } = yield* holding
      const clock = yield* Effect.clock
      const standing = Object.assign(Object.create(clock), {
        unsafeCurrentTimeMillis: () => 0,
        currentTimeMillis: Effect.succeed(0)
      })
      const call = deleteAttachment(ref).pipe(Effect.exit, Effect.withClock(standing), Effect.provide([auth, client]))
      const caller = yield* Effect.fork(call)
      yield* asked
      yield* answer
      assert.deepStrictEqual(yield* Fiber.join(caller), Exit.succeed(ref))
      const late = yield* Effect.provideService(call, BiginConfig.AttemptTimeout, Duration.millis(1))
      assert.isTrue(Exit.isFailure(late))
    }).pipe(Effect.scoped)
  )
})

describe("the name that a request bears", () => {
  const recording = (names: Array<string | undefined>) =>
    HttpClient.make((request) =>
      Effect.sync(() => {
        names.push(request.headers["user-agent"])
        return HttpClientResponse.fromWeb(request, new Response(success))
      })
    )
  const auth = BiginAuth.layerToken({ accessToken: Redacted.make("1000.token") })

  it.effect("is that of the package, with its version", () =>
    Effect.gen(function* () {
      const names: Array<string | undefined> = []
      yield* deleteAttachment(ref).pipe(
        Effect.provideService(HttpClient.HttpClient, recording(names)),
        Effect.provide(auth)
      )
      const { name, version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
      assert.deepStrictEqual(names, [`${name}/${version}`])
    })
  )

  it.effect.each(["HttpClient.mapRequest", "nothing"])("is the caller's own where they set one", () =>
    Effect.gen(function* () {
      const names: Array<string | undefined> = []
      const named = HttpClient.mapRequest(recording(names), (request) => ({
        ...request,
        headers: { ...request.headers, "user-agent": "mine" } as typeof request.headers
      }))
      yield* deleteAttachment(ref).pipe(Effect.provideService(HttpClient.HttpClient, named), Effect.provide(auth))
      assert.deepStrictEqual(names, ["mine"])
    })
  )
})

describe.sequential("the name that a request bears, by where it runs", () => {
  it.each([
    ["a browser", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", undefined],
    ["a worker at an edge", "Cloudflare-Workers", "effect-bigin/0.1.0"],
    ["a newer Node", "Node.js/24", "effect-bigin/0.1.0"],
    ["a place that tells none", undefined, "effect-bigin/0.1.0"]
  ] as const)("%s", async (_, userAgent, expected) => {
    vi.stubGlobal("navigator", userAgent === undefined ? undefined : { userAgent })
    vi.resetModules()
    try {
      const { everyHeader } = await import("../src/internal/request/call.ts")
      assert.strictEqual("user-agent" in everyHeader ? everyHeader["user-agent"] : undefined, expected)
      assert.strictEqual(everyHeader["accept-encoding"], "identity")
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe("a span of the caller's", () => {
  const http = Layer.merge(
    Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request) => Effect.succeed(HttpClientResponse.fromWeb(request, new Response(success))))
    ),
    BiginAuth.layerToken({ accessToken: Redacted.make("1000.token") })
  )

  const attributesOf = (call: Effect.Effect<unknown, unknown>) =>
    Effect.gen(function* () {
      yield* Effect.ignore(call)
      return Object.fromEntries((yield* Effect.currentSpan).attributes)
    }).pipe(Effect.withSpan("the caller's", { attributes: { own: 1 } }), Effect.orDie)

  it.effect("of Effect's own tracer gets nothing of ours, whatever becomes of the call", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* attributesOf(Effect.provide(deleteAttachment(ref), http)), { own: 1 })
      assert.deepStrictEqual(yield* attributesOf(Effect.provide(deleteAttachment({ ...ref, recordId: "x" }), http)), {
        own: 1
      })
    })
  )

  const recording = (spans: Array<Tracer.Span>) =>
    Effect.map(Effect.tracer, (native) =>
      Tracer.make({
        context: (f, fiber) => native.context(f, fiber),
        span: (...args) => {
          const span = native.span(...args)
          spans.push(span)
          return span
        }
      })
    )

  it.effect(
    "of another tracer gets nothing of ours either: the call has a span of its own, and no other is below it",
    () =>
      Effect.gen(function* () {
        const spans: Array<Tracer.Span> = []
        const tracer = yield* recording(spans)
        const attributes = yield* Effect.withTracer(attributesOf(Effect.provide(deleteAttachment(ref), http)), tracer)
        assert.deepStrictEqual(attributes, { own: 1 })
        assert.deepStrictEqual(
          spans.map(({ name, parent }) => [name, Option.getOrUndefined(Option.map(parent, ({ spanId }) => spanId))]),
          [
            ["the caller's", undefined],
            ["DELETE /bigin/v1/{module}/{recordId}/Attachments/{attachmentId}", spans[0]?.spanId]
          ]
        )
        expect(Object.fromEntries(spans[1]?.attributes ?? [])).toEqual({
          "http.request.method": "DELETE",
          "http.route": "/bigin/v1/{module}/{recordId}/Attachments/{attachmentId}",
          "http.response.status_code": 200,
          "server.address": "www.zohoapis.com",
          "server.port": 443
        })
        assert.strictEqual(spans[1]?.status._tag, "Ended")
      })
  )

  it.effect("gets nothing where tracing is off", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const tracer = yield* recording(spans)
      const call = Effect.withTracerEnabled(Effect.provide(deleteAttachment(ref), http), false)
      assert.deepStrictEqual(yield* Effect.withTracer(attributesOf(call), tracer), { own: 1 })
      assert.lengthOf(spans, 1)
    })
  )

  it.effect("is the parent of what the client itself traces, and the token is in none of them", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const tracer = yield* recording(spans)
      const fetch = Layer.merge(
        FetchHttpClient.layer,
        Layer.succeed(FetchHttpClient.Fetch, () => Promise.resolve(new Response(success)))
      )
      const client = Layer.map(fetch, (context) => context)
      const noting = Layer.effect(
        HttpClient.HttpClient,
        Effect.map(HttpClient.HttpClient, HttpClient.transformResponse(Effect.withSpan("the client's")))
      )
      yield* deleteAttachment(ref).pipe(
        Effect.provide([
          Layer.provideMerge(noting, client),
          BiginAuth.layerToken({ accessToken: Redacted.make("1000.token") })
        ]),
        Effect.withTracer(tracer)
      )
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        ["DELETE /bigin/v1/{module}/{recordId}/Attachments/{attachmentId}", "the client's"]
      )
      assert.strictEqual(Option.getOrUndefined(spans[1]?.parent ?? Option.none())?.spanId, spans[0]?.spanId)
      assert.notInclude(JSON.stringify(spans.map(({ attributes }) => [...attributes])), "1000.token")
    })
  )
})

describe("a process", () => {
  it.live(
    "ends as soon as its calls have: one that succeeded, one that failed, one out of time, one interrupted",
    () =>
      Effect.gen(function* () {
        const { origin } = yield* loopback((request, response) => {
          if (request.url?.includes("/Contacts/1/") === true)
            response.writeHead(200, {}).end(Fixtures.success("2").body)
          if (request.url?.includes("/Contacts/2/") === true) response.writeHead(500, {}).end()
        })
        const program = yield* bundled("ending")
        for (const name of ["fetch", "node", "undici"]) {
          const { code, output } = yield* running(program, { BIGIN_ORIGIN: origin, CLIENT: name })
          assert.strictEqual(code, 0, output)
          const { outcomes, timers } = JSON.parse(output)
          assert.deepStrictEqual(outcomes, ["Success", "ServiceFault", "RequestTimedOut", "Interrupted"])
          assert.strictEqual(timers, 0)
        }
      }).pipe(Effect.scoped),
    60_000
  )
})
