import { Effect, Fiber, Layer, TestClock, TestContext } from "effect"
import { Attachments, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = deleteAttachment(Fixtures.attachment).pipe(
  Effect.as("removed"),
  // it may have been deleted: go on until that is proven
  Effect.catchTag("RequestTimedOut", () =>
    Effect.map(Attachments.ensureDeleted(Fixtures.attachment), ({ outcome, proof }) => `${outcome}, proven by ${proof}`)
  )
)

// in virtual time, so that nobody waits
const test = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  // Bigin deletes it, and the rest of the answer never comes
  yield* fake.inject({ fault: FakeBigin.stall })
  const fiber = yield* Effect.fork(answer)
  yield* TestClock.adjust("30 seconds")
  return yield* Fiber.join(fiber)
})

console.log(await Effect.runPromise(Effect.provide(test, Layer.merge(FakeBigin.layer, TestContext.TestContext))))

// prints
// AlreadyGone, proven by Refusal
