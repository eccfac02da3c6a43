/**
 * A service that runs for days on one refresh token.
 *
 * An access token lives for an hour. The layer mints the next one shortly before, once for all callers, so the service
 * itself has nothing to do with tokens. Here a fake Bigin mints, and a test's clock lets three days pass at once.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Redacted, Schedule, TestClock, TestContext } from "effect"
import { BiginAuth, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const service = deleteAttachment(Fixtures.attachment).pipe(
  // the attachment is gone after the first time; a refusal of another id would be a mistake
  Effect.catchTag("InvalidData", (error) => (error.target === "attachment" ? Effect.void : Effect.fail(error))),
  Effect.schedule(Schedule.spaced("20 minutes"))
)

const auth = BiginAuth.layerRefreshToken({
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
})

const program = Effect.gen(function* () {
  yield* Effect.fork(service)
  yield* TestClock.adjust("3 days")

  const requests = yield* Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.requests)
  const mints = requests.filter(({ url }) => url === "/oauth/v2/token").length
  yield* Effect.log(`${requests.length - mints} calls in three days took ${mints} tokens`)
})

const live = Layer.provideMerge(auth, FakeBigin.layer).pipe(Layer.provideMerge(TestContext.TestContext))

program.pipe(Effect.provide(live), NodeRuntime.runMain)
