import { Effect } from "effect"
import { deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("InvalidUrlPattern")) })
  return yield* deleteAttachment(Fixtures.attachment)
}).pipe(
  Effect.as("removed"),
  // who runs this program can mend it, and nobody else
  Effect.catchTag("InvalidUrlPattern", ({ code }) => Effect.succeed(`not removed: a proxy rewrites URLs (${code})`))
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// not removed: a proxy rewrites URLs (INVALID_URL_PATTERN)
