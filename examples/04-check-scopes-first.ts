/**
 * Check scopes before anything is sent.
 *
 * The requirement is data and the check a wrapper, so neither is buried in the call. MissingScope joins the error
 * channel and names the smallest addition.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { BiginAuth, deleteAttachment, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const program = Effect.gen(function* () {
  yield* deleteAttachment(Fixtures.attachment).pipe(
    Scopes.ensure(Scopes.deleteAttachment("Contacts")),
    Effect.catchTag("MissingScope", (error) => Effect.log(`Ask for ${error.missing.join(" and ")}`))
  )
  const fake = yield* FakeBigin.FakeBigin
  yield* Effect.log(`Bigin saw ${(yield* fake.requests).length} requests`)
})

const readsOnly = BiginAuth.layerToken({
  accessToken: Redacted.make(Fixtures.accessTokens.reader),
  scopes: ["ZohoBigin.modules.contacts.READ", "ZohoBigin.modules.attachments.READ"]
})

program.pipe(Effect.provide(Layer.merge(FakeBigin.layer, readsOnly)), NodeRuntime.runMain)
