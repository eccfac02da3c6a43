/** A deletion until it is proven. */
import { Effect } from "effect"
import { Attachments } from "effect-bigin"
import { accounted } from "../journal.ts"
import { patiently, type Program } from "./program.ts"

export const ensureDeleted: Program = {
  mostDeletes: (times) => times + 1,
  asksAgainInDoubt: true,
  run: ({ operation, refs: [ref], times }, journal) =>
    ref === undefined
      ? Effect.void
      : Attachments.ensureDeleted(ref, { schedule: patiently(times) }).pipe(
          accounted(
            journal,
            { operation, attachment: ref.attachmentId },
            ({ outcome, proof }) => `${outcome} ${proof}`
          ),
          Effect.ignore
        )
}
