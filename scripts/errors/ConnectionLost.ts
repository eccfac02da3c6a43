import { Effect } from "effect"
import { Attachments, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  // Bigin deletes it, and the connection breaks before the answer
  yield* fake.inject({ fault: FakeBigin.loseAnswer })
  return yield* deleteAttachment(Fixtures.attachment)
}).pipe(
  Effect.as("removed"),
  // it may have been deleted: go on until that is proven
  Effect.catchTag("ConnectionLost", () =>
    Effect.map(Attachments.ensureDeleted(Fixtures.attachment), ({ outcome, proof }) => `${outcome}, proven by ${proof}`)
  )
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// AlreadyGone, proven by Refusal
