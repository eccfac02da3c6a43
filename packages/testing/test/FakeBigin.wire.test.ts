import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { type Asked, ask, doors, json, list, memory, path, told } from "./doors.ts"

const { administrator, denied, reader } = Fixtures.accessTokens

const elsewhere = (from: string, to: string): Asked => ({ path: path.replace(from, to) })

/** What is answered at the top level, as recorded, and what in `data`. */
const answers: ReadonlyArray<readonly [string, Asked, code: string, "topLevel" | "wrapped"]> = [
  ["an unknown token", { path, token: "1000.unknown" }, "INVALID_TOKEN", "topLevel"],
  ["no token", { path, authorization: "" }, "AUTHENTICATION_FAILURE", "topLevel"],
  ["a token without the scope", { path, token: reader }, "OAUTH_SCOPE_MISMATCH", "topLevel"],
  ["an unknown module", elsewhere("Contacts", "Contact"), "INVALID_MODULE", "topLevel"],
  ["an unsupported module", elsewhere("Contacts", "Projects"), "INVALID_MODULE", "topLevel"],
  ["another URL", { path: "/bigin/v1/Contacts" }, "INVALID_URL_PATTERN", "topLevel"],
  ["another method", { path: list }, "INVALID_REQUEST_METHOD", "topLevel"],
  ["an unknown record", elsewhere("261075", "261076"), "INVALID_DATA", "topLevel"],
  ["an unknown attachment", elsewhere("261017", "261018"), "INVALID_DATA", "topLevel"],
  ["a wrong page_token", { path: `${list}?page_token=a`, method: "GET" }, "TOKEN_BOUND_DATA_MISMATCH", "topLevel"],
  ["a user without permission", { path, token: denied }, "NO_PERMISSION", "wrapped"],
  ["an upload without a file", { path: list, method: "POST" }, "REQUIRED_PARAM_MISSING", "topLevel"],
  ["a deletion", { path }, "SUCCESS", "wrapped"]
]

const placed = (code: string, envelope: "topLevel" | "wrapped") =>
  envelope === "wrapped" ? { data: [{ code }] } : { code }

describe("an item", () => {
  it.effect.each(answers)("stands where it was recorded: %s", ([, asked, code, envelope]) =>
    Effect.gen(function* () {
      expect(yield* json(asked)).toMatchObject(placed(code, envelope))
    }).pipe(Effect.provide(memory))
  )

  it.effect.each(answers)("stands in data where all are wrapped: %s", ([, asked, code]) =>
    Effect.gen(function* () {
      expect(yield* json(asked)).toMatchObject(placed(code, "wrapped"))
    }).pipe(Effect.provide(FakeBigin.layerWith({ envelope: "wrapped" })))
  )

  it.effect.each(answers)("stands at the top level where all do: %s", ([, asked, code]) =>
    Effect.gen(function* () {
      expect(yield* json(asked)).toMatchObject(placed(code, "topLevel"))
    }).pipe(Effect.provide(FakeBigin.layerWith({ envelope: "topLevel" })))
  )
})

describe("a row of a list", () => {
  it.effect("tells of a file all that Bigin and CRM tell", () =>
    Effect.gen(function* () {
      expect(yield* json({ path: `${list}?per_page=1`, method: "GET" })).toMatchObject({
        data: [
          {
            id: "2883756000000261017",
            File_Name: "offer.pdf",
            Size: "48213",
            Created_Time: "2024-01-15T10:30:00+05:30",
            Modified_Time: "2024-01-15T10:30:00+05:30",
            Owner: { name: "The owner", id: "2883756000000140001", email: "owner@example.com" },
            Parent_Id: { name: "Record 2883756000000261075", id: "2883756000000261075" },
            $file_id: "file-2883756000000261017",
            $link_url: null,
            $se_module: "Contacts",
            $type: "Attachment"
          }
        ]
      })
    }).pipe(Effect.provide(memory))
  )

  it.effect("tells the record's name, a link and the time of its last change as they were put", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const modifiedTime = "2026-01-02T03:04:05+01:00"
      const link = { id: "1", fileName: null, size: 0, linkUrl: "https://www.bigin.com", modifiedTime }
      yield* fake.put({ ...Fixtures.record, name: "Ada Lovelace", attachments: [link] })
      expect(yield* json({ path: list, method: "GET" })).toMatchObject({
        data: [{ $link_url: link.linkUrl, Modified_Time: modifiedTime, Parent_Id: { name: "Ada Lovelace" } }]
      })
    }).pipe(Effect.provide(memory))
  )

  it.effect("has no more fields than were asked for, and the id unasked", () =>
    Effect.gen(function* () {
      expect(yield* json({ path: `${list}?per_page=1&fields=Size`, method: "GET" })).toMatchObject({
        data: [expect.toSatisfy((row: object) => Object.keys(row).toSorted().join() === "Size,id")]
      })
    }).pipe(Effect.provide(memory))
  )
})

describe("the info of a list", () => {
  const infoOf = (query: string) =>
    Effect.map(json({ path: `${list}?${query}`, method: "GET" }), (body) => (body as { info: object }).info)

  it.effect("has all its keys where there is one page, null where there is nothing to say", () =>
    Effect.gen(function* () {
      expect(yield* infoOf("")).toEqual({
        per_page: 200,
        count: 2,
        page: 1,
        more_records: false,
        next_page_token: null,
        previous_page_token: null,
        page_token_expiry: null
      })
    }).pipe(Effect.provide(memory))
  )

  it.effect("names the page after and the page before, and when the tokens expire", () =>
    Effect.gen(function* () {
      const page_token_expiry = "1970-01-02T00:00:00+00:00"
      const first = yield* infoOf("per_page=1")
      expect(first).toMatchObject({ next_page_token: expect.any(String), previous_page_token: null, page_token_expiry })
      expect(yield* infoOf("per_page=1&page=2")).toMatchObject({
        next_page_token: null,
        previous_page_token: expect.any(String),
        page_token_expiry
      })
    }).pipe(Effect.provide(memory))
  )
})

