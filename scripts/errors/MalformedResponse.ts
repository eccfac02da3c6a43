import { Effect } from "effect"
import { deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.undocumented.MalformedResponse) })
  return yield* deleteAttachment(Fixtures.attachment)
}).pipe(
  Effect.as("removed"),
  // who runs this program can mend it, and nobody else
  Effect.catchTag("MalformedResponse", ({ problem, status }) => Effect.succeed(`not removed: ${status}, ${problem}`))
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// not removed: 403, it is no JSON object
