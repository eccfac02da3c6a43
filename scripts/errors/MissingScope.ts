import { Effect, Layer, Redacted } from "effect"
import { BiginAuth, deleteAttachment, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = deleteAttachment(Fixtures.attachment).pipe(
  Effect.as("removed"),
  Scopes.ensure(Scopes.deleteAttachment("Contacts")),
  Effect.catchTag("MissingScope", ({ missing }) => Effect.succeed(`nothing was sent, ask for: ${missing.join(" ")}`))
)

const auth = BiginAuth.layerToken({
  accessToken: Redacted.make(Fixtures.accessTokens.reader),
  scopes: ["ZohoBigin.modules.contacts.ALL", "ZohoBigin.modules.attachments.READ"]
})

console.log(await Effect.runPromise(Effect.provide(answer, Layer.provideMerge(auth, FakeBigin.layer))))

// prints
// nothing was sent, ask for: ZohoBigin.modules.attachments.DELETE
