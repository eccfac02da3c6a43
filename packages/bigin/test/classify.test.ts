import { assert, describe, expect, it } from "@effect/vitest"
import { Duration, Either, FastCheck, Schema } from "effect"
import { Errors } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import { classify } from "../src/errors/classify.ts"

const ref = Fixtures.attachment
const now = Date.UTC(2026, 0, 1)

const outcome = (status: number, body: string, headers: Record<string, string> = {}) =>
  classify({ status, headers, body }, { ref, secrets: ["1000.secret-token"], now })

const failure = (status: number, body: unknown, headers?: Record<string, string>) =>
  Either.getOrThrow(Either.flip(outcome(status, typeof body === "string" ? body : JSON.stringify(body), headers)))

const tagOf = (status: number, body: unknown) => {
  const read = outcome(status, typeof body === "string" ? body : JSON.stringify(body))
  return Either.isRight(read) ? "success" : read.left._tag
}

const errorItem = (code: string, more: object = {}) => ({
  status: "error",
  code,
  message: "said",
  details: {},
  ...more
})
const successItem = (id: unknown) => ({
  status: "success",
  code: "SUCCESS",
  message: "record deleted",
  details: { id }
})

describe("a success", () => {
  const real =
    '{"data":[{"code":"SUCCESS","details":{"id":"2883756000000261017"},"message":"record deleted","status":"success"}]}'

  it("is the documented reply, in either envelope, under any 2xx, after a BOM", () => {
    assert.deepStrictEqual(outcome(200, real), Either.right(ref))
    assert.strictEqual(tagOf(202, successItem(ref.attachmentId)), "success")
    assert.strictEqual(tagOf(200, `\uFEFF${real}`), "success")
  })

  it.each([
    ["another id", 200, successItem("2883756000000261018")],
    ["the id as a number", 200, successItem(2883756000000261)],
    ["no id", 200, { status: "success", details: {} }],
    ["no details", 200, { status: "success" }],
    [
      "the id where a prototype would lend it",
      200,
      { status: "success", details: { __proto__: { id: ref.attachmentId } } }
    ],
    ["a status that is no 2xx", 400, successItem(ref.attachmentId)],
    ["a 5xx", 500, successItem(ref.attachmentId)],
    ["a redirect", 302, successItem(ref.attachmentId)],
    ["an empty 200", 200, ""],
    ["an empty 204", 204, ""],
    ["a page", 200, "<html>ok</html>"],
    ["a truncated item", 200, real.slice(0, -5)],
    ["an empty list", 200, { data: [] }],
    ["a list of nothing", 200, { data: [null] }],
    ["the item behind another", 200, { data: [{}, successItem(ref.attachmentId)] }],
    ["a bare array", 200, [successItem(ref.attachmentId)]],
    ["another word", 200, { ...successItem(ref.attachmentId), status: "SUCCESS" }]
  ])("is not claimed for %s", (_, status, body) => {
    assert.strictEqual(tagOf(status, body), "UnconfirmedSuccess")
  })
})

