import { Effect } from "effect"
import { deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = deleteAttachment({ ...Fixtures.attachment, module: "Documents" }).pipe(
  Effect.as("removed"),
  Effect.catchTag("UnsupportedModule", ({ ref }) => Effect.succeed(`not removed: the API does not serve ${ref.module}`))
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// not removed: the API does not serve Documents
