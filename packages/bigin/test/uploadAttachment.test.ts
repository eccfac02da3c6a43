import { HttpClient, HttpClientResponse } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import {
  Cause,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Random,
  Redacted,
  Schema,
  Stream,
  Struct,
  TestClock
} from "effect"
import { Attachments, BiginAuth, BiginConfig, Errors, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { openAsBlob } from "node:fs"
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { runInNewContext } from "node:vm"
import { bundled, running } from "./child.ts"
import { clients, doors, inMemoryAs, overTcp } from "./doors.ts"
import { recordingTracer } from "./recordingTracer.ts"

const record = Fixtures.record

const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index)
const file = { fileName: "every byte.bin", content: everyByte }

const upload = Attachments.uploadAttachment(record, file)

const requests = Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.requests)

const inject = (fault: FakeBigin.Fault) => Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.inject({ fault }))

/** Those that were attached after the two that a fresh fake holds, but for the time of it. */
const attached = Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
  Effect.map(fake.attachments(record), (all) => all.slice(2).map(Struct.omit("createdTime")))
)

/** In as many pieces as there are. */
const streamOf = (...pieces: ReadonlyArray<Uint8Array>) => Stream.fromIterable(pieces)

const inRealm = (script: string): unknown => runInNewContext(script)

/** A Blob that `instanceof` does not know, as one of another realm. */
const foreign = <A extends Blob>(blob: A, tag: string): A =>
  Object.setPrototypeOf(
    blob,
    Object.create(null, {
      ...Object.getOwnPropertyDescriptors(Blob.prototype),
      [Symbol.toStringTag]: { value: tag }
    })
  )

const firstId = "2883756000000900001"

