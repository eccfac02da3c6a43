import { Console, Effect } from "effect"
import { deleteAttachment, type Ids } from "effect-bigin"
import { listAttachments } from "./listAttachments.ts"

const show = (ref: Ids.RecordRef, when: string) =>
  Effect.gen(function* () {
    const attachments = yield* listAttachments(ref)
    yield* Console.log(`${ref.module} ${ref.recordId} ${when}:`)
    for (const { File_Name, id } of attachments) yield* Console.log(`  ${id}  ${File_Name ?? "(no name)"}`)
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
