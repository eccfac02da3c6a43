/** Records with numbered attachments, and a collection that runs over them while virtual time goes by. */
import { Chunk, Effect, Fiber, Redacted, Stream, TestClock } from "effect"
import { Attachments, type DeleteReport, type Ids } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

export const credentials = {
  accessToken: Redacted.make(Fixtures.accessTokens.administrator),
  apiOrigin: "https://www.zohoapis.com"
}

export const record = (recordId: number): Ids.RecordRef => ({ module: "Contacts", recordId: String(recordId) })

export const ids = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => String(index + 1))

export const refsOf = (recordId: number, count: number): ReadonlyArray<Ids.AttachmentRef> =>
  ids(count).map((attachmentId) => ({ ...record(recordId), attachmentId }))

/** Records 1, 2, … with attachments 1, 2, … each. */
export const holding = (...counts: ReadonlyArray<number>) =>
  FakeBigin.layerWith({
    records: counts.map((count, index) => ({
      ...record(index + 1),
      attachments: ids(count).map((id) => ({ id, fileName: `${id}.txt`, size: 1 }))
    }))
  })

export const left = (recordId: number) =>
  Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
    Effect.map(fake.attachments(record(recordId)), (all) => all.map(({ id }) => id))
  )

export const methods = Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
  Effect.map(fake.requests, (sent) => sent.map(({ method }) => method))
)

export const inject = (rule: FakeBigin.Rule) => Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.inject(rule))

export const deletes = (request: FakeBigin.WireRequest) => request.method === "DELETE"
export const lists = (request: FakeBigin.WireRequest) => request.method === "GET"

/** Runs the collection while virtual time goes by. */
export const run = <Item extends Ids.AttachmentRef.Input, E, R, R2 = never>(
  items: Stream.Stream<Item, E, R>,
  options: Attachments.DeleteManyOptions<Item, R2> = {}
) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(Stream.runCollect(Attachments.deleteMany(items, options)))
    yield* TestClock.adjust("1 hour")
    return Chunk.toReadonlyArray(yield* Fiber.join(fiber))
  })

/** As `run`, with what it was stopped by, if it ended early. */
export const ended = <Item extends Ids.AttachmentRef.Input, R, R2 = never>(
  items: Stream.Stream<Item, never, R>,
  options: Attachments.DeleteManyOptions<Item, R2> = {}
) =>
  Effect.gen(function* () {
    const reports: Array<DeleteReport.DeleteReport<Item>> = []
    const fiber = yield* Attachments.deleteMany(items, options).pipe(
      Stream.runForEach((report) => Effect.sync(() => reports.push(report))),
      Effect.as(undefined),
      Effect.catchTag("CollectionStopped", Effect.succeed),
      Effect.fork
    )
    yield* TestClock.adjust("1 hour")
    return { reports, stop: yield* Fiber.join(fiber) }
  })

export const said = (report: DeleteReport.Outcome): string =>
  "error" in report ? report.error._tag : `${report.outcome} by ${report.proof}`

/** Of one that is not malformed. */
export const refOf = (report: DeleteReport.Outcome): Ids.AttachmentRef => {
  if ("ref" in report) return report.ref
  throw new Error("a malformed item has no ref")
}

export const idOf = (report: DeleteReport.Outcome): string => refOf(report).attachmentId

export const tally = (reports: ReadonlyArray<DeleteReport.Outcome>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const report of reports) counts[said(report)] = (counts[said(report)] ?? 0) + 1
  return counts
}

export const says = (reply: Fixtures.Reply) => FakeBigin.answerWith(reply)

/** What an `onReport` has heard. */
export const makeBook = () => {
  const book: Array<DeleteReport.Outcome> = []
  return { book, onReport: (report: DeleteReport.Outcome) => Effect.sync(() => void book.push(report)) }
}