describe("the order of the rules", () => {
  it("1: 429 before everything, with code, text and details where there are any", () => {
    assert.strictEqual(tagOf(429, successItem(ref.attachmentId)), "RateLimited")
    expect(failure(429, errorItem("INVALID_TOKEN", { details: { left: 0 } }))).toMatchObject({
      _tag: "RateLimited",
      code: "INVALID_TOKEN",
      wireMessage: "said",
      details: { left: 0 }
    })
    expect(failure(429, "<html>slow down</html>")).toMatchObject({ details: null, body: "<html>slow down</html>" })
  })

  it.each([200, 400, 401, 500, 0])("2: a refused token under %i", (status) => {
    assert.strictEqual(tagOf(status, errorItem("INVALID_TOKEN")), "InvalidToken")
    assert.strictEqual(tagOf(status, { data: [errorItem("AUTHENTICATION_FAILURE")] }), "InvalidToken")
  })

  it.each([200, 204, 302, 400, 404, 502, 0])("3: a documented code under %i", (status) => {
    for (const [tag, { code, message }] of Object.entries(Errors.catalogue)) {
      expect(failure(status, errorItem(code, { message }))).toMatchObject({ _tag: tag, status, code })
    }
  })

  it("4: a success item that does not confirm, before 5: a status of 500", () => {
    assert.strictEqual(tagOf(500, successItem("1")), "UnconfirmedSuccess")
  })

  it("5: a status of 500 and above before 6: an unknown code", () => {
    expect(failure(503, errorItem("BUSY"))).toMatchObject({ _tag: "ServiceFault", code: "BUSY", wireMessage: "said" })
    assert.strictEqual(tagOf(599, ""), "ServiceFault")
  })

  it("6: an unknown code, kept whole, before 7: a 2xx", () => {
    const details = { why: "new" }
    expect(failure(200, errorItem("NEW_CODE", { details }))).toMatchObject({
      _tag: "UnrecognizedCode",
      code: "NEW_CODE",
      wireMessage: "said",
      details
    })
  })

  it.each([
    [302, ""],
    [0, ""],
    [404, "<html>not here</html>"],
    [400, { status: "error" }],
    [400, { status: "error", code: 5 }],
    [401, { code: "INVALID_TOKEN" }],
    [Number.NaN, ""]
  ])("8: everything else: %s %j", (status, body) => {
    assert.strictEqual(tagOf(status, body), "MalformedResponse")
  })
})

describe("the two rows of INVALID_MODULE", () => {
  const tag = (message: unknown) => tagOf(400, errorItem("INVALID_MODULE", { message }))

  it.each([
    "The given module is not supported in API",
    "the given module is not supported in api",
    "  The given module is not supported in API.  "
  ])("UnsupportedModule: %j", (message) => assert.strictEqual(tag(message), "UnsupportedModule"))

  it.each(["The module name given seems to be invalid", "a third spelling", "", undefined, 7])(
    "InvalidModule: %j",
    (message) => assert.strictEqual(tag(message), "InvalidModule")
  )
})

describe("the target of INVALID_DATA", () => {
  it.each([
    [0, "module"],
    [1, "record"],
    [3, "attachment"],
    [2, "unknown"],
    ["3", "unknown"],
    [null, "unknown"],
    [undefined, "unknown"]
  ])("index %j is %s", (index, target) => {
    const details = index === undefined ? {} : { resource_path_index: index }
    expect(failure(400, errorItem("INVALID_DATA", { details }))).toMatchObject({ target })
  })

  it("is read even where details are too large to be kept", () => {
    const details = { resource_path_index: 3, noise: "x".repeat(70_000) }
    expect(failure(400, errorItem("INVALID_DATA", { details }))).toMatchObject({ target: "attachment", details: null })
  })
})