describe.each(doors)("uploadAttachment over %s", (name, door) => {
  it.effect("attaches the bytes, every one of them, and gives the new ref", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* upload, { ...record, attachmentId: firstId })
      assert.deepStrictEqual(yield* attached, [
        { id: firstId, fileName: "every byte.bin", size: 256, content: everyByte }
      ])
    }).pipe(Effect.provide(door))
  )

  it.effect("attaches what can be downloaded by the ref that it gave", () =>
    Effect.gen(function* () {
      const content = new Uint8Array(5_000_000).map((_, index) => index % 253)
      const ref = yield* Attachments.uploadAttachment(record, { fileName: "large", content })
      const pieces = yield* Stream.runCollect(Attachments.downloadAttachment(ref))
      assert.isTrue(Buffer.concat([...pieces]).equals(content))
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["an empty file", new Uint8Array(), new Uint8Array()],
    ["a view of a part of its memory", everyByte.subarray(7, 9), Uint8Array.of(7, 8)],
    ["a Buffer", Buffer.from("text"), new TextEncoder().encode("text")],
    ["shared memory", new Uint8Array(new SharedArrayBuffer(3)), new Uint8Array(3)],
    ["a Blob", new Blob(["te", "xt"]), new TextEncoder().encode("text")],
    ["a File, by the name that is given beside it", new File(["text"], "other"), new TextEncoder().encode("text")],
    ["an empty Blob", new Blob(), new Uint8Array()],
    ["bytes of another realm", inRealm("new Uint8Array([1, 2])") as Uint8Array, Uint8Array.of(1, 2)],
    ["a Blob of another realm", foreign(new Blob(["text"]), "Blob"), new TextEncoder().encode("text")],
    ["a File of another realm", foreign(new File(["text"], "b"), "File"), new TextEncoder().encode("text")]
  ] as const)("attaches %s", ([, content, expected]) =>
    Effect.gen(function* () {
      yield* Attachments.uploadAttachment(record, { fileName: "a", content })
      expect(yield* attached).toEqual([{ id: firstId, fileName: "a", size: expected.length, content: expected }])
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["in one piece", streamOf(everyByte)],
    ["in pieces of a byte", streamOf(...Array.from(everyByte, (byte) => Uint8Array.of(byte)))],
    ["in chunks of its own", Stream.rechunk(streamOf(...Array.from(everyByte, (byte) => Uint8Array.of(byte))), 7)],
    [
      "with pieces of nothing",
      streamOf(new Uint8Array(), everyByte.subarray(0, 9), new Uint8Array(), everyByte.subarray(9), new Uint8Array())
    ],
    [
      "as Buffers and bytes of another realm",
      streamOf(
        Buffer.from(everyByte.subarray(0, 1)),
        inRealm("Uint8Array.from({ length: 255 }, (_, index) => index + 1)") as Uint8Array
      )
    ],
    ["that comes later", Stream.flatMap(Stream.fromEffect(Effect.yieldNow()), () => streamOf(everyByte))],
    ["that is made of an Effect", Stream.fromEffect(Effect.succeed(everyByte))]
  ] as const)("attaches a Stream %s", ([, content]) =>
    Effect.gen(function* () {
      yield* Attachments.uploadAttachment(record, { fileName: "a", content, size: 256 })
      expect(yield* attached).toEqual([{ id: firstId, fileName: "a", size: 256, content: everyByte }])
    }).pipe(Effect.provide(door))
  )

  it.effect("attaches a Stream of nothing", () =>
    Effect.gen(function* () {
      yield* Attachments.uploadAttachment(record, { fileName: "a", content: Stream.empty, size: 0 })
      expect(yield* attached).toMatchObject([{ fileName: "a", size: 0 }])
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["bytes", { fileName: "a", content: everyByte }],
    ["a Blob", { fileName: "ä", content: new Blob([everyByte]) }],
    ["a Stream", { fileName: "a", content: streamOf(everyByte), size: 256 }],
    ["a link", { linkUrl: "https://www.bigin.com", title: "größer" }]
  ] as const)("tells the length of %s before, where the client lets it", ([, given]) =>
    Effect.gen(function* () {
      yield* Attachments.uploadAttachment(record, given)
      const [request] = yield* requests
      const told = request?.headers["content-length"]
      // fetch sends a stream without, whatever it is told
      if (name === "FetchHttpClient" && "content" in given && given.content !== everyByte) {
        assert.strictEqual(request?.headers["transfer-encoding"], "chunked")
      } else {
        assert.strictEqual(told, String(request?.bytes.length))
      }
    }).pipe(Effect.provide(door))
  )

  it.effect("attaches a file of the disk that was opened as a Blob", () =>
    Effect.gen(function* () {
      const content = yield* Effect.promise(() => openAsBlob(fileURLToPath(import.meta.url)))
      yield* Attachments.uploadAttachment(record, { fileName: "this.ts", content })
      const [added] = yield* attached
      assert.include(new TextDecoder().decode(added?.content), "opened as a Blob")
      assert.strictEqual(added?.size, content.size)
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["has grown", (path: string) => writeFile(path, "after that")],
    ["was cut", (path: string) => truncate(path, 2)],
    ["was removed", (path: string) => rm(path)]
  ] as const)("is ConnectionLost by NotReadableError where a file %s since it was opened", ([, change]) =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "bigin-"))),
        (path) => Effect.promise(() => rm(path, { recursive: true }))
      )
      const path = join(folder, "a")
      yield* Effect.promise(() => writeFile(path, "before"))
      const content = yield* Effect.promise(() => openAsBlob(path))
      yield* Effect.promise(() => change(path))
      expect(yield* Effect.flip(Attachments.uploadAttachment(record, { fileName: "a", content }))).toEqual(
        new Errors.ConnectionLost({ ref: record, reason: "NotReadableError" })
      )
      assert.lengthOf(yield* attached, 0)
    }).pipe(Effect.scoped, Effect.provide(door))
  )

  const refusedConnect = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" })

  it.effect.each([
    ["fails", Stream.concat(streamOf(everyByte), Stream.fail("down")), "SourceFailed"],
    ["fails at once", Stream.fail({ message: "down" }), "SourceFailed"],
    ["fails at its end", Stream.concat(streamOf(everyByte, everyByte), Stream.fail("down")), "SourceFailed"],
    ["fails to connect elsewhere", Stream.concat(streamOf(everyByte), Stream.fail(refusedConnect)), "SourceFailed"],
    ["fails with nothing", Stream.fail(undefined), "SourceFailed"],
    ["gives a text", Stream.make("text" as never), "SourceFailed"], // no bytes, on purpose
    ["gives bytes that count by two", Stream.make(new Uint16Array(256) as never), "SourceFailed"], // the same
    ["gives nothing", Stream.empty, "SizeMismatch"],
    ["gives fewer bytes than it said", streamOf(everyByte, everyByte.subarray(1)), "SizeMismatch"],
    ["gives more bytes than it said", streamOf(everyByte, everyByte, Uint8Array.of(1)), "SizeMismatch"],
    ["gives more bytes than it said in one piece", streamOf(new Uint8Array(100_000)), "SizeMismatch"],
    ["gives bytes without end", Stream.forever(streamOf(everyByte)), "SizeMismatch"]
  ] as const)("is ConnectionLost where a Stream %s, and nothing is attached", ([, content, reason]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Attachments.uploadAttachment(record, { fileName: "a", content, size: 512 }))
      expect(error).toEqual(new Errors.ConnectionLost({ ref: record, reason }))
      assert.lengthOf(yield* attached, 0)
      // the connection that was broken off serves nobody else
      yield* upload
      assert.lengthOf(yield* attached, 1)
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["bytes", { fileName: "a", content: everyByte }],
    ["a Blob", { fileName: "a", content: new Blob([everyByte]) }],
    ["a Stream", { fileName: "a", content: streamOf(everyByte), size: 256 }]
  ] as const)("sends %s to no other place, whatever it is told", ([, given]) =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.answerWith({ status: 307, headers: { location: "/elsewhere" }, body: "" }))
      const error = yield* Effect.flip(Attachments.uploadAttachment(record, given))
      // what fetch sends piece by piece has no answer where that is a redirect
      const isLost = name === "FetchHttpClient" && given.content !== everyByte
      assert.strictEqual(error._tag, isLost ? "ConnectionLost" : "MalformedResponse")
      assert.lengthOf(yield* requests, 1)
    }).pipe(Effect.provide(door))
  )

  it.effect("dies where a Stream dies", () =>
    Effect.gen(function* () {
      const content = Stream.concat(streamOf(everyByte), Stream.dieMessage("a fault of the program"))
      const exit = yield* Effect.exit(Attachments.uploadAttachment(record, { fileName: "a", content, size: 512 }))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      assert.lengthOf(yield* attached, 0)
    }).pipe(Effect.provide(door))
  )

  it.effect.each(["naïve résumé 🗎.pdf", 'a "quoted" name', "a; b=c", ".", " "])(
    "attaches under the name %j",
    (fileName) =>
      Effect.gen(function* () {
        yield* Attachments.uploadAttachment(record, { fileName, content: everyByte })
        assert.strictEqual((yield* attached)[0]?.fileName, fileName)
      }).pipe(Effect.provide(door))
  )

  it.effect("attaches a link, with a title or without", () =>
    Effect.gen(function* () {
      const linkUrl = "https://www.bigin.com/a?b=c&d=%20#e"
      yield* Attachments.uploadAttachment(record, { linkUrl, title: "Bigin – größer" })
      yield* Attachments.uploadAttachment(record, { linkUrl })
      expect(yield* attached).toMatchObject([
        { fileName: "Bigin – größer", linkUrl },
        { fileName: null, linkUrl }
      ])
    }).pipe(Effect.provide(door))
  )

  it.effect.each(["v1", "v2"] as const)("sends once what %s documents", (version) =>
    Effect.gen(function* () {
      yield* upload.pipe(Effect.provideService(BiginConfig.ApiVersion, version))
      const [request, ...more] = yield* requests
      assert.lengthOf(more, 0)
      expect(request).toMatchObject({
        method: "POST",
        url: `/bigin/${version}/Contacts/2883756000000261075/Attachments`
      })
      assert.strictEqual(request?.headers["authorization"], `Zoho-oauthtoken ${Fixtures.accessTokens.administrator}`)
      assert.match(request?.headers["content-type"] ?? "", /^multipart\/form-data; ?boundary=/)
      assert.match(request?.body ?? "", /name="file"; filename="every byte.bin"/)
    }).pipe(Effect.provide(door))
  )

  it.effect.each(Object.keys(Errors.catalogue) as Array<Errors.DocumentedTag>)("fails with %s as it came", (tag) =>
    Effect.gen(function* () {
      const { code, message, status } = Errors.catalogue[tag]
      yield* inject(FakeBigin.answerWith(Fixtures.documented(tag)))
      const error = yield* Effect.flip(upload)
      expect(error).toMatchObject({ _tag: tag, status, code, wireMessage: message })
      assert.deepStrictEqual("ref" in error && error.ref, record)
      assert.lengthOf(yield* requests, 1)
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["a 429", FakeBigin.answerWith(Fixtures.rateLimited(30)), "RateLimited", 0],
    [
      "a refused token, where there is no other",
      FakeBigin.answerWith(Fixtures.undocumented.InvalidToken),
      "InvalidToken",
      0
    ],
    [
      "a code that nobody documented",
      FakeBigin.answerWith(Fixtures.undocumented.UnrecognizedCode),
      "UnrecognizedCode",
      0
    ],
    ["a proxy's page", FakeBigin.answerWith(Fixtures.undocumented.MalformedResponse), "MalformedResponse", 0],
    ["a gateway's 502 after the upload", FakeBigin.badGateway, "ServiceFault", 1],
    ["half of the answer", FakeBigin.truncate, "UnconfirmedSuccess", 1],
    ["an empty 200", FakeBigin.empty, "UnconfirmedSuccess", 1],
    ["a connection cut before the upload", FakeBigin.cut, "ConnectionLost", 0],
    ["a lost answer", FakeBigin.loseAnswer, "ConnectionLost", 1],
    ["an answer that breaks off", FakeBigin.breakOff, "ConnectionLost", 1]
  ] as const)("types %s, and hides nothing that happened", ([, fault, tag, count]) =>
    Effect.gen(function* () {
      yield* inject(fault)
      const error = yield* Effect.flip(upload)
      assert.strictEqual(error._tag, tag)
      assert.lengthOf(yield* attached, count)
      assert.isTrue(error.mayHaveApplied || count === 0)
      // no retry of its own: it would be attached twice
      assert.lengthOf(yield* requests, 1)
    }).pipe(Effect.provide(door))
  )

  it.effect("times out as a failure and aborts the request", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.delay(Duration.infinity))
      const fiber = yield* Effect.fork(Effect.flip(upload))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => Effect.map(requests, ({ length }) => length === 1) })
      yield* TestClock.adjust("30 seconds")
      expect(yield* Fiber.join(fiber)).toEqual(new Errors.RequestTimedOut({ ref: record, after: Duration.seconds(30) }))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => Effect.map(requests, ([one]) => one?.fate === "Aborted") })
    }).pipe(Effect.provide(door))
  )
})

