/**
 * The main job, seen working: `npm run demo` deletes the attachment of Bigin's own example from a fake Bigin over real
 * HTTP and then meets every documented failure there.
 *
 * With BIGIN_ACCESS_TOKEN set (and BIGIN_DATA_CENTER, if that is not "us") it deletes from your Bigin, after asking:
 * `npm run demo -- MODULE RECORD_ID ATTACHMENT_ID`.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime, NodeTerminal } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { BiginAuth, BiginConfig } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { confirmed } from "./demo/confirmed.ts"
import { deleteAndShow } from "./demo/deleteAndShow.ts"
import { authAs, showFailures } from "./demo/failures.ts"

const onFakeBigin = Effect.gen(function* () {
  const { origin } = yield* FakeBigin.serve
  yield* Console.log(`A fake Bigin listens on ${origin}; no request leaves this machine.\n`)
  yield* Effect.provide(deleteAndShow(Fixtures.attachment), authAs("administrator", origin))
  yield* Console.log("\nEvery failure that Bigin documents, provoked on that server:\n")
  yield* showFailures(origin)
}).pipe(Effect.scoped, Effect.provide(Layer.effect(FakeBigin.FakeBigin, FakeBigin.make())))

const onYourBigin = (module: string, recordId: string, attachmentId: string) =>
  Effect.gen(function* () {
    yield* confirmed(`Delete attachment ${attachmentId} of ${module} ${recordId} from your Bigin, for good?`)
    yield* deleteAndShow({ module, recordId, attachmentId })
  }).pipe(Effect.provide([BiginAuth.layerConfig, BiginConfig.layerConfig, NodeTerminal.layer]))

const program = Effect.gen(function* () {
  const [module, recordId, attachmentId] = process.argv.slice(2)
  if (module === undefined) return yield* onFakeBigin
  if (recordId === undefined || attachmentId === undefined) {
    return yield* Effect.fail("Give all three: MODULE RECORD_ID ATTACHMENT_ID.")
  }
  yield* Config.nonEmptyString("BIGIN_ACCESS_TOKEN").pipe(
    Effect.mapError(
      () => "Set BIGIN_ACCESS_TOKEN to delete from your Bigin; without arguments this runs on a fake one."
    )
  )
  return yield* onYourBigin(module, recordId, attachmentId)
})

program.pipe(
  Effect.provide(FetchHttpClient.layer),
  Effect.catchAll((failure) =>
    Effect.zipRight(
      Console.error(typeof failure === "string" ? failure : `${failure._tag}: ${failure}`),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  NodeRuntime.runMain
)