describe("a page_token", () => {
  const page = (query: string, record: string = Fixtures.record.recordId) =>
    Effect.map(
      ask({ path: `/bigin/v1/Contacts/${record}/Attachments?${query}`, method: "GET" }),
      ({ body, status }) => ({
        ...(JSON.parse(body) as {
          readonly code?: string
          readonly data?: ReadonlyArray<{ readonly id: string }>
          readonly info?: {
            readonly next_page_token: string
            readonly previous_page_token: string
            readonly page: number
          }
        }),
        status
      })
    )
  const nextOf = (record?: string) => Effect.map(page("per_page=1", record), ({ info }) => info?.next_page_token ?? "")
  const mismatch = { status: 400, code: "TOKEN_BOUND_DATA_MISMATCH" }

  it.effect("leads to the page after, and back", () =>
    Effect.gen(function* () {
      const second = yield* page(`per_page=1&page_token=${yield* nextOf()}`)
      expect(second).toMatchObject({ data: [{ id: "2883756000000261029" }], info: { page: 2 } })
      expect(yield* page(`per_page=1&page_token=${second.info?.previous_page_token}`)).toMatchObject({
        data: [{ id: "2883756000000261017" }],
        info: { page: 1 }
      })
    }).pipe(Effect.provide(memory))
  )

  it.effect("that was never given out is 400, and not an empty list", () =>
    Effect.gen(function* () {
      expect(yield* page("per_page=1&page_token=page-2")).toMatchObject(mismatch)
    }).pipe(Effect.provide(memory))
  )

  it.effect("of another per_page is 400", () =>
    Effect.gen(function* () {
      expect(yield* page(`per_page=2&page_token=${yield* nextOf()}`)).toMatchObject(mismatch)
    }).pipe(Effect.provide(memory))
  )

  it.effect("of another record is 400", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const attachments = ["1", "2", "3"].map((id) => ({ id, fileName: id, size: 1 }))
      yield* fake.put({ module: "Contacts", recordId: "7", attachments })
      yield* nextOf()
      expect(yield* page(`per_page=1&page_token=${yield* nextOf("7")}`)).toMatchObject(mismatch)
    }).pipe(Effect.provide(memory))
  )

  it.effect("expires after a day", () =>
    Effect.gen(function* () {
      const token = yield* nextOf()
      yield* TestClock.adjust("1 day")
      expect(yield* page(`per_page=1&page_token=${token}`)).toMatchObject({ status: 400, code: "EXPIRED_VALUE" })
    }).pipe(Effect.provide(memory))
  )
})

describe.each(doors)("the headers over %s", (_, door) => {
  it.effect("of JSON name a file, and tell when the token dies", () =>
    Effect.gen(function* () {
      const { headers } = yield* told({ path })
      assert.strictEqual(headers["content-disposition"], "attachment; filename=response.json")
      assert.strictEqual(headers["x-accesstoken-reset"], "1970-01-01T01:00:00+00:00")
    }).pipe(Effect.provide(door))
  )

  it.effect("of a file keep its own name", () =>
    Effect.gen(function* () {
      const { headers } = yield* told({ path, method: "GET" })
      assert.strictEqual(headers["content-disposition"], "attachment; filename*=UTF-8''offer.pdf")
      assert.strictEqual(headers["x-accesstoken-reset"], "1970-01-01T01:00:00+00:00")
    }).pipe(Effect.provide(door))
  )

  it.effect("of a refused token tell no time, and none tells credits unless they are counted", () =>
    Effect.gen(function* () {
      assert.isUndefined((yield* told({ path, token: "1000.unknown" })).headers["x-accesstoken-reset"])
      assert.isUndefined((yield* told({ path })).headers["x-api-credits-remaining"])
    }).pipe(Effect.provide(door))
  )
})

describe("API credits", () => {
  const call = (token: string = administrator) =>
    Effect.map(told({ path: list, method: "GET", token }), ({ headers, status }) => [
      status,
      headers["x-api-credits-remaining"]
    ])
  const counted = FakeBigin.layerWith({ credits: 4 })

  it.effect("are told once half is used, and then there are none", () =>
    Effect.gen(function* () {
      const calls = yield* Effect.replicateEffect(call(), 5)
      assert.deepStrictEqual(calls, [
        [200, undefined],
        [200, "2"],
        [200, "1"],
        [200, "0"],
        [429, "0"]
      ])
    }).pipe(Effect.provide(counted))
  )

  it.effect("come back 24 hours after each was used", () =>
    Effect.gen(function* () {
      yield* call()
      yield* TestClock.adjust("1 hour")
      yield* Effect.replicateEffect(call(), 3)
      assert.deepStrictEqual(yield* call(), [429, "0"])
      yield* TestClock.adjust("23 hours")
      assert.deepStrictEqual(yield* call(), [200, "0"])
      assert.deepStrictEqual(yield* call(), [429, "0"])
    }).pipe(Effect.provide(counted))
  )

  it.effect("are not used by a call whose token is refused", () =>
    Effect.gen(function* () {
      yield* Effect.replicateEffect(call("1000.unknown"), 4)
      assert.deepStrictEqual(yield* call(), [200, undefined])
    }).pipe(Effect.provide(counted))
  )
})
