/** Prints the access token of the file store in TOKENS, minted where there is none; AT is when it begins. */
import { FetchHttpClient } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import { BiginAuth } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"

const { AT: at = "0", BIGIN_ORIGIN: origin = "", TOKENS: folder = "" } = process.env

const auth = Layer.unwrapEffect(
  Effect.map(BiginAuth.fileStore(folder), (store) =>
    BiginAuth.layerRefreshToken({
      clientId: Fixtures.client.clientId,
      clientSecret: Redacted.make(Fixtures.client.clientSecret),
      refreshToken: Redacted.make(Fixtures.client.refreshToken),
      accountsOrigin: origin,
      apiOrigin: origin,
      store
    })
  )
).pipe(Layer.provide([NodeContext.layer, FetchHttpClient.layer]))

const program = Effect.gen(function* () {
  const { accessToken } = yield* Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)
  console.log(Redacted.value(accessToken))
})

// the output is the token alone: a mint is told at Info
const quiet = Logger.withMinimumLogLevel(LogLevel.Warning)
await Effect.runPromise(quiet(Effect.delay(Effect.provide(program, auth), Math.max(0, Number(at) - Date.now()))))
