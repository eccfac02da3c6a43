import { assert, describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, Either, FastCheck, Fiber, Schedule, Stream, TestClock } from "effect"
import { Attachments, BiginConfig, Retry } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { firstPage, pageOf, type Position } from "../src/internal/files/list.ts"
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
      const others = {
        createdTime: DateTime.unsafeMake("2024-01-15T05:00:00Z"),
        modifiedTime: DateTime.unsafeMake("2024-01-15T05:00:00Z"),
        owner: { id: "2883756000000140001", name: "The owner", email: "owner@example.com" }
      }
      expect(yield* all).toEqual([
        { id: "2883756000000261017", fileName: "offer.pdf", size: 48_213, ...others },
        { id: "2883756000000261029", fileName: "logo.png", size: 5120, ...others }
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
      assert.match(queries[10] ?? "", /^page_token=page-11\b[^&]*&per_page=200$/)
    }).pipe(Effect.provide(holding(2401)))
  )

  it.effect("name their fields under v2, and tell as much as under v1", () =>
    Effect.gen(function* () {
      const rows = yield* all.pipe(Effect.provideService(BiginConfig.ApiVersion, "v2"))
      const query = new URLSearchParams((yield* urls)[0]?.split("?")[1])
      assert.strictEqual(query.get("fields"), "id,Parent_Id,File_Name,Size,$link_url,Created_Time,Modified_Time,Owner")
      expect(rows).toEqual(yield* all)
    }).pipe(Effect.provide(holding(1)))
  )
})

/** The one row of a list that tells this. */
const rowTelling = (fields: object) =>
  Effect.gen(function* () {
    const body = { data: [{ id: "1", ...fields }], info: { more_records: false } }
    yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.answerWith(Fixtures.json(200, body)) })
    const [row] = yield* all
    return row
  })

describe("the size that a list tells", () => {
  it.effect.each([
    ["48213", 48_213],
    [48_213, 48_213],
    ["0", 0],
    [0, 0],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ["9007199254740992", undefined],
    [1e300, undefined],
    ["-1", undefined],
    [-1, undefined],
    [0.5, undefined],
    ["", undefined],
    [" ", undefined],
    ["48 KB", undefined],
    [[], undefined],
    [["1"], undefined],
    [true, undefined],
    [null, undefined]
  ] as const)("is a number of bytes, not negative, or none: %j", ([told, size]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* rowTelling({ Size: told }), { id: "1", ...(size === undefined ? {} : { size }) })
    }).pipe(Effect.provide(holding(1)))
  )
})

describe("the times that a list tells", () => {
  it.effect.each([
    ["2024-05-01T10:20:30+05:30", "2024-05-01T04:50:30.000Z"],
    ["2024-05-01T10:20:30-08:00", "2024-05-01T18:20:30.000Z"],
    ["2024-05-01T10:20:30Z", "2024-05-01T10:20:30.000Z"],
    ["2024-05-01T10:20:30.123456Z", "2024-05-01T10:20:30.123Z"],
    ["2024-02-29T23:59:59+00:00", "2024-02-29T23:59:59.000Z"]
  ] as const)("are points in time: %s", ([told, instant]) =>
    Effect.gen(function* () {
      const row = yield* rowTelling({ Created_Time: told, Modified_Time: told })
      assert.strictEqual(row?.createdTime && DateTime.formatIso(row.createdTime), instant)
      assert.strictEqual(row?.modifiedTime && DateTime.formatIso(row.modifiedTime), instant)
    }).pipe(Effect.provide(holding(1)))
  )

  it.effect.each([
    null,
    "",
    "yesterday",
    "2024-05-01",
    // of which zone?
    "2024-05-01T10:20:30",
    "2024-05-01 10:20:30Z",
    "2024-13-01T10:20:30Z",
    "2024-02-30T10:20:30Z",
    "2023-02-29T10:20:30Z",
    "2024-05-01T25:20:30Z",
    "2024-05-01T10:20:30+99:00",
    "+275760-09-14T00:00:00Z",
    "2024-05-01T10:20:30Z\n",
    1714558830000,
    ["2024-05-01T10:20:30Z"],
    { toString: "2024-05-01T10:20:30Z" }
  ])("are absent where they are none that can be read: %j", (told) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* rowTelling({ Created_Time: told, Modified_Time: told }), { id: "1" })
    }).pipe(Effect.provide(holding(1)))
  )

  it.effect("choose what is older than two years", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const [old, recent] = files(2)
      yield* fake.put({
        ...record,
        attachments: [
          { ...old!, createdTime: "2022-05-01T23:59:59+05:30" },
          { ...recent!, createdTime: "2022-05-02T01:00:00+00:00" }
        ]
      })
      const before = DateTime.unsafeMake("2022-05-02T00:00:00Z")
      const chosen = (yield* all).filter(
        ({ createdTime }) => createdTime !== undefined && DateTime.lessThan(createdTime, before)
      )
      assert.deepStrictEqual(
        chosen.map(({ id }) => id),
        ["1"]
      )
    }).pipe(Effect.provide(holding(1)))
  )
})

