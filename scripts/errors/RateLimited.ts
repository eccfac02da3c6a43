import { Duration, Effect } from "effect"
import { deleteAttachment, Retry } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.rateLimited(600)) })
  return yield* deleteAttachment(Fixtures.attachment)
}).pipe(
  // waits as long as Bigin says, two minutes at most
  Effect.retry(Retry.safely()),
  Effect.as("removed"),
  Effect.catchTag("RateLimited", ({ retryAfter = Duration.minutes(1) }) =>
    Effect.succeed(`not removed, try again in ${Duration.format(retryAfter)}`)
  )
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// not removed, try again in 10m
