import { Console, Effect, Stream } from "effect"
import { Attachments, deleteAttachment, type Ids } from "effect-bigin"

const show = (ref: Ids.RecordRef, when: string) =>
  Effect.gen(function* () {
    const attachments = yield* Stream.runCollect(Attachments.listAttachments(ref))
    yield* Console.log(`${ref.module} ${ref.recordId} ${when}:`)
    for (const { fileName, id } of attachments) yield* Console.log(`  ${id}  ${fileName ?? "(no name)"}`)
    if (attachments.length === 0) yield* Console.log("  nothing")
  })

/** What the record holds before, the deletion, what it holds after. */
export const deleteAndShow = (ref: Ids.AttachmentRef) =>
  Effect.gen(function* () {
    yield* show(ref, "before")
    const deleted = yield* deleteAttachment(ref)
    yield* Console.log(`deleteAttachment succeeded: ${deleted.attachmentId} is gone.`)
    yield* show(ref, "after")
  })
