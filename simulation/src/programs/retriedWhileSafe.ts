/** The README's recipe: a deletion that is retried while it certainly has not happened. */
import { Effect } from "effect"
import { deleteAttachment, Errors } from "effect-bigin"
import { accounted } from "../journal.ts"
import { policies, policyOf, type Program } from "./program.ts"

export const retriedWhileSafe: Program = {
  terms: ({ policy, times }) => ({
    does: "deletes",
    mostDeletes: times + 1,
    asksAgainInDoubt: false,
    policy: policyOf(policy)
  }),
  run: ({ operation, policy, refs: [ref], times }, journal) =>
    ref === undefined
      ? Effect.void
      : deleteAttachment(ref).pipe(
          Effect.retry({ schedule: policies[policy].schedule(times), while: Errors.isSafeToRetry }),
          accounted(journal, { operation, item: 0, attachment: ref.attachmentId }, () => ({
            said: "gone",
            how: "Deleted Success"
          })),
          Effect.ignore
        )
}
