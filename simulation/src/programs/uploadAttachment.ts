/** A file that is attached: held in memory, or as a stream that is read when it is sent. */
import { Effect, Stream } from "effect"
import { Attachments } from "effect-bigin"
import { accounted } from "../journal.ts"
import type { Program } from "./program.ts"

const upload = (contentOf: (bytes: Uint8Array) => Content): Program => ({
  terms: () => ({ does: "uploads", mostDeletes: 0, asksAgainInDoubt: false }),
  run: ({ operation, refs: [ref] }, journal) => {
    if (ref === undefined) return Effect.void
    const text = `the upload of operation ${operation}`
    const bytes = new TextEncoder().encode(text)
    return Attachments.uploadAttachment(ref, { fileName: "upload.pdf", ...contentOf(bytes) }).pipe(
      accounted(journal, { operation, item: 0, attachment: text }, ({ attachmentId }) => ({
        said: "done",
        how: `uploaded ${attachmentId}`
      })),
      Effect.ignore
    )
  }
})

type Content = { readonly content: Uint8Array } | { readonly content: Stream.Stream<Uint8Array>; readonly size: number }

export const uploadAttachment: Program = upload((content) => ({ content }))

export const uploadAttachmentOfAStream: Program = upload((bytes) => ({
  content: Stream.make(bytes.subarray(0, 5), bytes.subarray(5)),
  size: bytes.length
}))
