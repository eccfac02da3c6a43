/** A file, read to its end. */
import { Effect, Stream } from "effect"
import { Attachments } from "effect-bigin"
import { accounted } from "../journal.ts"
import type { Program } from "./program.ts"

export const downloadAttachment: Program = {
  terms: () => ({ does: "reads", mostDeletes: 0, asksAgainInDoubt: false }),
  run: ({ operation, refs: [ref] }, journal) =>
    ref === undefined
      ? Effect.void
      : Attachments.downloadAttachment(ref).pipe(
          Stream.decodeText(),
          Stream.mkString,
          accounted(journal, { operation, item: 0, attachment: ref.attachmentId }, (text) => ({
            said: "done",
            how: `downloaded ${text}`
          })),
          Effect.ignore
        )
}