describe("the owner that a list tells", () => {
  const owner = { id: "2883756000000140001", name: "The owner", email: "owner@example.com" }

  it.effect.each([
    [owner, owner],
    [{ id: owner.id }, { id: owner.id }],
    [{ ...owner, name: null, email: "" }, { id: owner.id }],
    [{ ...owner, name: 5, email: ["a@b"] }, { id: owner.id }],
    [{ ...owner, zuid: "1" }, owner],
    [{ name: owner.name }, undefined],
    [{ ...owner, id: 2883756000000140 }, undefined],
    [{ ...owner, id: "0" }, undefined],
    [owner.id, undefined],
    [[owner], undefined],
    [null, undefined]
  ] as const)("is a user by an id: %j", ([told, expected]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* rowTelling({ Owner: told }), {
        id: "1",
        ...(expected === undefined ? {} : { owner: expected })
      })
    }).pipe(Effect.provide(holding(1)))
  )
})

describe("the name and the link that a list tells", () => {
  it.effect.each([
    [{ File_Name: "a", $link_url: null }, { fileName: "a" }],
    [{ File_Name: "", $link_url: "" }, { fileName: "" }],
    [{ File_Name: null, $link_url: "https://www.bigin.com" }, { linkUrl: "https://www.bigin.com" }],
    [{ File_Name: 5, $link_url: ["https://www.bigin.com"] }, {}]
  ] as const)("are texts, and a link is none where it is empty: %j", ([told, expected]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* rowTelling(told), { id: "1", ...expected })
    }).pipe(Effect.provide(holding(1)))
  )
})

const row = { id: "1", Parent_Id: { id: record.recordId } }
const last = { more_records: false }
const more = { more_records: true, next_page_token: null }
const reply = (body: unknown, status = 200) => Fixtures.json(status, body)
const nothing = { status: 204, headers: {}, body: "" }

/** The second page, behind one that held the row. */
const second: Position = { page: 2, token: undefined, before: [{ id: "1" }] }
const at = (page: number, token?: string): Position => ({ page, token, before: [{ id: "7" }] })

