import { Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import { BiginAuth, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = deleteAttachment(Fixtures.attachment).pipe(
  Effect.as("removed"),
  Effect.catchTag("TokenRejected", ({ reason }) => Effect.succeed(`not removed, connect Bigin again: ${reason}`))
)

// the refresh token was revoked
const auth = BiginAuth.layerRefreshToken({
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make("1000.revoked")
}).pipe(Layer.provide(Logger.minimumLogLevel(LogLevel.Warning))) // each mint is a line in the log, at Info

console.log(await Effect.runPromise(Effect.provide(answer, Layer.provideMerge(auth, FakeBigin.layer))))

// prints
// not removed, connect Bigin again: Zoho says "invalid_code": the refresh token or the code was revoked, has expired, was used before or is of another client
