import { HttpClient, HttpClientResponse } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Either, Fiber, Layer, Option, Redacted, Schema, Stream, TestClock } from "effect"
import { Attachments, BiginAuth, BiginConfig, Errors, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { doors, overTcp, tcpDoors, clients } from "./doors.ts"
import { recordingTracer } from "./recordingTracer.ts"

const ref = Fixtures.attachment
const url = "/bigin/v1/Contacts/2883756000000261075/Attachments/2883756000000261017"

const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index)

const bytes = Attachments.downloadAttachment(ref)

const joined = (pieces: Iterable<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat([...pieces]))

const all = Effect.map(Stream.runCollect(bytes), joined)

/** Without the bytes, which a test that fails would print one by one. */
const failure = Effect.flip(Stream.runDrain(bytes))

const requests = Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.requests)

const inject = (fault: FakeBigin.Fault) => Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.inject({ fault }))

/** Holds a file in place of the record's own. */
const holds = (content: Uint8Array, fileName = "a.bin") =>
  Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
    fake.put({ ...Fixtures.record, attachments: [{ id: ref.attachmentId, fileName, size: content.length, content }] })
  )

/** Over TCP it takes real time until the fake has heard of it. */
const until = (seen: (requests: ReadonlyArray<FakeBigin.RecordedRequest>) => boolean) =>
  Effect.repeat(Effect.yieldNow(), { until: () => Effect.map(requests, seen) })

/** Ends what the clock holds up, once its piece has come. */
const afterTheFirstPiece = <A, E, R>(run: (piece: Effect.Effect<void>) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const came = yield* Deferred.make<void>()
    const fiber = yield* Effect.fork(run(Deferred.succeed(came, undefined)))
    yield* Deferred.await(came)
    return fiber
  })

/** The silence is counted from when a piece is asked for, which is a moment after the one before has come. */
const untilDone = (fiber: Fiber.RuntimeFiber<unknown, unknown>) =>
  Effect.gen(function* () {
    while (Option.isNone(yield* Fiber.poll(fiber))) yield* TestClock.adjust("10 seconds")
  })

