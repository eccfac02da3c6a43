import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Attachments, BiginConfig } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { doors } from "./doors.ts"

const record = Fixtures.record

const files = (count: number): ReadonlyArray<FakeBigin.Attachment> =>
  Array.from({ length: count }, (_, index) => ({ id: String(index + 1), fileName: `file ${index + 1}`, size: index }))

const holding = (count: number) => FakeBigin.layerWith({ records: [{ ...record, attachments: files(count) }] })

const all = Stream.runCollect(Attachments.listAttachments(record)).pipe(Effect.map((rows) => [...rows]))

const urls = Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
  Effect.map(fake.requests, (sent) => sent.map(({ url }) => url))
)

describe.each(doors)("listAttachments over %s", (_, door) => {
  it.effect("gives what is attached to a record", () =>
    Effect.gen(function* () {
      expect(yield* all).toEqual([
        { id: "2883756000000261017", fileName: "offer.pdf", size: 48_213 },
        { id: "2883756000000261029", fileName: "logo.png", size: 5120 }
      ])
    }).pipe(Effect.provide(door))
  )
})

describe("the pages of a list", () => {
  it.effect("are none where nothing is attached", () =>
    Effect.gen(function* () {
      expect(yield* all).toEqual([])
    }).pipe(Effect.provide(holding(0)))
  )

  it.effect("are fetched as they are needed", () =>
    Effect.gen(function* () {
      yield* Stream.runCollect(Stream.take(Attachments.listAttachments(record), 200))
      assert.deepStrictEqual(yield* urls, ["/bigin/v1/Contacts/2883756000000261075/Attachments?page=1&per_page=200"])
    }).pipe(Effect.provide(holding(1000)))
  )

  it.effect("go by number up to 2,000 rows and by token beyond", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        (yield* all).map(({ id }) => id),
        files(2401).map(({ id }) => id)
      )
      const queries = (yield* urls).map((url) => url.split("?")[1])
      assert.lengthOf(queries, 13)
      assert.strictEqual(queries[9], "page=10&per_page=200")
      assert.strictEqual(queries[10], "page_token=page-11&per_page=200")
    }).pipe(Effect.provide(holding(2401)))
  )

  it.effect("name their fields under v2", () =>
    Effect.gen(function* () {
      yield* all.pipe(Effect.provideService(BiginConfig.ApiVersion, "v2"))
      const query = new URLSearchParams((yield* urls)[0]?.split("?")[1])
      assert.strictEqual(query.get("fields"), "id,Parent_Id,File_Name,Size,$link_url")
    }).pipe(Effect.provide(holding(1)))
  )
})

describe("the size that a list tells", () => {
  it.effect.each([
    ["48213", 48_213],
    [48_213, 48_213],
    ["0", 0],
    ["", undefined],
    [" ", undefined],
    ["48 KB", undefined],
    [[], undefined],
    [true, undefined],
    [null, undefined]
  ] as const)("is a number of bytes or none: %j", ([told, size]) =>
    Effect.gen(function* () {
      const body = { data: [{ id: "1", Size: told }], info: { more_records: false } }
      yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.answerWith(Fixtures.json(200, body)) })
      assert.deepStrictEqual(
        (yield* all).map((row) => row.size),
        [size]
      )
    }).pipe(Effect.provide(holding(1)))
  )
})

describe("a list that could be half a list", () => {
  const row = { id: "1", Parent_Id: { id: record.recordId } }
  const last = { more_records: false }
  const more = { more_records: true, next_page_token: null }
  const reply = (body: unknown, status = 200) => Fixtures.json(status, body)

  it.effect.each([
    ["an empty 200", { status: 200, headers: {}, body: "" }],
    ["a 202", reply({ data: [row], info: last }, 202)],
    ["a page of HTML", Fixtures.html(200, "hello")],
    ["half of it", { status: 200, headers: {}, body: '{"data":[{"id":"1"}' }],
    ["no info", reply({ data: [row] })],
    ["no more_records", reply({ data: [row], info: {} })],
    ["a text for more_records", reply({ data: [row], info: { more_records: "false" } })],
    ["no data", reply({ info: last })],
    ["an id that is a number", reply({ data: [{ ...row, id: 1 }], info: last })],
    ["a row of another record", reply({ data: [{ id: "1", Parent_Id: { id: "7" } }], info: last })],
    ["a row that is no object", reply({ data: [null], info: last })],
    ["an empty page with more behind it", reply({ data: [], info: more })]
  ] as const)("is MalformedResponse: %s", ([, answer]) =>
    Effect.gen(function* () {
      yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.answerWith(answer) })
      assert.strictEqual((yield* Effect.flip(all))._tag, "MalformedResponse")
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("is MalformedResponse where a page comes twice, or nothing where more was said to be", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(reply({ data: [row], info: more })), times: 2 })
      assert.strictEqual((yield* Effect.flip(all))._tag, "MalformedResponse")
      yield* fake.inject({ fault: FakeBigin.answerWith(reply({ data: [row], info: more })) })
      yield* fake.inject({ fault: FakeBigin.answerWith({ status: 204, headers: {}, body: "" }) })
      assert.strictEqual((yield* Effect.flip(all))._tag, "MalformedResponse")
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("is MalformedResponse where 2,000 rows lead on without a token", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({
        fault: FakeBigin.garble((page) => ({ ...page, body: String(page.body).replace('"page-11"', "null") })),
        times: 20
      })
      assert.strictEqual((yield* Effect.flip(all))._tag, "MalformedResponse")
      assert.lengthOf(yield* urls, 10)
    }).pipe(Effect.provide(holding(2401)))
  )
})

describe("a list that fails", () => {
  it.effect.each([
    [Fixtures.documented("NoPermission"), "NoPermission"],
    [Fixtures.rateLimited(5), "RateLimited"],
    [Fixtures.undocumented.ServiceFault, "ServiceFault"],
    [Fixtures.undocumented.UnrecognizedCode, "UnrecognizedCode"],
    [Fixtures.undocumented.InvalidToken, "InvalidToken"]
  ] as const)("fails as a deletion does: %#", ([reply, tag]) =>
    Effect.gen(function* () {
      yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.answerWith(reply) })
      expect(yield* Effect.flip(all)).toMatchObject({ _tag: tag, ref: record })
    }).pipe(Effect.provide(holding(1)))
  )

  it.effect("fails with InvalidInput before anything is sent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Stream.runDrain(Attachments.listAttachments({ module: "Contacts", recordId: "1/2" }))
      )
      assert.strictEqual(error._tag, "InvalidInput")
      assert.lengthOf(yield* urls, 0)
    }).pipe(Effect.provide(holding(1)))
  )
})
