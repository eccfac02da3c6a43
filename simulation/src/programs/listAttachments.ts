/** The list of a record, read to its end. */
import { Chunk, Effect, Stream } from "effect"
import { Attachments } from "effect-bigin"
import { accounted } from "../journal.ts"
import type { Program } from "./program.ts"

export const listAttachments: Program = {
  terms: () => ({ does: "reads", mostDeletes: 0, asksAgainInDoubt: false }),
  run: ({ operation, refs: [ref] }, journal) =>
    ref === undefined
      ? Effect.void
      : Stream.runCollect(Attachments.listAttachments(ref)).pipe(
          accounted(journal, { operation, item: 0, attachment: ref.recordId }, (rows) => ({
            said: "done",
            how: `listed ${Chunk.toReadonlyArray(rows)
              .map(({ id }) => id)
              .join()}`
          })),
          Effect.ignore
        )
}
