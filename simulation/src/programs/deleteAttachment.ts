/** One deletion, once. */
import { Effect } from "effect"
import { deleteAttachment as delete_ } from "effect-bigin"
import { accounted } from "../journal.ts"
import type { Program } from "./program.ts"

export const deleteAttachment: Program = {
  terms: () => ({ does: "deletes", mostDeletes: 1, asksAgainInDoubt: false }),
  run: ({ operation, refs: [ref] }, journal) =>
    ref === undefined
      ? Effect.void
      : delete_(ref).pipe(
          accounted(journal, { operation, item: 0, attachment: ref.attachmentId }, () => ({
            said: "gone",
            how: "Deleted Success"
          })),
          Effect.ignore
        )
}
