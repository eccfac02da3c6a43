import { assert, describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Schedule, Stream } from "effect"
import { Attachments, type Ids } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const record = Fixtures.record

const files = (from: number, to: number): ReadonlyArray<FakeBigin.Attachment> =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    id: String(from + index),
    fileName: (from + index) % 2 === 0 ? "even.pdf" : "odd.txt",
    size: 1
  }))

const holding = (count: number) => FakeBigin.layerWith({ records: [{ ...record, attachments: files(1, count) }] })

/** What Bigin was asked, in order: "DELETE", or the page of a list. */
const asked = Effect.gen(function* () {
  const requests = yield* (yield* FakeBigin.FakeBigin).requests
  return requests.map(({ method, url }) =>
    method === "GET" ? new URLSearchParams(url.split("?")[1]).get("page") : method
  )
})

const inject = (fault: FakeBigin.Fault, page: number, times = 1) =>
  Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
    fake.inject({ fault, times, when: ({ url }) => url.includes(`page=${page}&`) })
  )

/** Changes what is attached before a page is answered. */
const changeBefore = (page: number, ...attachments: ReadonlyArray<ReadonlyArray<FakeBigin.Attachment>>) =>
  Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
    Effect.forEach(attachments, (attachments) =>
      inject(
        (bigin) =>
          Effect.zipRight(
            fake.put({ ...record, attachments }),
            Effect.map(bigin, (reply) => ({ _tag: "Whole" as const, reply }))
          ),
        page
      )
    )
  )

const everything = () => true
/** How what was chosen differs from what is attached: a difference of hundreds of rows is nothing to print. */
const isAll = (refs: ReadonlyArray<Ids.AttachmentRef>, attached: ReadonlyArray<FakeBigin.Attachment>) => {
  const chosen = refs.map(({ attachmentId }) => attachmentId)
  const expected = attached.map(({ id }) => id)
  assert.deepStrictEqual(
    {
      missing: expected.filter((id) => !chosen.includes(id)),
      twice: chosen.filter((id, index) => chosen.indexOf(id) !== index),
      inOrder: expected.every((id, index) => id === chosen[index])
    },
    { missing: [], twice: [], inOrder: true }
  )
}

describe("select", () => {
  it.effect("gives the refs of the attachments that meet the condition, in the order of the list", () =>
    Effect.gen(function* () {
      const refs = yield* Attachments.select(record, ({ fileName }) => fileName?.endsWith(".pdf") ?? false)
      assert.deepStrictEqual(refs, [
        { ...record, attachmentId: "2" },
        { ...record, attachmentId: "4" }
      ])
    }).pipe(Effect.provide(holding(5)))
  )

  it.effect("deletes nothing: alone it is a dry run", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* Attachments.select(record, everything), 5)
      assert.deepStrictEqual(yield* asked, ["1"])
    }).pipe(Effect.provide(holding(5)))
  )

  it.effect("feeds deleteMany with all that it chose, also from several pages", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const even = Attachments.select(record, ({ fileName }) => fileName === "even.pdf")
      const reports = yield* Stream.runCollect(Attachments.deleteMany(Stream.fromIterableEffect(even)))
      assert.lengthOf(reports, 201)
      const left = yield* fake.attachments(record)
      assert.lengthOf(left, 201)
      assert.isTrue(left.every(({ fileName }) => fileName === "odd.txt"))
    }).pipe(Effect.provide(holding(402)))
  )

  it.effect("gives none where nothing is attached", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Attachments.select(record, everything), [])
    }).pipe(Effect.provide(holding(0)))
  )

  it.effect("gives refs whose ids are texts, also where the record's came as a bigint", () =>
    Effect.gen(function* () {
      const refs = yield* Attachments.select({ ...record, recordId: BigInt(record.recordId) }, everything)
      assert.deepStrictEqual(refs, [{ ...record, attachmentId: "1" }])
    }).pipe(Effect.provide(holding(1)))
  )

  it.effect("asks the condition once for each attachment, with the attachment alone", () =>
    Effect.gen(function* () {
      const given: Array<ReadonlyArray<unknown>> = []
      yield* Attachments.select(record, (...args: ReadonlyArray<unknown>) => given.push(args) > 0)
      assert.lengthOf(given, 201)
      assert.isTrue(given.every((args) => args.length === 1))
    }).pipe(Effect.provide(holding(201)))
  )

  it.effect("dies of what the condition throws", () =>
    Effect.gen(function* () {
      const bug = new Error("a bug")
      const exit = yield* Effect.exit(
        Attachments.select(record, () => {
          throw bug
        })
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.squash(exit.cause) === bug)
    }).pipe(Effect.provide(holding(1)))
  )

  it.effect("fails with InvalidInput before anything is sent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Attachments.select({ module: "Contacts", recordId: "1/2" }, everything))
      assert.strictEqual(error._tag, "InvalidInput")
      assert.deepStrictEqual(yield* asked, [])
    }).pipe(Effect.provide(holding(1)))
  )
})

describe("the list that select reads", () => {
  it.effect("is read once where it is one page, and twice where it is several", () =>
    Effect.gen(function* () {
      yield* Attachments.select(record, everything)
      assert.deepStrictEqual(yield* asked, ["1"])
      yield* (yield* FakeBigin.FakeBigin).put({ ...record, attachments: files(1, 201) })
      yield* Attachments.select(record, everything)
      assert.deepStrictEqual((yield* asked).slice(1), ["1", "2", "1", "2"])
    }).pipe(Effect.provide(holding(200)))
  )

  it.effect("loses no row that slipped to a page which was read already", () =>
    Effect.gen(function* () {
      // row 201 is on the first page when the second is asked for
      yield* changeBefore(2, files(2, 401))
      const refs = yield* Attachments.select(record, everything)
      isAll(refs, files(2, 401))
      assert.deepStrictEqual(yield* asked, ["1", "2", "1", "2", "1", "2"])
    }).pipe(Effect.provide(holding(401)))
  )

  it.effect("has no row twice that slipped to a page which was still to be read", () =>
    Effect.gen(function* () {
      const attached = [{ id: "1000", fileName: "new.txt", size: 1 }, ...files(1, 201)]
      yield* changeBefore(2, attached)
      const refs = yield* Attachments.select(record, everything)
      isAll(refs, attached)
    }).pipe(Effect.provide(holding(201)))
  )

  it.effect("is MalformedResponse where it does not hold still for four readings", () =>
    Effect.gen(function* () {
      yield* changeBefore(2, files(2, 401), files(3, 401), files(4, 401), files(5, 401))
      expect(yield* Effect.flip(Effect.asVoid(Attachments.select(record, everything)))).toMatchObject({
        _tag: "MalformedResponse",
        ref: record,
        problem: "of 4 readings of the list no two in a row were the same: others change it"
      })
    }).pipe(Effect.provide(holding(401)))
  )

  it.effect("is whole, or nothing is given: a page that cannot be read is the failure", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.badGateway, 2)
      const error = yield* Effect.flip(Effect.asVoid(Attachments.select(record, everything)))
      assert.strictEqual(error._tag, "ServiceFault")
    }).pipe(Effect.provide(holding(201)))
  )

  it.effect("is asked for again by the schedule, a page at a time", () =>
    Effect.gen(function* () {
      yield* inject(FakeBigin.badGateway, 2, 2)
      const refs = yield* Attachments.select(record, everything, { schedule: Schedule.recurs(2) })
      assert.lengthOf(refs, 201)
      assert.deepStrictEqual(yield* asked, ["1", "2", "2", "2", "1", "2"])
    }).pipe(Effect.provide(holding(201)))
  )
})
