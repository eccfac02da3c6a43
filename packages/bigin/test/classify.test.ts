import { assert, describe, expect, it } from "@effect/vitest"
import { Duration, Either, FastCheck, Schema } from "effect"
import { Errors } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { classify, classifyUpload, readFailure } from "../src/errors/classify.ts"

const ref = Fixtures.attachment
const now = Date.UTC(2026, 0, 1)
const secret = "1000.secret-token"
const asked = { ref, secrets: [secret], now }

const outcome = (status: number, body: string, headers: Record<string, string> = {}) =>
  classify({ status, headers, body }, asked)

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

describe("a failure", () => {
  it("has its name and message where its stack is printed, and no frames, which would be this library's own", () => {
    const limit = Error.stackTraceLimit
    const error = failure(400, errorItem("NO_PERMISSION"))
    assert.strictEqual(error.stack, `NoPermission: ${error.message}`)
    assert.strictEqual(Error.stackTraceLimit, limit)
    assert.include(new Error("of somebody else").stack ?? "", "\n    at ")
  })
})

describe("a success", () => {
  const real =
    '{"data":[{"code":"SUCCESS","details":{"id":"2883756000000261017"},"message":"record deleted","status":"success"}]}'

  it("is the documented reply, in either envelope, under any 2xx, after a BOM", () => {
    assert.deepStrictEqual(outcome(200, real), Either.right(ref))
    assert.strictEqual(tagOf(202, successItem(ref.attachmentId)), "success")
    assert.strictEqual(tagOf(200, `\uFEFF${real}`), "success")
    assert.strictEqual(tagOf(200, `\uFEFF \r\n${real}`), "success")
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
    ["two BOMs, which are not JSON", 200, `\uFEFF\uFEFF${real}`],
    ["a BOM behind white space", 200, ` \uFEFF${real}`],
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

  it.each([408, 460, 499])("5: also %i, by which a gateway gives up, unless Bigin itself answers so", (status) => {
    for (const body of ["", "<html>timed out</html>", { status: "error" }, { code: "BUSY", message: "said" }]) {
      assert.strictEqual(tagOf(status, body), "ServiceFault")
    }
    expect(failure(status, "", { "retry-after": "30" })).toMatchObject({ retryAfter: Duration.seconds(30) })
    assert.strictEqual(tagOf(status, errorItem("BUSY")), "UnrecognizedCode")
    assert.strictEqual(tagOf(status, errorItem("NO_PERMISSION")), "NoPermission")
    assert.strictEqual(tagOf(status, successItem(ref.attachmentId)), "UnconfirmedSuccess")
    assert.strictEqual(tagOf(status - 1, ""), "MalformedResponse")
  })

  it("6: an unknown code, kept, before 7: a 2xx", () => {
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

describe("the problem", () => {
  it.each([
    [301, "", "it is a redirect, and none is followed"],
    [307, "<html>over there</html>", "it is a redirect, and none is followed"],
    [0, "", "it is a redirect that the browser keeps to itself"],
    [304, "", "it is empty"],
    [404, "", "it is empty"],
    [404, "<html>not here</html>", "it is no JSON object"],
    [404, "\uFEFF\uFEFF{}", "it is no JSON object"],
    [404, "5", "it is no JSON object"],
    [400, '{"status":"error","code":"INVALID_DA', "it is no JSON object"],
    [400, { status: "error" }, "it is an error without a code"],
    [400, { data: [{ status: "error", code: 5 }] }, "it is an error without a code"],
    [401, { code: "INVALID_TOKEN" }, "its JSON is none of Bigin's"],
    [400, { data: [] }, "its JSON is none of Bigin's"],
    [400, [], "its JSON is none of Bigin's"]
  ])("of a MalformedResponse is the rule that the answer broke: %s %j", (status, body, problem) => {
    expect(failure(status, body)).toMatchObject({ _tag: "MalformedResponse", problem })
  })

  it.each([
    [404, successItem(ref.attachmentId), "its status is not one of success"],
    [500, successItem("1"), "its status is not one of success"],
    [200, successItem("2883756000000261018"), "it confirms another id"],
    [200, successItem(2883756000000261), "it confirms no id"],
    [200, successItem(undefined), "it confirms no id"],
    [200, { status: "success" }, "it confirms no id"]
  ])("of an UnconfirmedSuccess is what it says beside that it confirms nothing: %s %j", (status, body, problem) => {
    expect(failure(status, body)).toMatchObject({ _tag: "UnconfirmedSuccess", problem })
  })

  it.each([
    [200, ""],
    [204, ""],
    [200, "<html>ok</html>"],
    [200, { data: [] }]
  ])("of an UnconfirmedSuccess that only confirms nothing is absent: %s %j", (status, body) => {
    assert.notProperty(failure(status, body), "problem")
  })

  it("of an upload is an id that is none", () => {
    const read = (body: object) =>
      classifyUpload({ status: 200, headers: {}, body: JSON.stringify(body) }, { ...asked, ref })
    expect(read(successItem("x"))).toMatchObject({ left: { problem: "it confirms an id that is none of Bigin's" } })
    expect(read(successItem(5))).toMatchObject({ left: { problem: "it confirms no id" } })
  })

  it("is in the message", () => {
    for (const error of [failure(302, ""), failure(200, successItem("1"))]) {
      if (!("problem" in error) || error.problem === undefined) return assert.fail("there is no problem")
      assert.include(error.message, error.problem)
    }
  })

  it("stands in place of the item where the text was cut or stayed coded, and the head of it is kept", () => {
    const problem = "it is longer than 1 MiB"
    const item = JSON.stringify({ ...successItem(ref.attachmentId), code: "INVALID_TOKEN" })
    const at = (status: number) =>
      Either.getOrThrow(Either.flip(classify({ status, headers: {}, body: item, problem }, asked)))
    for (const [status, tag] of [
      [200, "UnconfirmedSuccess"],
      [302, "MalformedResponse"],
      [404, "MalformedResponse"]
    ] as const) {
      expect(at(status)).toMatchObject({ _tag: tag, problem, body: item, details: null })
      assert.notProperty(at(status), "code")
    }
    for (const [status, tag] of [
      [429, "RateLimited"],
      [408, "ServiceFault"],
      [502, "ServiceFault"]
    ] as const) {
      expect(at(status)).toMatchObject({ _tag: tag, body: item })
    }
  })

  it("is scrubbed, since it may name what came", () => {
    const problem = `it is coded as ${secret}`
    for (const status of [200, 404]) {
      const error = Either.getOrThrow(Either.flip(classify({ status, headers: {}, body: "", problem }, asked)))
      expect(error).toMatchObject({ problem: "it is coded as <secret>" })
    }
  })
})

describe("a read", () => {
  const read = (status: number, body: string, problem?: string, found?: string) =>
    readFailure({ status, headers: {}, body, ...(problem === undefined ? {} : { problem }) }, asked, found)

  it("that found the rule that its answer broke names that one", () => {
    for (const status of [200, 204, 302, 404]) {
      expect(read(status, "[]", undefined, "a row is of another record")).toMatchObject({
        _tag: "MalformedResponse",
        status,
        problem: "a row is of another record"
      })
    }
  })

  it("that found none names the rule of any answer", () => {
    expect(read(204, "")).toMatchObject({ _tag: "MalformedResponse", problem: "it is empty" })
    expect(read(200, "<html>")).toMatchObject({ _tag: "MalformedResponse", problem: "it is no JSON object" })
    expect(read(200, JSON.stringify(successItem("1")))).toMatchObject({
      _tag: "MalformedResponse",
      problem: "it is a success of something else"
    })
  })

  it("names first that the text was cut or stayed coded", () => {
    const error = read(200, "[", "it is longer than 16 MiB", "it is no list")
    expect(error).toMatchObject({ _tag: "MalformedResponse", problem: "it is longer than 16 MiB" })
  })

  it("fails with what Bigin or a gateway says, whatever rule it found broken", () => {
    const tag = (status: number, body: object | "") =>
      read(status, body === "" ? "" : JSON.stringify(body), undefined, "it is no list")._tag
    assert.strictEqual(tag(200, errorItem("NO_PERMISSION")), "NoPermission")
    assert.strictEqual(tag(400, errorItem("NEW_CODE")), "UnrecognizedCode")
    assert.strictEqual(tag(429, ""), "RateLimited")
    assert.strictEqual(tag(408, ""), "ServiceFault")
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

  it("is at most 256 characters of a code and 4,096 of a text, while the whole decides", () => {
    const long = "x".repeat(5000)
    expect(failure(400, errorItem(long, { message: long }))).toMatchObject({
      _tag: "UnrecognizedCode",
      code: long.slice(0, 256),
      wireMessage: long.slice(0, 4096)
    })
    expect(failure(503, errorItem(long, { message: long }))).toMatchObject({
      code: long.slice(0, 256),
      wireMessage: long.slice(0, 4096)
    })
    const message = `${" ".repeat(5000)}the given module is not supported in API`
    expect(failure(400, errorItem("INVALID_MODULE", { message }))).toMatchObject({
      _tag: "UnsupportedModule",
      wireMessage: " ".repeat(4096)
    })
    // it begins as a documented code does, and is none
    assert.strictEqual(tagOf(400, errorItem(`INVALID_DATA${" ".repeat(300)}`)), "UnrecognizedCode")
  })

  /** The texts of an error that are cut, each with where. */
  const cuts: ReadonlyArray<
    readonly [field: "code" | "wireMessage" | "body", at: number, of: (text: string) => string]
  > = [
    ["code", 256, (text) => JSON.stringify(errorItem(text))],
    ["wireMessage", 4096, (text) => JSON.stringify(errorItem("NO_PERMISSION", { message: text }))],
    ["body", 512, (text) => text]
  ]
  const keptOf = (status: number, body: string, field: string): string => {
    const kept: unknown = Object.entries(failure(status, body)).find(([name]) => name === field)?.[1]
    return typeof kept === "string" ? kept : assert.fail(`no ${field}`)
  }

  it.each(cuts)("is no half of a surrogate pair at the end of its %s", (field, at, of) => {
    for (const before of [0, 1]) {
      const kept = keptOf(400, of("x".repeat(before) + "\u{1F4CE}".repeat(at)), field)
      assert.notMatch(kept, /\p{Surrogate}/u)
      assert.strictEqual(kept.length, at - before)
    }
    // one that came alone stays as it came
    assert.match(keptOf(400, of(`x\uD83Dx${"x".repeat(at)}`), field), /\p{Surrogate}/u)
  })

  it.each(cuts)("is no part of a secret at the end of its %s", (field, at, of) => {
    const disguises = [secret, encodeURIComponent(secret), [...secret].map((c) => `&#${c.charCodeAt(0)};`).join("")]
    for (const disguise of disguises) {
      for (let before = at - disguise.length - 2; before <= at + 2; before++) {
        const kept = keptOf(400, of("-".repeat(Math.max(0, before)) + disguise + "-".repeat(9000)), field)
        assert.notMatch(kept, /1000|secret-|token|&#/)
      }
    }
  })

  it("is no secret that came without what looks like an escape in it", () => {
    const answer = {
      status: 403,
      headers: {},
      body: JSON.stringify(errorItem("NO_PERMISSION", { message: "1000.AbcA" }))
    }
    const read = classify(answer, { ...asked, secrets: ["1000.%41bc%41"] })
    expect(read).toMatchObject({ left: { wireMessage: "<secret>" } })
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

describe("what an error keeps alive", () => {
  setFlagsFromString("--expose-gc")
  const collect: unknown = runInNewContext("gc")
  const usedBytes = (): number => {
    if (typeof collect !== "function") return assert.fail("no garbage collector")
    collect()
    const { external, heapUsed } = process.memoryUsage()
    return heapUsed + external
  }

  const page = new TextEncoder().encode(`<html>${"x".repeat(6_000_000)}</html>`)
  const noise = "x".repeat(1_000_000)
  // 1,000 errors of pages keep less than 5 MB: so one keeps less than 5 kB, and a text of 4,096 characters on top of that
  it.each([
    ["a page of 6 MB", 5000, () => new TextDecoder().decode(page)],
    ["a page that was joined of parts", 5000, () => `<html>${noise}${noise}`],
    ["a text", 10_000, () => JSON.stringify(errorItem("NO_PERMISSION", { message: noise }))],
    ["a code", 5000, () => JSON.stringify(errorItem(noise))],
    ["details", 5000, () => JSON.stringify(errorItem("NO_PERMISSION", { details: { noise } }))],
    [
      "what is not kept",
      5000,
      () => JSON.stringify(errorItem("NO_PERMISSION", { noise, message: "said in few words" }))
    ]
  ])(
    "is no more than it shows of %s",
    (_, most, body) => {
      const kept: Array<unknown> = []
      const keep = (count: number) => {
        for (let number = 0; number < count; number++) kept.push(outcome([200, 404, 502][number % 3] ?? 0, body()))
      }
      keep(3)
      // what engines keep once, such as the last text that a pattern was held against
      const once = usedBytes()
      keep(60)
      assert.isBelow((usedBytes() - once) / 60, most)
    },
    60_000
  )
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
      [status >= 500 || ([408, 460, 499].includes(status) && !isError), "ServiceFault"],
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
    FastCheck.constantFrom(0, 200, 201, 204, 302, 400, 401, 403, 404, 408, 429, 460, 499, 500, 502, 503),
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