describe("what an error keeps", () => {
  it("is as it came, empty or null where nothing came", () => {
    expect(failure(403, { status: "error", code: "NO_PERMISSION" })).toMatchObject({ wireMessage: "", details: null })
    expect(failure(0, errorItem("NO_PERMISSION", { message: " Said " }))).toMatchObject({
      status: 0,
      wireMessage: " Said "
    })
  })

  it("has no body where an item was read, and 512 characters where none was", () => {
    assert.notProperty(failure(503, errorItem("BUSY")), "body")
    assert.notProperty(failure(503, ""), "body")
    expect(failure(503, "x".repeat(1000))).toMatchObject({ body: "x".repeat(512) })
  })

  it.each([
    ["30", Duration.seconds(30)],
    ["0", Duration.zero],
    ["Thu, 01 Jan 2026 00:01:00 GMT", Duration.minutes(1)],
    ["Wed, 31 Dec 2025 23:59:00 GMT", Duration.zero],
    ["soon", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["9".repeat(400), undefined],
    ["", undefined],
    ["2026-01-01", undefined],
    ["Thu Jan  1 00:01:00 2026", undefined],
    ["Monkey 5", undefined]
  ])("has the wait of Retry-After %j", (header, wait) => {
    for (const status of [429, 503]) {
      const error = failure(status, "", { "retry-after": header })
      expect("retryAfter" in error ? error.retryAfter : undefined).toEqual(wait)
    }
  })
})

describe("hostile bodies", () => {
  it("200,000 levels deep give an outcome", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`
    assert.strictEqual(tagOf(200, deep), "UnconfirmedSuccess")
    expect(failure(400, `{"status":"error","code":"INVALID_DATA","details":${deep}}`)).toMatchObject({
      _tag: "InvalidData",
      details: null
    })
    assert.strictEqual(tagOf(400, '{"a":'.repeat(200_000)), "MalformedResponse")
  })

  it("of 10 MB give an outcome", () => {
    const large = "x".repeat(10_000_000)
    assert.strictEqual(tagOf(500, large), "ServiceFault")
    assert.strictEqual(tagOf(200, { data: [{ ...successItem(ref.attachmentId), large }] }), "success")
    expect(failure(400, errorItem("NO_PERMISSION", { details: { large } }))).toMatchObject({ details: null })
    assert.strictEqual(tagOf(400, "\\".repeat(10_000_000)), "MalformedResponse")
    const slashes = "\\".repeat(5_000_000)
    assert.strictEqual(tagOf(400, errorItem("NO_PERMISSION", { message: slashes })), "NoPermission")
    assert.strictEqual(tagOf(400, errorItem(slashes)), "UnrecognizedCode")
    assert.strictEqual(tagOf(400, errorItem("NO_PERMISSION", { details: "\\".repeat(65_000) })), "NoPermission")
    assert.strictEqual(
      tagOf(400, errorItem("NO_PERMISSION", { message: "\\u0041%41&#65;".repeat(600_000) })),
      "NoPermission"
    )
  }, 60_000)

  it("with a prototype's names in it are data", () => {
    const body =
      '{"status":"error","code":"NO_PERMISSION","details":{"__proto__":{"status":"success"},"constructor":1}}'
    const error = failure(403, body)
    assert.strictEqual(error._tag, "NoPermission")
    assert.strictEqual(
      JSON.stringify("details" in error && error.details),
      '{"__proto__":{"status":"success"},"constructor":1}'
    )
    assert.strictEqual(
      tagOf(200, '{"__proto__":{"status":"success","details":{"id":"2883756000000261017"}}}'),
      "UnconfirmedSuccess"
    )
  })
})

describe("every answer", () => {
  /** The rules once more, as a table, apart from the code that they are to judge. */
  const expected = (status: number, body: string): string => {
    const get = (value: unknown, key: string): unknown =>
      Object.entries(value instanceof Object ? value : {}).find(([name]) => name === key)?.[1]
    let top: unknown
    try {
      top = JSON.parse(body.startsWith("\uFEFF") ? body.slice(1) : body)
    } catch {
      top = undefined
    }
    const data = get(top, "data")
    const item = Array.isArray(data) ? data[0] : top
    const isError = get(item, "status") === "error" && typeof get(item, "code") === "string"
    const isSuccess = get(item, "status") === "success"
    const text = (value: unknown) => (typeof value === "string" ? value : "")
    const code = text(get(item, "code"))
    const ok = status >= 200 && status <= 299
    const row = Object.values(Errors.catalogue).find((row) => row.code === code)
    const rules: Array<[boolean, string]> = [
      [status === 429, "RateLimited"],
      [isError && ["INVALID_TOKEN", "AUTHENTICATION_FAILURE"].includes(code), "InvalidToken"],
      [
        isError && code === "INVALID_MODULE",
        /^\s*the given module is not supported in api\s*\.?\s*$/i.test(text(get(item, "message")))
          ? "UnsupportedModule"
          : "InvalidModule"
      ],
      [isError && row !== undefined, row?.tag ?? ""],
      [isSuccess && ok && get(get(item, "details"), "id") === ref.attachmentId, "success"],
      [isSuccess, "UnconfirmedSuccess"],
      [status >= 500, "ServiceFault"],
      [isError, "UnrecognizedCode"],
      [ok, "UnconfirmedSuccess"],
      [true, "MalformedResponse"]
    ]
    return rules.find(([applies]) => applies)?.[1] ?? ""
  }

  const real = [
    Fixtures.success(ref.attachmentId),
    Fixtures.success(ref.attachmentId, "top"),
    ...Object.values(Fixtures.undocumented),
    ...Object.values(Errors.catalogue).flatMap(({ tag }) => [
      Fixtures.documented(tag, { details: { resource_path_index: 1 } }),
      Fixtures.documented(tag, { envelope: "top" })
    ])
  ].map(({ body }) => body)

  const status = FastCheck.oneof(
    FastCheck.constantFrom(0, 200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 502, 503),
    FastCheck.integer({ min: -1, max: 1000 })
  )
  const word = FastCheck.constantFrom(
    "error",
    "success",
    "status",
    "code",
    "data",
    "details",
    "message",
    "id",
    ref.attachmentId,
    "INVALID_MODULE",
    "INVALID_TOKEN",
    "NEW_CODE",
    "__proto__"
  )
  const { value } = FastCheck.letrec((tie) => ({
    value: FastCheck.oneof(
      { maxDepth: 4, depthSize: "small" },
      word,
      FastCheck.jsonValue({ maxDepth: 1 }),
      FastCheck.array(tie("value"), { maxLength: 2 }),
      FastCheck.dictionary(word, tie("value"), { maxKeys: 4 })
    )
  }))
  const similar = FastCheck.record(
    {
      status: FastCheck.constantFrom("error", "success", "Error"),
      code: FastCheck.oneof(FastCheck.constantFrom(...Object.values(Errors.catalogue).map(({ code }) => code)), word),
      message: FastCheck.oneof(FastCheck.constantFrom("the given module is not supported in API. "), value),
      details: FastCheck.oneof(FastCheck.constantFrom({ id: ref.attachmentId }), value)
    },
    { requiredKeys: [] }
  )
  const mutated = FastCheck.tuple(
    FastCheck.constantFrom(...real),
    FastCheck.nat(200),
    FastCheck.nat(20),
    FastCheck.oneof(FastCheck.string({ maxLength: 5 }), FastCheck.constantFrom("", "\uFEFF", "}", "[", '"'))
  ).map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut))

  const bytes = FastCheck.uint8Array({ maxLength: 100 }).map((array) => new TextDecoder().decode(array))

  const body = FastCheck.oneof(
    { weight: 2, arbitrary: FastCheck.constantFrom(...real) },
    { weight: 4, arbitrary: mutated },
    { weight: 3, arbitrary: similar.map((item) => JSON.stringify(item)) },
    { weight: 3, arbitrary: similar.map((item) => JSON.stringify({ data: [item] })) },
    { weight: 2, arbitrary: value.map((any) => JSON.stringify(any)) },
    { weight: 1, arbitrary: bytes }
  )

  const header = FastCheck.oneof(FastCheck.string(), FastCheck.constantFrom("1", "Thu, 01 Jan 2026 00:01:00 GMT"))

  it("of 100,000 is exactly the one outcome that the rules give, and no defect", () => {
    const seen = new Map<string, number>()
    const valid = Schema.is(Errors.DeleteAttachmentError)
    FastCheck.assert(
      FastCheck.property(status, body, header, (status, body, header) => {
        const read = outcome(status, body, { "retry-after": header })
        const tag = Either.isRight(read) ? "success" : read.left._tag
        assert.strictEqual(tag, expected(status, body))
        // what was built unchecked is what the constructor would have let through
        if (Either.isLeft(read)) assert.isTrue(valid(read.left))
        seen.set(tag, (seen.get(tag) ?? 0) + 1)
      }),
      { numRuns: 100_000 }
    )
    // the generator reaches every outcome that there is
    assert.sameMembers(
      [...seen.keys()],
      ["success", ...Object.keys(Errors.catalogue), ...Object.keys(Fixtures.undocumented)]
    )
  }, 120_000)
})
