import { FetchHttpClient } from "@effect/platform"
import { Effect, Layer, Redacted } from "effect"
import { BiginAuth, deleteAttachment, Retry } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"

const answer = deleteAttachment(Fixtures.attachment).pipe(
  // nothing was sent, so it is safe to ask again
  Effect.retry(Retry.safely({ base: "1 millis", times: 3 })),
  Effect.as("removed"),
  Effect.catchTag("ConnectionFailed", ({ reason }) => Effect.succeed(`not removed, Bigin cannot be reached: ${reason}`))
)

// nothing listens there
const auth = BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin: "http://127.0.0.1:2" })

console.log(await Effect.runPromise(Effect.provide(answer, Layer.merge(auth, FetchHttpClient.layer))))

// prints
// not removed, Bigin cannot be reached: ECONNREFUSED