describe("a list that could be half a list", () => {
  const isAbsent = "rows count only from a 200"
  const noJson = "it is no JSON object, or not all of one"
  const noRows = "it has no array of rows in data"
  const noEnd = "info.more_records does not say whether more rows follow"
  const noId = "a row has no id, or one that is no decimal string"
  const otherRecord = "a row is of another record"

  it.effect.each([
    ["an empty 200", { status: 200, headers: {}, body: "" }, noJson],
    ["a 202", reply({ data: [row], info: last }, 202), isAbsent],
    ["a 206", reply({ data: [row], info: last }, 206), isAbsent],
    ["a 203 of a proxy", reply({ data: [row], info: last }, 203), isAbsent],
    ["a page of HTML", Fixtures.html(200, "hello"), noJson],
    ["half of it", { status: 200, headers: {}, body: '{"data":[{"id":"1"}' }, noJson],
    ["two of it", { status: 200, headers: {}, body: '{"data":[],"info":{"more_records":false}}{}' }, noJson],
    ["no info", reply({ data: [row] }), noEnd],
    ["no more_records", reply({ data: [row], info: {} }), noEnd],
    ["a text for more_records", reply({ data: [row], info: { more_records: "false" } }), noEnd],
    ["more_records of an inherited name", reply({ data: [row], info: [] }), noEnd],
    ["no data", reply({ info: last }), noRows],
    ["data that is an object", reply({ data: { 0: row, length: 1 }, info: last }), noRows],
    ["data that is null", reply({ data: null, info: last }), noRows],
    ["an array at the top", reply([row]), noRows],
    ["null", reply(null), noJson],
    ["an id that is a number", reply({ data: [{ ...row, id: 1 }], info: last }), noId],
    ["an id that is no decimal", reply({ data: [{ ...row, id: "1/2" }], info: last }), noId],
    ["an id with a leading zero", reply({ data: [{ ...row, id: "01" }], info: last }), noId],
    ["an id that is too long", reply({ data: [{ ...row, id: "1".repeat(33) }], info: last }), noId],
    ["an id that is empty", reply({ data: [{ ...row, id: "" }], info: last }), noId],
    ["a row without an id after others", reply({ data: [row, row, {}], info: last }), noId],
    ["a row that is null", reply({ data: [null], info: last }), noId],
    ["rows that are ids", reply({ data: ["1", "2"], info: last }), noId],
    ["rows that are arrays", reply({ data: [["1"]], info: last }), noId],
    ["a row of another record", reply({ data: [{ id: "1", Parent_Id: { id: "7" } }], info: last }), otherRecord],
    ["a row of another record by its id", reply({ data: [{ id: "1", Parent_Id: "7" }], info: last }), otherRecord],
    [
      "a row of a record that is a number",
      reply({ data: [{ id: "1", Parent_Id: { id: 7 } }], info: last }),
      otherRecord
    ],
    ["an empty page with more behind it", reply({ data: [], info: more }), "it has no rows and says that more follow"]
  ] as const)("is MalformedResponse, and says what it broke: %s", ([, answer, problem]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(pageOf(answer, record, firstPage), Either.left(problem))
      yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.answerWith(answer) })
      assert.strictEqual((yield* Effect.flip(all))._tag, "MalformedResponse")
    }).pipe(Effect.provide(holding(3)))
  )

  it.each([
    ["a page that comes twice", reply({ data: [row], info: last }), second, "it is the page before once more"],
    [
      "a page that comes twice and leads on",
      reply({ data: [row], info: more }),
      second,
      "it is the page before once more"
    ],
    [
      "nothing where more rows were promised",
      nothing,
      second,
      "nothing came where the page before said that more follow: the list changed meanwhile"
    ],
    [
      "nothing behind a token",
      nothing,
      at(11, "page-11"),
      "nothing came where the page before said that more follow: the list changed meanwhile"
    ],
    [
      "more than 2,000 rows without a token",
      reply({ data: [row], info: more }),
      at(10),
      "rows behind page 10 follow, and info.next_page_token does not say where"
    ],
    [
      "more than 2,000 rows with a token that is none",
      reply({ data: [row], info: { ...more, next_page_token: "" } }),
      at(10),
      "rows behind page 10 follow, and info.next_page_token does not say where"
    ],
    [
      "a token that cannot be sent, being half a pair",
      reply({ data: [row], info: { ...more, next_page_token: "\ud83d" } }),
      at(11, "page-11"),
      "rows behind page 10 follow, and info.next_page_token does not say where"
    ],
    [
      "more than 500 pages",
      reply({ data: [row], info: { ...more, next_page_token: "page-501" } }),
      at(500, "page-500"),
      "the list is longer than 500 pages"
    ],
    [
      "an answer that was cut",
      { ...reply({ data: [row], info: last }), problem: "it is longer than 16 MiB" },
      firstPage,
      "it is longer than 16 MiB"
    ]
  ] as const)("says what it broke: %s", (_, answer, position, problem) => {
    assert.deepStrictEqual(pageOf(answer, record, position), Either.left(problem))
  })

  it.effect("is MalformedResponse where a page comes twice, or nothing where more was said to be", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(reply({ data: [row], info: more })), times: 2 })
      assert.strictEqual((yield* Effect.flip(all))._tag, "MalformedResponse")
      yield* fake.inject({ fault: FakeBigin.answerWith(reply({ data: [row], info: more })) })
      yield* fake.inject({ fault: FakeBigin.answerWith(nothing) })
      assert.strictEqual((yield* Effect.flip(all))._tag, "MalformedResponse")
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("is MalformedResponse where 2,000 rows lead on without a token", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({
        fault: FakeBigin.garble((page) => ({ ...page, body: String(page.body).replace(/"page-11\b[^"]*"/, "null") })),
        times: 20
      })
      assert.strictEqual((yield* Effect.flip(all))._tag, "MalformedResponse")
      assert.lengthOf(yield* urls, 10)
    }).pipe(Effect.provide(holding(2401)))
  )
})

