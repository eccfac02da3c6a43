/** A file that is kept before it is deleted. */
import { Effect } from "effect"
import { Attachments } from "effect-bigin"
import { accounted } from "../journal.ts"
import { patiently, type Program } from "./program.ts"

export const folder = "archive"

export const archiveThenDelete: Program = {
  mostDeletes: (times) => times + 1,
  asksAgainInDoubt: true,
  keeps: true,
  run: ({ operation, refs: [ref], times }, journal) =>
    ref === undefined
      ? Effect.void
      : Attachments.archiveThenDelete(ref, { folder, schedule: patiently(times) }).pipe(
          accounted(
            journal,
            { operation, attachment: ref.attachmentId },
            ({ outcome, proof }) => `${outcome} ${proof}`
          ),
          Effect.ignore
        )
}
