/** The README's recipe: a deletion that is retried while it certainly has not happened. */
import { Effect } from "effect"
import { deleteAttachment, Errors } from "effect-bigin"
import { accounted } from "../journal.ts"
import { patiently, type Program } from "./program.ts"

export const retriedWhileSafe: Program = {
  mostDeletes: (times) => times + 1,
  asksAgainInDoubt: false,
  run: ({ operation, refs: [ref], times }, journal) =>
    ref === undefined
      ? Effect.void
      : deleteAttachment(ref).pipe(
          Effect.retry({ schedule: patiently(times), while: Errors.isSafeToRetry }),
          accounted(journal, { operation, attachment: ref.attachmentId }, () => "Deleted Success"),
          Effect.ignore
        )
}