describe("a list that is whole", () => {
  it.each([
    ["no rows and nothing behind them", reply({ data: [], info: last }), firstPage, []],
    ["no rows by a 204", nothing, firstPage, []],
    [
      "a mark of the order of bytes before it",
      { ...reply({}), body: `\uFEFF${reply({ data: [row], info: last }).body}` },
      firstPage,
      ["1"]
    ],
    ["a row that does not name its record", reply({ data: [{ id: "1" }], info: last }), firstPage, ["1"]],
    ["a row whose record is null", reply({ data: [{ id: "1", Parent_Id: null }], info: last }), firstPage, ["1"]],
    [
      "a row whose record is an id",
      reply({ data: [{ id: "1", Parent_Id: record.recordId }], info: last }),
      firstPage,
      ["1"]
    ],
    ["a last page that is empty", reply({ data: [], info: last }), second, []],
    ["a short page by a token", reply({ data: [row], info: last }), at(11, "page-11"), ["1"]]
  ] as const)("is read so: %s", (_, answer, position, ids) => {
    const page = Either.getOrThrow(pageOf(answer, record, position))
    assert.deepStrictEqual(
      page.rows.map(({ id }) => id),
      [...ids]
    )
    assert.strictEqual(page.next._tag, "None")
  })

  it("has no second mark of the order of bytes", () => {
    const answer = { ...reply({}), body: `\uFEFF\uFEFF${reply({ data: [row], info: last }).body}` }
    assert.isTrue(Either.isLeft(pageOf(answer, record, firstPage)))
  })
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

describe("a list with a schedule", () => {
  const pages = Effect.map(urls, (all) => all.map((url) => new URLSearchParams(url.split("?")[1]).get("page")))
  const isPage = (page: number) => (request: FakeBigin.WireRequest) => request.url.includes(`page=${page}&`)
  const inject = (fault: FakeBigin.Fault, page: number, times: number) =>
    Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.inject({ fault, when: isPage(page), times }))
  const list = (schedule: Schedule.Schedule<unknown>) =>
    Stream.runCollect(Attachments.listAttachments(record, { schedule })).pipe(
      Effect.map((rows) => [...rows].map(({ id }) => id))
    )
  const isWhole = (ids: ReadonlyArray<string>, count: number) => {
    assert.lengthOf(ids, count)
    assert.isTrue(files(count).every(({ id }, index) => id === ids[index]))
  }

  it.effect("asks for a page again that failed for now, and for that one alone", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.cut, 2, 1)
      yield* inject(FakeBigin.badGateway, 2, 1)
      isWhole(yield* list(Schedule.recurs(2)), 500)
      assert.deepStrictEqual(yield* pages, ["1", "2", "2", "2", "3"])
    }).pipe(Effect.provide(holding(500)))
  )

  it.effect("has the whole schedule for each page", () =>
    Effect.gen(function* () {
      for (const page of [1, 2, 3]) yield* inject(FakeBigin.cut, page, 2)
      isWhole(yield* list(Schedule.recurs(2)), 500)
      assert.lengthOf(yield* pages, 9)
    }).pipe(Effect.provide(holding(500)))
  )

  it.effect("gives what came before, and then fails as the page does when the schedule is spent", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.badGateway, 2, 3)
      const given: Array<string> = []
      const error = yield* Attachments.listAttachments(record, { schedule: Schedule.recurs(2) }).pipe(
        Stream.runForEach(({ id }) => Effect.sync(() => given.push(id))),
        Effect.flip
      )
      expect(error).toMatchObject({ _tag: "ServiceFault", status: 502 })
      isWhole(given, 200)
      assert.deepStrictEqual(yield* pages, ["1", "2", "2", "2"])
    }).pipe(Effect.provide(holding(500)))
  )

  it.effect("does not ask again after a refusal", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.answerWith(Fixtures.documented("NoPermission")), 2, 1)
      assert.strictEqual((yield* Effect.flip(Effect.asVoid(list(Schedule.forever))))._tag, "NoPermission")
      assert.deepStrictEqual(yield* pages, ["1", "2"])
    }).pipe(Effect.provide(holding(500)))
  )

  it.effect("does not ask again where there is none", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.badGateway, 2, 1)
      assert.strictEqual((yield* Effect.flip(Effect.asVoid(all)))._tag, "ServiceFault")
      assert.deepStrictEqual(yield* pages, ["1", "2"])
    }).pipe(Effect.provide(holding(500)))
  )

  it.effect("waits as long as Bigin says", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.answerWith(Fixtures.rateLimited(30)), 2, 1)
      const fiber = yield* Effect.fork(list(Retry.schedule()))
      yield* TestClock.adjust("29999 millis")
      assert.deepStrictEqual(yield* pages, ["1", "2"])
      yield* TestClock.adjust("1 second")
      isWhole(yield* Fiber.join(fiber), 201)
    }).pipe(Effect.provide(holding(201)))
  )

  it.effect.prop(
    "gives no row twice and leaves none out, whatever fails for now",
    [
      FastCheck.array(
        FastCheck.record({
          page: FastCheck.integer({ min: 1, max: 4 }),
          fault: FastCheck.constantFrom(FakeBigin.cut, FakeBigin.loseAnswer, FakeBigin.breakOff, FakeBigin.badGateway)
        }),
        { maxLength: 8 }
      )
    ],
    ([faults]) =>
      Effect.gen(function* () {
        for (const { fault, page } of faults) yield* inject(fault, page, 1)
        isWhole(yield* list(Schedule.forever), 601)
      }).pipe(Effect.provide(holding(601))),
    { fastCheck: { numRuns: 20 } }
  )
})