describe("what confirms an upload", () => {
  const success = (details: unknown, status = 200) =>
    Fixtures.item(status, { code: "SUCCESS", details, message: "attachment uploaded successfully", status: "success" })

  it.effect.each([200, 201, 202])("is a success item with an id under a %i", (status) =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.answerWith(success({ id: "17" }, status)))
      assert.deepStrictEqual(yield* upload, { ...record, attachmentId: "17" })
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each([
    ["no details", success(null)],
    ["no id", success({})],
    ["an id that is a number", success({ id: 2883756000000900 })],
    ["an id that is no decimal", success({ id: "17a" })],
    ["an empty id", success({ id: "" })],
    ["another status than 2xx", success({ id: "17" }, 400)],
    ["no status of success", Fixtures.item(200, { code: "SUCCESS", details: { id: "17" } })],
    ["a page", Fixtures.html(200, "Sign in")]
  ] as const)("is not one with %s: UnconfirmedSuccess", ([, reply]) =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.answerWith(reply))
      const error = yield* Effect.flip(upload)
      assert.strictEqual(error._tag, "UnconfirmedSuccess")
      assert.isTrue(error.mayHaveApplied)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("a malformed upload is InvalidInput, and nothing is sent:", () => {
  const bytes = Uint8Array.of(1)
  const refuses = (record: unknown, file: unknown, expected: object) =>
    Effect.gen(function* () {
      const untyped = Attachments.uploadAttachment as (
        record: unknown,
        file: unknown
      ) => ReturnType<typeof Attachments.uploadAttachment> // as a caller without types calls it
      expect(yield* Effect.flip(untyped(record, file))).toMatchObject({ _tag: "InvalidInput", ...expected })
      assert.lengthOf(yield* requests, 0)
    }).pipe(Effect.provide(FakeBigin.layer))

  it.effect.each(["", "a/b", "/", "a\\b", "a\nb", "a\u0000", "\u007f", "\u0085", 5, null, undefined, {}])(
    "the file name %j",
    (fileName) => refuses(record, { fileName, content: bytes }, { field: "fileName" })
  )

  it.effect.each(["text", [1], null, undefined, new ArrayBuffer(1), new DataView(new ArrayBuffer(1))])(
    "the content %j",
    (content) =>
      refuses(
        record,
        { fileName: "a", content },
        { field: "file", given: content === "text" ? "text" : expect.anything() }
      )
  )

  it.effect("a content that was transferred away", () => {
    const content = Uint8Array.of(1, 2, 3)
    structuredClone(content.buffer, { transfer: [content.buffer] })
    return refuses(record, { fileName: "a", content }, { field: "file", problem: "was transferred away" })
  })

  it.effect.each([
    "",
    "www.bigin.com",
    "ftp://bigin.com",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "http://",
    "https://a b",
    " https://bigin.com",
    "https://bigin.com\n",
    "https://bigin.com/\ud83d",
    "https://bigin.com/?a=\udca9\ud83d",
    5,
    null,
    {}
  ])("the link %j", (linkUrl) => refuses(record, { linkUrl }, { field: "linkUrl" }))

  it.effect.each([
    ["https://user:pw-of-mine@bigin.com/a", "https://bigin.com/a"],
    ["https://user@bigin.com", "https://bigin.com"],
    ["https://:pw-of-mine@bigin.com", "https://bigin.com"],
    ["https://@bigin.com", "https://bigin.com"],
    ["HTTPS:user:pw-of-mine@bigin.com", "HTTPS:bigin.com"],
    ["https:\\\\user:pw-of-mine@bigin.com", "https:\\\\bigin.com"],
    ["https://user:pw-of-mine@evil@bigin.com/@b", "https://bigin.com/@b"]
  ])("the link %s, which has a user name or a password; the error does not have it", ([linkUrl, given]) =>
    refuses(
      record,
      { linkUrl },
      {
        field: "linkUrl",
        given,
        problem: "must have no user name and no password, which everybody who reads the record would see"
      }
    )
  )

  it.effect.each([" https://user:pw-of-mine@bigin.com", "ftp://user:pw-of-mine@bigin.com", "https://u:pw-of-mine@a b"])(
    "the link %s, whose password the error does not have",
    (linkUrl) => refuses(record, { linkUrl }, { field: "linkUrl", given: expect.not.stringContaining("pw-of-mine") })
  )

  it.effect.each([
    { linkUrl: "https://bigin.com/@a" },
    { linkUrl: "https://bigin.com?a@b" },
    { linkUrl: "https://bigin.com#a@b" },
    { linkUrl: "https://bigin.com/a:b@c", title: "\u{1f4a9}" },
    { linkUrl: "https://bigin.com", title: undefined, fileName: undefined, content: undefined, size: undefined },
    { fileName: "\u{1f4a9}", content: bytes, linkUrl: undefined, title: undefined, size: undefined }
  ])("but not %j", (given) =>
    Effect.gen(function* () {
      yield* Attachments.uploadAttachment(record, given as never) // undefined is as good as absent, where there are no types
      assert.lengthOf(yield* attached, 1)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53, "256", 256n, null, undefined, {}])(
    "the size %s of a Stream",
    (size) =>
      refuses(
        record,
        { fileName: "a", content: streamOf(bytes), size },
        { field: "file", problem: "must have the size of its stream, a number of bytes" }
      )
  )

  it.effect.each([
    { [Symbol.toStringTag]: "Blob", size: 1, type: "" },
    { [Symbol.toStringTag]: "Blob", size: -1, type: "", stream: () => new ReadableStream() },
    { size: 4, type: "", stream: () => new Blob(["text"]).stream() },
    { [Stream.StreamTypeId]: {} },
    new Uint8ClampedArray(1),
    new ReadableStream()
  ])("a content that only looks like one: %#", (content) =>
    refuses(record, { fileName: "a", content }, { field: "file" })
  )

  it.effect.each([
    undefined,
    null,
    "a.txt",
    {},
    { fileName: "a", content: bytes, size: 1 },
    { fileName: "a", content: new Blob(["text"]), size: 4 },
    { fileName: "a", content: bytes, title: "Bigin" },
    { linkUrl: "https://bigin.com", size: 1 },
    { linkUrl: "https://bigin.com", fileName: "a" },
    { linkUrl: "https://bigin.com", title: "\ud83d" },
    { linkUrl: "https://bigin.com", title: null },
    { content: bytes, linkUrl: "https://bigin.com" },
    { fileName: "a", content: bytes, linkUrl: "https://bigin.com" },
    { linkUrl: "https://bigin.com", title: 5 }
  ])("the file %j", (given) => refuses(record, given, { field: "file" }))

  it.effect.each(["\ud83d", "a\udca9.pdf", "\udca9\ud83d"])("the file name of half a pair %j", (fileName) =>
    refuses(record, { fileName, content: bytes }, { field: "fileName", given: expect.stringContaining("\ufffd") })
  )

  it.effect("a file that cannot be read", () =>
    refuses(
      record,
      Object.defineProperty({ fileName: "a" }, "content", {
        get: () => {
          throw new Error("not loaded")
        }
      }),
      { field: "file", given: "object" }
    )
  )

  it.effect("the record", () => refuses({ ...record, recordId: "1/2" }, file, { field: "recordId" }))
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

describe("an upload", () => {
  it.effect("is sent whole once more where the token was refused", () =>
    Effect.gen(function* () {
      yield* Attachments.uploadAttachment(record, { fileName: "a", content: new Blob([everyByte]) })
      assert.lengthOf(yield* requests, 2)
      expect(yield* attached).toMatchObject([{ content: everyByte }])
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, renewing)))
  )

  it.effect("runs its Stream anew for each request, and never before", () =>
    Effect.gen(function* () {
      let runs = 0
      const content = Stream.suspend(() => {
        runs += 1
        return streamOf(everyByte)
      })
      const once = Attachments.uploadAttachment(record, { fileName: "a", content, size: 256 })
      assert.strictEqual(runs, 0)
      yield* once
      assert.strictEqual(runs, 2)
      expect(yield* attached).toMatchObject([{ content: everyByte }])
      yield* once
      assert.strictEqual(runs, 4)
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, renewing)))
  )

  it.effect("fails where its Stream can be run only once and the token was refused", () =>
    Effect.gen(function* () {
      const pieces = [everyByte].values()
      const content = Stream.fromIterable({ [Symbol.iterator]: () => pieces })
      const error = yield* Effect.flip(Attachments.uploadAttachment(record, { fileName: "a", content, size: 256 }))
      expect(error).toEqual(new Errors.ConnectionLost({ ref: record, reason: "SizeMismatch" }))
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, renewing)))
  )

  it.effect("sends the bytes that were there when it began, whatever is written into them afterwards", () =>
    Effect.gen(function* () {
      yield* inject((bigin) => Effect.map(Effect.delay(bigin, "1 second"), (reply) => ({ _tag: "Whole", reply })))
      const content = Uint8Array.of(1, 2, 3)
      const fiber = yield* Effect.fork(Attachments.uploadAttachment(record, { fileName: "a", content }))
      yield* Effect.yieldNow()
      content.fill(0)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      expect(yield* attached).toMatchObject([{ content: Uint8Array.of(1, 2, 3) }])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("has a boundary of 128 bits that no seed tells", () =>
    Effect.gen(function* () {
      const seeded = Effect.withRandom(Random.make("the same"))
      yield* seeded(upload)
      yield* seeded(upload)
      const boundaries = (yield* requests).map(({ headers }) => headers["content-type"]?.split("boundary=")[1])
      for (const boundary of boundaries) assert.match(boundary ?? "", /^bigin-[0-9a-f]{32}$/)
      assert.notStrictEqual(boundaries[0], boundaries[1])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each([
    ["reader", "OAuthScopeMismatch"],
    ["denied", "NoPermission"],
    ["unprivileged", "AuthorizationFailed"]
  ] as const)("of %s fails with %s", ([who, tag]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(upload))._tag, tag)
      assert.lengthOf(yield* attached, 0)
    }).pipe(Effect.provide(inMemoryAs(Fixtures.accessTokens[who])))
  )

  it.effect("is let through by the scopes to create, and by no others", () =>
    Effect.gen(function* () {
      const requirement = Scopes.uploadAttachment("Contacts")
      const create = ["ZohoBigin.modules.contacts.CREATE", "ZohoBigin.modules.attachments.CREATE"] as const
      assert.deepStrictEqual([...Scopes.missing(requirement, [])], [...create])
      assert.deepStrictEqual(Scopes.missing(requirement, create), [])
      assert.lengthOf(Scopes.missing(Scopes.deleteAttachment("Contacts"), create), 2)
      yield* Scopes.ensure(upload, requirement)
      assert.lengthOf(yield* attached, 1)
    }).pipe(
      Effect.provide(
        FakeBigin.layerWith({
          tokens: {
            [Fixtures.accessTokens.administrator]: {
              scopes: ["ZohoBigin.modules.contacts.CREATE", "ZohoBigin.modules.attachments.CREATE"]
            }
          }
        })
      )
    )
  )

  it.effect("has one span, named by the route", () =>
    Effect.gen(function* () {
      const spans: Parameters<typeof recordingTracer>[0] = []
      yield* upload.pipe(Effect.provide(recordingTracer(spans)))
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        ["POST /bigin/v1/{module}/{recordId}/Attachments"]
      )
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("a success that came before the whole form was sent", () => {
  /** A client that reads as much of the form as told, whatever comes of that, and then says that all is well. */
  const hasty = (read: (form: Stream.Stream<Uint8Array, unknown>) => Effect.Effect<unknown, unknown>) =>
    Layer.merge(
      FakeBigin.layer,
      Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((request) =>
          Effect.gen(function* () {
            if (request.body._tag === "Stream") yield* Effect.exit(read(request.body.stream))
            const { body, headers, status } = Fixtures.uploaded("17")
            return HttpClientResponse.fromWeb(request, new Response(body, { headers, status }))
          })
        )
      )
    )

  const streamed = (content: Stream.Stream<Uint8Array, unknown>) =>
    Attachments.uploadAttachment(record, { fileName: "a", content, size: 512 })

  it.effect("is not believed: ConnectionLost", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(streamed(streamOf(everyByte, everyByte)))).toEqual(
        new Errors.ConnectionLost({ ref: record, reason: "unknown" })
      )
    }).pipe(Effect.provide(hasty((form) => Stream.runDrain(Stream.take(form, 2)))))
  )

  it.effect("is not believed where the Stream failed: ConnectionLost tells so", () =>
    Effect.gen(function* () {
      const lost = (reason: string) => new Errors.ConnectionLost({ ref: record, reason })
      expect(yield* Effect.flip(streamed(Stream.fail("down")))).toEqual(lost("SourceFailed"))
      expect(yield* Effect.flip(streamed(streamOf(everyByte)))).toEqual(lost("SizeMismatch"))
    }).pipe(Effect.provide(hasty(Stream.runDrain)))
  )

  it.effect("is believed of a client that sent all of it, or that sends nothing, as in a test", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* streamed(streamOf(everyByte, everyByte))).attachmentId, "17")
      const nothing = streamed(streamOf(everyByte, everyByte)).pipe(Effect.provide(hasty(() => Effect.void)))
      assert.strictEqual((yield* nothing).attachmentId, "17")
    }).pipe(Effect.provide(hasty(Stream.runDrain)))
  )
})

/** A server that counts what comes and keeps nothing of it; a form that ends with its boundary is attached. */
const sink = Effect.gen(function* () {
  const seen = { bytes: 0, whole: 0, aborted: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    let bytes = 0
    let end = ""
    request.on("data", (piece: Buffer) => {
      bytes += piece.length
      end = `${end}${piece.subarray(-100).toString("latin1")}`.slice(-100)
    })
    request.on("error", () => {})
    request.on("close", () => {
      if (!request.complete) seen.aborted += 1
    })
    request.on("end", () => {
      seen.bytes += bytes
      if (/\r\n--bigin-[0-9a-f]{32}--\r\n$/.test(end)) seen.whole += 1
      const { body, headers, status } = Fixtures.uploaded("17")
      response.writeHead(status, headers).end(body)
    })
  })
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
  return { origin, seen, sockets }
})

