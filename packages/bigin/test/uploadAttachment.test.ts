import { assert, describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Redacted, Schema, Stream, TestClock } from "effect"
import { Attachments, BiginAuth, BiginConfig, Errors, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { openAsBlob } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { clients, doors, inMemoryAs, overTcp } from "./doors.ts"
import { recordingTracer } from "./recordingTracer.ts"

const record = Fixtures.record

const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index)
const file = { fileName: "every byte.bin", content: everyByte }

const upload = Attachments.uploadAttachment(record, file)

const requests = Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.requests)

const inject = (fault: FakeBigin.Fault) => Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.inject({ fault }))

/** Those that were attached after the two that a fresh fake holds. */
const attached = Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
  Effect.map(fake.attachments(record), (all) => all.slice(2))
)

const firstId = "2883756000000900001"

describe.each(doors)("uploadAttachment over %s", (_, door) => {
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
    ["a File, by the name that is given beside it", new File(["text"], "other"), new TextEncoder().encode("text")]
  ] as const)("attaches %s", ([, content, expected]) =>
    Effect.gen(function* () {
      yield* Attachments.uploadAttachment(record, { fileName: "a", content })
      expect(yield* attached).toEqual([{ id: firstId, fileName: "a", size: expected.length, content: expected }])
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

  it.effect("fails where a file of the disk has changed since it was opened", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "bigin-"))),
        (path) => Effect.promise(() => rm(path, { recursive: true }))
      )
      const path = join(folder, "a")
      yield* Effect.promise(() => writeFile(path, "before"))
      const content = yield* Effect.promise(() => openAsBlob(path))
      yield* Effect.promise(() => writeFile(path, "after that"))
      const error = yield* Effect.flip(Attachments.uploadAttachment(record, { fileName: "a", content }))
      assert.include(["ConnectionFailed", "ConnectionLost"], error._tag)
      assert.lengthOf(yield* attached, 0)
    }).pipe(Effect.scoped, Effect.provide(door))
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
    (fileName) => refuses(record, { fileName, content: everyByte }, { field: "fileName" })
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
    5,
    null
  ])("the link %j", (linkUrl) => refuses(record, { linkUrl }, { field: "linkUrl" }))

  it.effect.each([
    undefined,
    null,
    "a.txt",
    {},
    { content: everyByte, linkUrl: "https://bigin.com" },
    { fileName: "a", content: everyByte, linkUrl: "https://bigin.com" },
    { linkUrl: "https://bigin.com", title: 5 }
  ])("the file %j", (given) => refuses(record, given, { field: "file" }))

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
