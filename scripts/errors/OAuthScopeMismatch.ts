import { Effect, Layer, Redacted } from "effect"
import { BiginAuth, deleteAttachment, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = deleteAttachment(Fixtures.attachment).pipe(
  Effect.as("removed"),
  Effect.catchTag("OAuthScopeMismatch", ({ ref }) =>
    Effect.succeed(`not removed, ask for: ${Scopes.missing(Scopes.deleteAttachment(ref.module), []).join(" ")}`)
  )
)

// a token that may only read
const auth = BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.reader) })

console.log(await Effect.runPromise(Effect.provide(answer, Layer.provideMerge(auth, FakeBigin.layer))))

// prints
// not removed, ask for: ZohoBigin.modules.contacts.DELETE ZohoBigin.modules.attachments.DELETE
