import { Effect } from "effect"
import { Attachments, Retry } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  // a gateway answers 502, whatever Bigin does
  yield* fake.inject({ fault: FakeBigin.badGateway, times: Infinity })
  const schedule = Retry.schedule({ base: "1 millis", times: 2 })
  return yield* Attachments.ensureDeleted(Fixtures.attachment, { schedule })
}).pipe(
  Effect.map(({ outcome, proof }) => `${outcome}, proven by ${proof}`),
  // keep the ref, and look again later: it may be gone, or not
  Effect.catchTag("OutcomeUnknown", ({ attempts, last, ref }) =>
    Effect.succeed(`look at attachment ${ref.attachmentId} later: ${last._tag} after ${attempts} attempts`)
  )
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// look at attachment 2883756000000261017 later: ServiceFault after 3 attempts
