import { Effect } from "effect"
import { deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = deleteAttachment({ ...Fixtures.attachment, module: "Kontakte" }).pipe(
  Effect.as("removed"),
  Effect.catchTag("InvalidModule", ({ ref }) => Effect.succeed(`not removed: there is no module ${ref.module}`))
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// not removed: there is no module Kontakte