describe.each(doors)("downloadAttachment over %s", (_, door) => {
  it.effect("gives the bytes, every one of them", () =>
    Effect.gen(function* () {
      yield* holds(everyByte)
      assert.deepStrictEqual(yield* all, everyByte)
    }).pipe(Effect.provide(door))
  )

  it.effect("gives a large file in pieces", () =>
    Effect.gen(function* () {
      const content = new Uint8Array(5_000_000).map((_, index) => index % 253)
      yield* holds(content)
      const pieces = yield* Stream.runCollect(bytes)
      assert.isAbove(pieces.length, 10)
      assert.isTrue(Buffer.from(content).equals(joined(pieces)))
    }).pipe(Effect.provide(door))
  )

  it.effect("gives nothing of an empty file", () =>
    Effect.gen(function* () {
      yield* holds(new Uint8Array())
      assert.lengthOf(yield* all, 0)
    }).pipe(Effect.provide(door))
  )

  it.effect("gives a file that reads like an error of Bigin's, and one that is a page", () =>
    Effect.gen(function* () {
      for (const reply of [Fixtures.documented("NoPermission"), Fixtures.html(200, "Sign in")]) {
        yield* inject(
          FakeBigin.answerWith({
            ...reply,
            status: 200,
            headers: { ...reply.headers, "content-disposition": "attachment; filename=a.json" }
          })
        )
        assert.strictEqual(new TextDecoder().decode(yield* all), reply.body)
      }
    }).pipe(Effect.provide(door))
  )

  it.effect.each(["v1", "v2"] as const)("asks once for the path that %s documents", (version) =>
    Effect.gen(function* () {
      yield* all.pipe(Effect.provideService(BiginConfig.ApiVersion, version))
      const [request, ...more] = yield* requests
      assert.lengthOf(more, 0)
      expect(request).toMatchObject({ method: "GET", url: url.replace("v1", version), body: "" })
      assert.strictEqual(request?.headers["authorization"], `Zoho-oauthtoken ${Fixtures.accessTokens.administrator}`)
      assert.strictEqual(request?.headers["accept"], "*/*")
    }).pipe(Effect.provide(door))
  )

  it.effect.each(Object.keys(Errors.catalogue) as Array<Errors.DocumentedTag>)("fails with %s as it came", (tag) =>
    Effect.gen(function* () {
      const { code, message, status } = Errors.catalogue[tag]
      yield* inject(FakeBigin.answerWith(Fixtures.documented(tag)))
      expect(yield* failure).toMatchObject({ _tag: tag, ref, status, code, wireMessage: message })
      assert.lengthOf(yield* requests, 1)
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["a 429", FakeBigin.answerWith(Fixtures.rateLimited(30)), "RateLimited"],
    [
      "a refused token, where there is no other",
      FakeBigin.answerWith(Fixtures.undocumented.InvalidToken),
      "InvalidToken"
    ],
    ["a link, which has no file", FakeBigin.answerWith(Fixtures.downloadNotAllowed), "UnrecognizedCode"],
    ["a gateway's 502", FakeBigin.badGateway, "ServiceFault"],
    ["a redirect", FakeBigin.answerWith({ status: 302, headers: { location: "/" }, body: "" }), "MalformedResponse"],
    ["a 204", FakeBigin.answerWith({ status: 204, headers: {}, body: "" }), "MalformedResponse"],
    ["a 206", FakeBigin.answerWith({ ...Fixtures.file(everyByte, "a"), status: 206 }), "MalformedResponse"],
    [
      "a success item under a 202",
      FakeBigin.answerWith({ ...Fixtures.success("1"), status: 202 }),
      "MalformedResponse"
    ],
    ["a gateway's page under a 200", FakeBigin.answerWith(Fixtures.html(200, "Sign in")), "MalformedResponse"],
    ["an error under a 200", FakeBigin.answerWith(Fixtures.errorItem(200, "NO_PERMISSION", "no")), "NoPermission"],
    ["a connection cut before the answer", FakeBigin.cut, "ConnectionLost"],
    ["a lost answer", FakeBigin.loseAnswer, "ConnectionLost"],
    ["an answer that breaks off", FakeBigin.breakOff, "ConnectionLost"]
  ] as const)("types %s", ([, fault, tag]) =>
    Effect.gen(function* () {
      yield* inject(fault)
      expect(yield* failure).toMatchObject({ _tag: tag, ref })
      assert.lengthOf(yield* requests, 1)
    }).pipe(Effect.provide(door))
  )

  it.effect("gives what came before it broke, and then says so", () =>
    Effect.gen(function* () {
      yield* holds(everyByte)
      yield* inject(FakeBigin.breakOff)
      const given: Array<Uint8Array> = []
      const error = yield* Effect.flip(Stream.runForEach(bytes, (piece) => Effect.sync(() => given.push(piece))))
      assert.strictEqual(error._tag, "ConnectionLost")
      assert.deepStrictEqual(joined(given), everyByte.subarray(0, 128))
    }).pipe(Effect.provide(door))
  )

  it.effect("aborts the request when no more is wanted", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.stall)
      assert.lengthOf(yield* Stream.runCollect(Stream.take(bytes, 1)), 1)
      yield* until(([request]) => request?.fate === "Aborted")
    }).pipe(Effect.provide(door))
  )

  it.effect("aborts the request when no more is wanted where nothing may be interrupted", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.stall)
      assert.lengthOf(yield* Effect.uninterruptible(Stream.runCollect(Stream.take(bytes, 1))), 1)
      yield* until(([request]) => request?.fate === "Aborted")
    }).pipe(Effect.provide(door))
  )

  it.effect("aborts the request when its consumer is interrupted", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.stall)
      const fiber = yield* afterTheFirstPiece((came) => Stream.runForEach(bytes, () => came))
      yield* Fiber.interrupt(fiber)
      yield* until(([request]) => request?.fate === "Aborted")
    }).pipe(Effect.provide(door))
  )

  it.effect("aborts the request when its consumer fails", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.stall)
      assert.strictEqual(yield* Effect.flip(Stream.runForEach(bytes, () => Effect.fail("full"))), "full")
      yield* until(([request]) => request?.fate === "Aborted")
    }).pipe(Effect.provide(door))
  )

  it.effect("times out where no answer begins", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.delay(Duration.infinity))
      const fiber = yield* Effect.fork(failure)
      yield* until(({ length }) => length === 1)
      yield* TestClock.adjust("30 seconds")
      expect(yield* Fiber.join(fiber)).toEqual(new Errors.RequestTimedOut({ ref, after: Duration.seconds(30) }))
      yield* until(([request]) => request?.fate === "Aborted")
    }).pipe(Effect.provide(door))
  )

  it.effect("times out where an answer begins and its bytes do not", () =>
    Effect.gen(function* () {
      // half of one byte is none
      yield* inject(() => Effect.succeed({ _tag: "Stalled", part: Fixtures.file(Uint8Array.of(1), "a") }))
      const spans: Parameters<typeof recordingTracer>[0] = []
      const fiber = yield* Effect.fork(failure.pipe(Effect.provide(recordingTracer(spans))))
      const haveHeadersCome = Effect.sync(() => spans[0]?.status._tag === "Ended")
      yield* Effect.repeat(Effect.yieldNow(), { until: () => haveHeadersCome })
      yield* untilDone(fiber)
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "RequestTimedOut")
      yield* until(([request]) => request?.fate === "Aborted")
    }).pipe(Effect.provide(door))
  )

  it.effect("times out where the answer falls silent in its middle", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.stall)
      const fiber = yield* afterTheFirstPiece((came) => Effect.flip(Stream.runForEach(bytes, () => came)))
      // the silence is counted from when the next piece is asked for, which is a moment after this one
      yield* Effect.repeat(TestClock.adjust("10 seconds"), {
        until: () => Effect.map(Fiber.poll(fiber), Option.isSome)
      })
      expect(yield* Fiber.join(fiber)).toEqual(new Errors.RequestTimedOut({ ref, after: Duration.seconds(30) }))
      yield* until(([request]) => request?.fate === "Aborted")
    }).pipe(Effect.provide(door))
  )
})

