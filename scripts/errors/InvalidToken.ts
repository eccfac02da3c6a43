import { Effect } from "effect"
import { deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  // the hour is over, and the layer has no other token
  yield* fake.expireTokens
  return yield* deleteAttachment(Fixtures.attachment)
}).pipe(
  Effect.as("removed"),
  Effect.catchTag("InvalidToken", ({ code }) => Effect.succeed(`not removed, a new token is needed: ${code}`))
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// not removed, a new token is needed: INVALID_TOKEN
