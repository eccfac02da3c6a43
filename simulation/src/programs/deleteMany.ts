/** A collection: as it is, cut short downstream, and of a source that fails. */
import { Chunk, Effect, Option, Stream } from "effect"
import { Attachments, type DeleteReport, Errors } from "effect-bigin"
import { attemptMillis } from "../faults.ts"
import type { Journal } from "../journal.ts"
import { type Order, patiently, type Program } from "./program.ts"

type Refs = Stream.Stream<Order["refs"][number], "the source is broken">

const collect =
  (
    end: (refs: Refs) => Refs,
    cut: (
      reports: Stream.Stream<DeleteReport.DeleteReport, string>
    ) => Stream.Stream<DeleteReport.DeleteReport, string>,
    options: Attachments.DeleteManyOptions
  ): Program["run"] =>
  (order, journal) => {
    const { operation, times } = order
    const account = makeAccount(order, journal)
    const onReport = (report: DeleteReport.DeleteReport) =>
      Effect.sync(() => {
        journal.add({ _tag: "Said", operation, attachment: report.ref.attachmentId, ...read(report) })
        journal.print(report)
      })
    return Stream.unwrap(
      Effect.map(Effect.context<Effect.Effect.Context<ReturnType<Program["run"]>>>(), (context) =>
        cut(
          Stream.provideContext(
            Attachments.deleteMany(end(account.refs), { ...options, schedule: patiently(times), onReport }),
            context
          )
        )
      )
    ).pipe(Stream.runDrain, Effect.ignore, Effect.ensuring(account.close))
  }

const read = (report: DeleteReport.DeleteReport) =>
  "error" in report
    ? {
        said: Errors.mayHaveApplied(report.error) ? ("doubt" as const) : ("untouched" as const),
        how: report.error._tag
      }
    : { said: "gone" as const, how: `${report.outcome} ${report.proof}` }

/** Two refs at a time, each once, written down when they are given. */
const makeAccount = ({ operation, refs }: Order, journal: Journal) => {
  const left = [...new Map(refs.map((ref) => [ref.attachmentId, ref])).values()]
  let last: typeof left = []
  return {
    refs: Stream.repeatEffectChunkOption(
      Effect.suspend(() => {
        last = left.splice(0, 2)
        for (const { attachmentId } of last) journal.add({ _tag: "Began", operation, attachment: attachmentId })
        return last.length === 0 ? Effect.fail(Option.none()) : Effect.succeed(Chunk.unsafeFromArray(last))
      })
    ),
    /** What a stream has in its hands when it is interrupted reaches nobody; of that not even one has a trace. */
    close: Effect.sync(() => {
      const isTraced = journal.events.some(
        (event) =>
          (event._tag === "Sent" || event._tag === "Said") &&
          event.operation === operation &&
          last.some(({ attachmentId }) => attachmentId === event.attachment)
      )
      if (isTraced) return
      for (const { attachmentId } of last) {
        journal.add({ _tag: "Said", operation, attachment: attachmentId, said: "interrupted", how: "interrupted" })
      }
    })
  }
}

const terms = { mostDeletes: (times: number) => times + 1, asksAgainInDoubt: true, waits: attemptMillis }

export const deleteMany: Program = {
  ...terms,
  run: collect(
    (refs) => refs,
    (reports) => reports,
    { concurrency: 3 }
  )
}

export const deleteManyCutShort: Program = {
  ...terms,
  run: collect((refs) => refs, Stream.take(1), { concurrency: 2 })
}

export const deleteManyOfABrokenSource: Program = {
  ...terms,
  run: collect(Stream.concat(Stream.fail("the source is broken" as const)), (reports) => reports, { concurrency: 1 })
}