describe.each(Object.entries(clients))("a form that breaks off over %s", (_, client) => {
  it.live("ends its connection, and never looks whole", () =>
    Effect.gen(function* () {
      const { origin: apiOrigin, seen, sockets } = yield* sink
      const auth = BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin })
      const content = Stream.concat(streamOf(new Uint8Array(200_000)), Stream.fail("down"))
      const error = yield* Attachments.uploadAttachment(record, { fileName: "a", content, size: 200_001 }).pipe(
        Effect.flip,
        Effect.provide(Layer.merge(client, auth))
      )
      assert.strictEqual(error._tag, "ConnectionLost")
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => sockets.size === 0 })
      assert.deepStrictEqual([seen.whole, seen.bytes], [0, 0])
    }).pipe(Effect.scoped)
  )
})

/** What the process used at most, in bytes. */
interface Used {
  readonly rss: number
  readonly arrayBuffers: number
}

describe("a file of 200 MB", () => {
  it.live(
    "is never held: memory stays flat over every client, as a Blob and as a Stream",
    () =>
      Effect.gen(function* () {
        const folder = yield* Effect.acquireRelease(
          Effect.promise(() => mkdtemp(join(tmpdir(), "bigin-"))),
          (path) => Effect.promise(() => rm(path, { recursive: true }))
        )
        const large = join(folder, "large")
        yield* Effect.promise(async () => {
          await writeFile(large, "")
          await truncate(large, 200_000_000)
        })
        const { origin, seen } = yield* sink
        // with as little room for its heap as Node needs
        const { output } = yield* running(yield* bundled("upload"), { BIGIN_ORIGIN: origin, FILE: large }, [
          "--max-old-space-size=64"
        ])
        const all = JSON.parse(output) as ReadonlyArray<Record<"before" | "asBlob" | "asStream", Used>>
        assert.lengthOf(all, 4)
        for (const { asBlob, asStream, before } of all) {
          for (const used of [asBlob, asStream]) {
            assert.isBelow(used.rss - before.rss, 120_000_000)
            assert.isBelow(used.arrayBuffers - before.arrayBuffers, 80_000_000)
          }
        }
        assert.strictEqual(seen.whole, 12)
        assert.isAbove(seen.bytes, 1_600_000_000)
      }).pipe(Effect.scoped),
    120_000
  )
})

describe.each(Object.entries(clients))("the token and the file of an upload over %s", (_, client) => {
  const accessToken = "1000.secret-of-an-upload.0123456789"
  const content = new TextEncoder().encode("what the file holds")

  it.effect.each([
    ["a page with the token", FakeBigin.answerWith(Fixtures.html(502, accessToken))],
    ["a connection that is cut", FakeBigin.cut],
    ["an answer that breaks off", FakeBigin.breakOff]
  ] as const)("are in nothing that prints the failure: %s", ([, fault]) =>
    Effect.gen(function* () {
      yield* inject(fault)
      const exit = yield* Effect.exit(Attachments.uploadAttachment(record, { fileName: "a", content }))
      const error = yield* Effect.flip(exit)
      const printed = [
        inspect(exit, { depth: 30, showHidden: true, getters: true }),
        JSON.stringify(exit),
        JSON.stringify(Schema.encodeSync(Errors.DeleteAttachmentError)(error)),
        error.message
      ].join("\n")
      assert.notInclude(printed, accessToken)
      assert.notInclude(printed, "what the file holds")
    }).pipe(Effect.provide(overTcp(client, { accessToken })))
  )
})
