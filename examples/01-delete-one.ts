/**
 * Delete one attachment.
 *
 * The program says what it needs in its type: HttpClient and BiginAuth. Here a fake Bigin in memory provides both; the
 * README shows the layers of the real one.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import { deleteAttachment } from "effect-bigin"
import { FakeBigin } from "effect-bigin-testing"

const program = Effect.gen(function* () {
  const deleted = yield* deleteAttachment({
    module: "Contacts",
    recordId: "2883756000000261075",
    attachmentId: "2883756000000261017"
  })
  yield* Effect.log(`Attachment ${deleted.attachmentId} is deleted`)
})

program.pipe(Effect.provide(FakeBigin.layer), NodeRuntime.runMain)
