/**
 * Retry what certainly did nothing.
 *
 * `Retry.safely` waits as long as Bigin says, and asks again only after what `Errors.isSafeToRetry` is true for. A failure that
 * may have deleted the attachment comes out at once.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import { deleteAttachment, Errors, Retry } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const patient = deleteAttachment(Fixtures.attachment).pipe(
  Effect.tapError((error) => Effect.log(`${error._tag}: ${Errors.isSafeToRetry(error) ? "again" : "not again"}`)),
  Effect.retry(Retry.safely({ base: "10 millis", times: 5 }))
)

const program = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.rateLimited()), times: 2 })
  yield* fake.inject({ fault: FakeBigin.loseAnswer })
  const error = yield* Effect.flip(patient)
  yield* Effect.log(`after ${(yield* fake.requests).length} requests: ${error._tag}`)
})

program.pipe(Effect.provide(FakeBigin.layer), NodeRuntime.runMain)
