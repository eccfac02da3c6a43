/** The list of a record, read to its end: row by row, whole before anybody sees a row of it, and a page again that fails for now. */
import { Chunk, Effect, Stream } from "effect"
import { Attachments } from "effect-bigin"
import { accounted } from "../journal.ts"
import { type Order, policies, type Program } from "./program.ts"

type Reading = (
  ref: Order["refs"][number],
  options: Attachments.ListOptions
) => Effect.Effect<
  ReadonlyArray<string>,
  Attachments.ListAttachmentsError,
  Effect.Effect.Context<ReturnType<Program["run"]>>
>

const reading = (read: Reading, isRepeated: boolean): Program => ({
  terms: () => ({ does: "reads", mostDeletes: 0, asksAgainInDoubt: false }),
  run: ({ operation, policy, refs: [ref], times }, journal) =>
    ref === undefined
      ? Effect.void
      : read(ref, isRepeated ? { schedule: policies[policy].schedule(times) } : {}).pipe(
          accounted(journal, { operation, item: 0, attachment: ref.recordId }, (ids) => ({
            said: "done",
            how: `listed ${ids.join()}`
          })),
          Effect.ignore
        )
})

const streamed: Reading = (ref, options) =>
  Effect.map(Stream.runCollect(Attachments.listAttachments(ref, options)), (rows) =>
    Chunk.toReadonlyArray(rows).map(({ id }) => id)
  )

export const listAttachments: Program = reading(streamed, false)

export const listAttachmentsPatiently: Program = reading(streamed, true)

export const select: Program = reading(
  (ref, options) =>
    Effect.map(
      Attachments.select(ref, () => true, options),
      (refs) => refs.map(({ attachmentId }) => attachmentId)
    ),
  true
)