describe("the timeout of a download", () => {
  it.effect("never counts the consumer's own time", () =>
    Effect.gen(function* () {
      const content = new Uint8Array(200_000).fill(7)
      yield* holds(content)
      const fiber = yield* Effect.fork(
        Stream.runFoldEffect(bytes, 0, (sum, piece) => Effect.delay(Effect.succeed(sum + piece.length), "1 hour"))
      )
      yield* TestClock.adjust("10 hours")
      assert.strictEqual(yield* Fiber.join(fiber), content.length)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("lets go of an answer that the caller's own client holds back", () =>
    Effect.gen(function* () {
      const client = HttpClient.tap(yield* HttpClient.HttpClient, () => Effect.never)
      yield* inject(FakeBigin.stall)
      const fiber = yield* Effect.fork(failure.pipe(Effect.provideService(HttpClient.HttpClient, client)))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "RequestTimedOut")
      assert.strictEqual((yield* requests)[0]?.fate, "Aborted")
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("holds for each piece anew, to the millisecond", () =>
    Effect.gen(function* () {
      const piece = (index: number) => Effect.delay(Effect.succeed(Uint8Array.of(index)), "29999 millis")
      const slow = Stream.mapEffect(Stream.range(1, 4), piece)
      const body = yield* Stream.toReadableStreamEffect(slow)
      const client = HttpClient.make((request) =>
        Effect.succeed(HttpClientResponse.fromWeb(request, new Response(body)))
      )
      const fiber = yield* Effect.fork(all.pipe(Effect.provideService(HttpClient.HttpClient, client)))
      yield* Effect.repeatN(
        Effect.zipRight(
          TestClock.adjust("29999 millis"),
          Effect.promise(() => Promise.resolve())
        ),
        5
      )
      assert.deepStrictEqual([...(yield* Fiber.join(fiber))], [1, 2, 3, 4])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("ends it in a finalizer too, where nothing else could", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.stall)
      const fiber = yield* afterTheFirstPiece((came) =>
        Effect.uninterruptible(Effect.flip(Stream.runForEach(bytes, () => came)))
      )
      yield* Effect.repeat(TestClock.adjust("10 seconds"), {
        until: () => Effect.map(Fiber.poll(fiber), Option.isSome)
      })
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "RequestTimedOut")
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("an answer that nothing calls a file", () => {
  const injectAnswer = (headers: Readonly<Record<string, string>>, body: string | Uint8Array) =>
    inject(FakeBigin.answerWith({ status: 200, headers, body }))
  const answers = (...answer: Parameters<typeof injectAnswer>) => Effect.zipRight(injectAnswer(...answer), all)
  const fails = (...answer: Parameters<typeof injectAnswer>) => Effect.zipRight(injectAnswer(...answer), failure)

  const json = { "content-type": "application/json;charset=UTF-8" }
  const error = String(Fixtures.documented("InvalidData").body)

  const longError = error.replace("{", `{"padding":"${"x".repeat(65_536)}",`)
  const text = { "content-type": "text/plain" }
  const taken: ReadonlyArray<
    readonly [name: string, headers: Readonly<Record<string, string>>, body: string | Uint8Array]
  > = [
    ["an image", { "content-type": "image/png" }, everyByte],
    ["of no type", {}, everyByte],
    ["empty", {}, ""],
    ["a text that is no JSON", text, "{"],
    ["a text of JSON without an item", text, '{"a":1}'],
    ["a text that reads as a success of Bigin's", text, Fixtures.success("1").body],
    // the first 65,536 bytes alone are no JSON, and the whole is longer than an error can be
    ["a text that begins as an error and is too long for one", text, longError],
    ["a long text in many pieces", {}, `{${"y".repeat(400_000)}`],
    ["white space alone", text, " \n".repeat(40_000)],
    ["a type that has JSON or HTML in its name alone", { "content-type": 'image/png; name="a.html"' }, everyByte]
  ]

  it.effect.each(taken)("is one all the same where it is %s", ([, headers, body]) =>
    Effect.gen(function* () {
      const given = yield* answers(headers, body)
      assert.isTrue(Buffer.from(body).equals(given))
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each([
    ["JSON", json],
    ["HTML", { "content-type": "text/html" }],
    ["plain text", text],
    ["that of a file", { "content-type": "application/octet-stream" }],
    ["not told", {}]
  ] as const)("is Bigin's error where its text reads as one and its type is %s", ([, headers]) =>
    Effect.gen(function* () {
      for (const body of [error, ` \r\n\t${error}\n`, `\uFEFF${error}`]) {
        assert.strictEqual((yield* fails(headers, body))._tag, "InvalidData")
      }
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each([
    ["no item", '{"a":1}'],
    ["a success item", Fixtures.success("1").body],
    ["not JSON at all", "{"],
    ["nothing", ""],
    ["longer than an answer is read", `"${"x".repeat(3_000_000)}"`]
  ] as const)("is MalformedResponse where its type is JSON and its text is %s", ([, body]) =>
    Effect.gen(function* () {
      expect(yield* fails(json, body)).toMatchObject({ _tag: "MalformedResponse", status: 200 })
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each(["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml", "application/problem+json"])(
    "is MalformedResponse where it is a page of type %s, of any length",
    (type) =>
      Effect.gen(function* () {
        const page = `<html>${"x".repeat(3_000_000)}`
        expect(yield* fails({ "content-type": type }, page)).toMatchObject({
          _tag: "MalformedResponse",
          status: 200,
          problem: "its type is that of a page or of JSON, and no content-disposition calls it a file",
          body: page.slice(0, 512)
        })
        assert.strictEqual((yield* requests)[0]?.fate, "Aborted")
      }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("a success with another status", () => {
  it.effect.each([
    [206, "it is a part of a file"],
    [203, "a file comes with the status 200 alone"]
  ] as const)("is no file, whatever it brings, and is not read where it is named: %d", ([status, problem]) =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.answerWith({ ...Fixtures.file(new Uint8Array(3_000_000), "a"), status }))
      const error = yield* failure
      expect(error).toMatchObject({ _tag: "MalformedResponse", status, problem })
      assert.notProperty(error, "body")
      assert.strictEqual((yield* requests)[0]?.fate, "Aborted")
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("a download with a content-encoding", () => {
  const named = { "content-disposition": "attachment; filename=a" }
  const injectCoded = (coding: string, headers: Readonly<Record<string, string>>, body: string | Uint8Array) =>
    inject(FakeBigin.answerWith({ status: 200, headers: { ...headers, "content-encoding": coding }, body }))

  it.effect.each(["gzip", "x-gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip", "unheard-of"])(
    "is refused and not read: %s",
    (coding) =>
      Effect.gen(function* () {
        yield* injectCoded(coding, named, new Uint8Array(3_000_000))
        const error = yield* failure
        expect(error).toMatchObject({
          _tag: "MalformedResponse",
          status: 200,
          problem: `it has the content-encoding "${coding.toLowerCase()}"`
        })
        assert.notProperty(error, "body")
        assert.strictEqual((yield* requests)[0]?.fate, "Aborted")
      }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("is refused where nothing else is known of it, too", () =>
    Effect.gen(function* () {
      for (const type of ["image/png", "application/json"]) {
        yield* injectCoded("br", { "content-type": type }, everyByte)
        expect(yield* failure).toMatchObject({ _tag: "MalformedResponse", status: 200 })
      }
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each(["", "identity", "Identity", " identity "])("is none where that is %j", (coding) =>
    Effect.gen(function* () {
      yield* injectCoded(coding, named, everyByte)
      assert.deepStrictEqual(yield* all, everyByte)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

/** What HTTP itself does to a body is seen over a connection alone. */
const answeredOverTcp = <A, E>(
  client: Layer.Layer<HttpClient.HttpClient>,
  listener: RequestListener,
  use: Effect.Effect<A, E, HttpClient.HttpClient | BiginAuth.BiginAuth>
) =>
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.async<Server>((resume) => {
        const listening = createServer(listener).listen(0, "127.0.0.1", () => resume(Effect.succeed(listening)))
      }),
      (listening) =>
        Effect.sync(() => {
          listening.close()
          listening.closeAllConnections()
        })
    )
    const { port } = server.address() as AddressInfo // of a server that listens on a port
    const auth = BiginAuth.layerToken({
      accessToken: Redacted.make("1000.token"),
      apiOrigin: `http://127.0.0.1:${port}`
    })
    return yield* use.pipe(Effect.provide(Layer.merge(client, auth)))
  })

describe.each(Object.entries(clients))("over %s", (_, client) => {
  const named = { "content-disposition": "attachment; filename=a" }
  const error = String(Fixtures.documented("InvalidData").body)
  const answering =
    (status: number, headers: Readonly<Record<string, string>>, ...pieces: ReadonlyArray<string | Uint8Array>) =>
    (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(status, headers)
      for (const piece of pieces) response.write(piece)
      response.end()
    }

  it.scoped("a .gz file stays as it is, byte for byte", () =>
    Effect.gen(function* () {
      const content = gzipSync(everyByte)
      const type = { "content-type": "application/gzip" }
      for (const headers of [type, { ...type, ...named }]) {
        const given = yield* answeredOverTcp(client, answering(200, headers, content), all)
        assert.isTrue(content.equals(given))
      }
    })
  )

  it.scoped.each([
    ["gzip", "gzip", gzipSync(everyByte)],
    ["deflate", "deflate", deflateSync(everyByte)],
    ["br", "br", brotliCompressSync(everyByte)],
    ["a coding that it does not bear", "gzip", everyByte],
    ["one that is cut", "gzip", gzipSync(everyByte).subarray(0, 40)]
  ] as const)("a file is refused that bears %s, whatever the client did with it", ([, coding, body]) =>
    Effect.gen(function* () {
      for (const headers of [named, { "content-type": "application/json" }, {}]) {
        const answer = answering(200, { ...headers, "content-encoding": coding }, body)
        expect(yield* answeredOverTcp(client, answer, failure)).toMatchObject({
          _tag: "MalformedResponse",
          status: 200,
          problem: `it has the content-encoding "${coding}"`
        })
      }
    })
  )

  it.scoped("an error of Bigin's that comes coded is that error", () =>
    Effect.gen(function* () {
      for (const status of [200, 400]) {
        const headers = { "content-encoding": "gzip", "content-type": "application/json" }
        const answer = answering(status, headers, gzipSync(error))
        assert.strictEqual((yield* answeredOverTcp(client, answer, failure))._tag, "InvalidData")
      }
    })
  )

  it.scoped.each([
    ["fewer bytes than it says", "500"],
    ["none at all", "500", ""]
  ] as const)("an answer with %s is ConnectionLost", ([, length, body = everyByte]) =>
    Effect.gen(function* () {
      const answer = (_request: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { ...named, "content-length": length })
        response.write(body)
        setImmediate(() => response.destroy())
      }
      const failed = yield* answeredOverTcp(client, answer, failure)
      expect(failed).toMatchObject({ _tag: "ConnectionLost", ref })
    })
  )

  it.scoped("an empty answer is an empty file, and a 204 is none", () =>
    Effect.gen(function* () {
      for (const headers of [{}, named, { "content-length": "0" }, { "transfer-encoding": "chunked" }]) {
        assert.lengthOf(yield* answeredOverTcp(client, answering(200, headers), all), 0)
      }
      expect(yield* answeredOverTcp(client, answering(204, {}), failure)).toMatchObject({
        _tag: "MalformedResponse",
        status: 204
      })
    })
  )

  const gzipPage = { "content-encoding": "gzip", "content-type": "text/html" }
  const refusals = [
    ["a 400", 400, { "content-type": "text/html" }, "MalformedResponse"],
    ["a 502", 502, {}, "ServiceFault"],
    ["a 429", 429, {}, "RateLimited"],
    ["a page under a 200", 200, { "content-type": "text/html" }, "MalformedResponse"],
    ["JSON under a 200", 200, { "content-type": "application/json" }, "MalformedResponse"],
    ["a part of the file", 206, named, "MalformedResponse"],
    ["a success that is no 200", 203, {}, "MalformedResponse"],
    ["a coded file", 200, { ...named, "content-encoding": "br" }, "MalformedResponse"],
    ["a page that says it is coded", 200, gzipPage, "MalformedResponse"]
  ] as const

  it.scoped.each(refusals)("%s without an end is refused, and its connection is ended", ([, status, headers, tag]) =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<number>()
      const answer = (_request: IncomingMessage, response: ServerResponse) => {
        let written = 0
        const piece = Buffer.alloc(65_536, "x")
        const write = () => {
          do written += piece.length
          while (response.write(piece))
        }
        response.writeHead(status, headers)
        response.on("drain", write)
        response.on("close", () => Deferred.unsafeDone(closed, Effect.succeed(written)))
        write()
      }
      const use = Effect.zipRight(
        Effect.map(failure, ({ _tag }) => assert.strictEqual(_tag, tag)),
        Deferred.await(closed)
      )
      // what is not read waits in the buffers of both ends
      assert.isBelow(yield* answeredOverTcp(client, answer, use), 64 * 1_048_576)
    })
  )

  it.scoped.each([
    ["a page under a 200", 200, { "content-type": "text/html" }],
    ["a 400", 400, {}],
    ["what begins as an error", 200, {}]
  ] as const)("%s that only drips is ended by the timeout", ([, status, headers]) =>
    Effect.gen(function* () {
      const came = yield* Deferred.make<void>()
      const closed = yield* Deferred.make<void>()
      const answer = (_request: IncomingMessage, response: ServerResponse) => {
        response.writeHead(status, headers)
        response.write("{")
        response.on("close", () => Deferred.unsafeDone(closed, Effect.void))
        Deferred.unsafeDone(came, Effect.void)
      }
      const use = Effect.gen(function* () {
        const fiber = yield* Effect.fork(failure)
        yield* Deferred.await(came)
        yield* untilDone(fiber)
        yield* Deferred.await(closed)
        return yield* Fiber.join(fiber)
      })
      expect(yield* answeredOverTcp(client, answer, use)).toMatchObject({ _tag: "RequestTimedOut", ref })
    })
  )
})

describe("a body in pieces of one byte", () => {
  const inPieces = (headers: Readonly<Record<string, string>>, pieces: ReadonlyArray<Uint8Array>) =>
    Effect.provideService(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.sync(() => {
          const rest = pieces.values()
          const body = new ReadableStream<Uint8Array>({
            pull: (controller) => {
              const { done, value } = rest.next()
              if (done === true) controller.close()
              else controller.enqueue(value)
            }
          })
          return HttpClientResponse.fromWeb(request, new Response(body, { headers }))
        })
      )
    )

  it.effect.each([
    ["is named", { "content-disposition": "attachment" }, "x"],
    ["is not named", {}, "x"],
    ["could begin an error", {}, "{"]
  ] as const)("is given as it came, no byte of it copied, where it %s", ([, headers, first]) =>
    Effect.gen(function* () {
      const pieces = Array.from({ length: 5_000 }, (_, index) => Buffer.from(index === 0 ? first : "y"))
      pieces.splice(7, 0, Buffer.of())
      const given = [...(yield* Stream.runCollect(bytes).pipe(inPieces(headers, pieces)))]
      assert.lengthOf(given, pieces.length)
      assert.isTrue(given.every((piece, index) => piece === pieces[index]))
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  // a copy for each piece would take minutes
  const pieces = Array.from({ length: 40_000 }, () => Buffer.from("{"))
  it.effect.each(["application/json", "text/html", "text/plain"])(
    "takes time by its length alone, of type %s",
    (type) =>
      Effect.gen(function* () {
        const end = yield* Effect.either(
          Stream.runFold(bytes, 0, (sum, { length }) => sum + length).pipe(inPieces({ "content-type": type }, pieces))
        )
        assert.deepStrictEqual(
          Either.getOrElse(end, ({ _tag }) => _tag),
          type === "text/plain" ? pieces.length : "MalformedResponse"
        )
      }).pipe(Effect.provide(FakeBigin.layer)),
    60_000
  )
})

describe("the length of a file", () => {
  const lost = new Errors.ConnectionLost({ ref, reason: "unknown" })
  const ofLength = (length: string, headers: Readonly<Record<string, string>> = {}) =>
    Effect.zipRight(
      inject(FakeBigin.answerWith({ status: 200, headers: { "content-length": length, ...headers }, body: everyByte })),
      all
    )

  it.effect.each(["255", "257", "0"])("is not the %s that the answer said: ConnectionLost", (length) =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(Effect.asVoid(ofLength(length)))).toEqual(lost)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each(["many", "", "-1", "2e2", "+1", "0x1", "1, 1", "1.0", "99999999999999999999"])(
    "does not count where it is said to be %j",
    (length) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* ofLength(length), everyByte)
      }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("is not that of an answer that came without its body, as one to HEAD does", () =>
    Effect.gen(function* () {
      const client = (headers: Readonly<Record<string, string>>) =>
        HttpClient.make((request) =>
          Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { headers })))
        )
      expect(
        yield* failure.pipe(Effect.provideService(HttpClient.HttpClient, client({ "content-length": "256" })))
      ).toEqual(lost)
      assert.lengthOf(yield* all.pipe(Effect.provideService(HttpClient.HttpClient, client({}))), 0)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("a link attachment", () => {
  it.effect("has no file: UnrecognizedCode, DOWNLOAD_NOT_ALLOWED", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const link = { id: ref.attachmentId, fileName: null, size: 0, linkUrl: "https://www.bigin.com" }
      yield* fake.put({ ...Fixtures.record, attachments: [link] })
      expect(yield* failure).toMatchObject({ _tag: "UnrecognizedCode", code: "DOWNLOAD_NOT_ALLOWED" })
      expect([...(yield* Stream.runCollect(Attachments.listAttachments(Fixtures.record)))]).toMatchObject([
        { id: ref.attachmentId, size: 0, linkUrl: "https://www.bigin.com" }
      ])
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

const renewing = Layer.succeed(
  BiginAuth.BiginAuth,
  BiginAuth.make({
    credentials: Effect.succeed({
      accessToken: Redacted.make("1000.expired"),
      apiOrigin: "https://www.zohoapis.com"
    }),
    renew: (rejected) =>
      Effect.succeedSome({ ...rejected, accessToken: Redacted.make(Fixtures.accessTokens.administrator) })
  })
)

describe("a download", () => {
  it.effect("is asked for once more where the token was refused", () =>
    Effect.gen(function* () {
      yield* holds(everyByte)
      assert.deepStrictEqual(yield* all, everyByte)
      assert.deepStrictEqual(
        (yield* requests).map(({ headers }) => headers["authorization"]),
        ["1000.expired", Fixtures.accessTokens.administrator].map((token) => `Zoho-oauthtoken ${token}`)
      )
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, renewing)))
  )

  it.effect("is asked for once more where the token was refused under a 200", () =>
    Effect.gen(function* () {
      yield* holds(everyByte)
      yield* inject(FakeBigin.answerWith({ ...Fixtures.undocumented.InvalidToken, status: 200 }))
      assert.deepStrictEqual(yield* all, everyByte)
      assert.lengthOf(yield* requests, 2)
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, renewing)))
  )

  it.effect("sends nothing where an id is malformed", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Stream.runDrain(Attachments.downloadAttachment({ ...ref, attachmentId: "1/2" })))
      expect(error).toMatchObject({ _tag: "InvalidInput", field: "attachmentId" })
      assert.lengthOf(yield* requests, 0)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("sends nothing until it is run, and a request each time that it is", () =>
    Effect.gen(function* () {
      yield* holds(everyByte)
      assert.lengthOf(yield* requests, 0)
      assert.deepStrictEqual(yield* all, yield* all)
      assert.lengthOf(yield* requests, 2)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("needs to read, and no more", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* all, 48_213)
    }).pipe(
      Scopes.ensure(Scopes.downloadAttachment("Contacts")),
      Effect.provide(
        Layer.merge(FakeBigin.layer, BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.reader) }))
      )
    )
  )

  it.effect("is read through a filterStatusOk of the caller's too", () =>
    Effect.gen(function* () {
      const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
      yield* inject(FakeBigin.answerWith(Fixtures.documented("InvalidData", { details: { resource_path_index: 3 } })))
      const error = yield* failure.pipe(Effect.provideService(HttpClient.HttpClient, client))
      expect(error).toMatchObject({ _tag: "InvalidData", target: "attachment" })
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("has one span, which ends when the headers are there", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.stall)
      const spans: Parameters<typeof recordingTracer>[0] = []
      const status = yield* bytes.pipe(
        Stream.take(1),
        Stream.map(() => spans.map(({ name, status }) => [name, status._tag])),
        Stream.runHead,
        Effect.provide(recordingTracer(spans))
      )
      assert.deepStrictEqual(Option.getOrThrow(status), [
        ["GET /bigin/v1/{module}/{recordId}/Attachments/{attachmentId}", "Ended"]
      ])
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toMatchObject({ "http.response.status_code": 200 })
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe.each(tcpDoors)("the connection of a download over %s", (_, door) => {
  it.effect("leaves the client usable, after as many as end early", () =>
    Effect.gen(function* () {
      yield* holds(new Uint8Array(1_000_000))
      for (let turn = 0; turn < 20; turn++) yield* Stream.runDrain(Stream.take(bytes, 1))
      assert.lengthOf(yield* all, 1_000_000)
    }).pipe(Effect.provide(door))
  )
})

describe.each(Object.entries(clients))("the token of a download over %s", (_, client) => {
  const secret = "1000.secret-of-a-download.0123456789"
  const door = overTcp(client, { accessToken: secret })
  const echo = (status: number, type: string) =>
    FakeBigin.answerWith({ status, headers: { "content-type": type }, body: `<html>${secret}</html>` })

  it.effect.each([
    ["a body that breaks off", FakeBigin.garble((reply) => reply), FakeBigin.breakOff],
    ["a page with it under a 200", echo(200, "text/html"), undefined],
    ["a page with it under a 502", echo(502, "text/html"), undefined],
    ["a connection that is cut", FakeBigin.cut, undefined]
  ] as const)("is in nothing that prints the failure: %s", ([, first, second]) =>
    Effect.gen(function* () {
      const fault: FakeBigin.Fault =
        second === undefined ? first : () => second(Effect.succeed(Fixtures.file(everyByte, "a")))
      yield* inject(fault)
      const exit = yield* Effect.exit(Stream.runDrain(bytes))
      const error = yield* Effect.flip(exit)
      const printed = [
        inspect(exit, { depth: 30, showHidden: true, getters: true }),
        JSON.stringify(exit),
        JSON.stringify(Schema.encodeSync(Errors.DeleteAttachmentError)(error)),
        error.message
      ].join("\n")
      assert.notInclude(printed, secret)
    }).pipe(Effect.provide(door))
  )
})
