/**
 * A lost answer.
 *
 * The attachment is deleted, and the answer does not arrive. `deleteAttachment` can only say that it may have happened.
 * `ensureDeleted` goes on until there is proof, and says what kind of proof it found.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import { Attachments, Retry } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const program = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  yield* fake.inject({ fault: FakeBigin.loseAnswer })

  const { attempts, outcome, proof } = yield* Attachments.ensureDeleted(Fixtures.attachment, {
    schedule: Retry.schedule({ base: "10 millis" })
  })
  yield* Effect.log(`${outcome}, proven by ${proof} after ${attempts} attempts`)
}).pipe(
  // nothing could prove it either way: somebody has to look
  Effect.catchTag("OutcomeUnknown", (error) => Effect.log(error.message))
)

program.pipe(Effect.provide(FakeBigin.layer), NodeRuntime.runMain)
