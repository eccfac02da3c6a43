import { Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import { BiginAuth, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.tokenThrottle) })
  return yield* deleteAttachment(Fixtures.attachment)
}).pipe(
  Effect.as("removed"),
  Effect.catchTag("TokenUnreachable", ({ reason }) => Effect.succeed(`not removed, try again later: ${reason}`))
)

const auth = BiginAuth.layerRefreshToken({
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
}).pipe(Layer.provide(Logger.minimumLogLevel(LogLevel.Warning))) // each mint is a line in the log, at Info

console.log(await Effect.runPromise(Effect.provide(answer, Layer.provideMerge(auth, FakeBigin.layer))))

// prints
// not removed, try again later: Zoho mints no more tokens for now (10 in 10 minutes are allowed)
