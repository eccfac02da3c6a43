/** A file that is kept before it is deleted. */
import { Effect } from "effect"
import { Attachments } from "effect-bigin"
import { accounted } from "../journal.ts"
import { policies, type Program, untilProven } from "./program.ts"

export const folder = "archive"

export const archiveThenDelete: Program = {
  terms: (order) => ({ ...untilProven(order), keeps: true }),
  run: ({ operation, policy, refs: [ref], times }, journal) =>
    ref === undefined
      ? Effect.void
      : Attachments.archiveThenDelete(ref, { folder, schedule: policies[policy].schedule(times) }).pipe(
          accounted(journal, { operation, item: 0, attachment: ref.attachmentId }, ({ attempts, outcome, proof }) => ({
            said: "gone",
            how: `${outcome} ${proof}`,
            attempts
          })),
          Effect.ignore
        )
}
