import { Effect } from "effect"
import { Attachments, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("InternalError")) })
  return yield* deleteAttachment(Fixtures.attachment)
}).pipe(
  Effect.as("removed"),
  // it may have been deleted: go on until that is proven
  Effect.catchTag("InternalError", () =>
    Effect.map(Attachments.ensureDeleted(Fixtures.attachment), ({ outcome, proof }) => `${outcome}, proven by ${proof}`)
  )
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// Deleted, proven by Success
