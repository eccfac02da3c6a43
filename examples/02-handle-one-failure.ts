/**
 * Handle one failure and let the rest through.
 *
 * Bigin says INVALID_DATA for an attachment that is gone already. A program that only wants it gone takes that for an
 * answer; `catchTag` removes InvalidData from the error channel, and what else can fail is still there to be seen.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import { deleteAttachment, type Ids } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const deleteIfThere = (attachment: Ids.AttachmentRef) =>
  deleteAttachment(attachment).pipe(
    Effect.as("deleted"),
    Effect.catchTag("InvalidData", (error) =>
      // a record that does not exist is another matter
      error.target === "attachment" ? Effect.succeed("was not there") : Effect.fail(error)
    )
  )

const program = Effect.gen(function* () {
  yield* Effect.log(yield* deleteIfThere(Fixtures.attachment))
  yield* Effect.log(yield* deleteIfThere(Fixtures.attachment))
})

program.pipe(Effect.provide(FakeBigin.layer), NodeRuntime.runMain)
