/**
 * The main job, seen working: `npm run demo` deletes the attachment of Bigin's own example from a fake Bigin over real
 * HTTP and then meets every documented failure there.
 *
 * With BIGIN_ACCESS_TOKEN set, or whatever else `BiginAuth.layerConfig` reads, it deletes from your Bigin, after asking:
 * `npm run demo -- MODULE RECORD_ID ATTACHMENT_ID`.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime, NodeTerminal } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { BiginAuth, BiginConfig, Ids } from "effect-bigin"
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

const onYourBigin = (ref: Ids.AttachmentRef) =>
  Effect.gen(function* () {
    yield* confirmed(
      `Delete attachment ${ref.attachmentId} of ${ref.module} ${ref.recordId} from your Bigin, for good?`
    )
    yield* deleteAndShow(ref)
  }).pipe(Effect.provide([BiginAuth.layerConfig, BiginConfig.layerConfig, NodeTerminal.layer]))

const program = Effect.gen(function* () {
  const [module, recordId, attachmentId] = process.argv.slice(2)
  if (module === undefined) return yield* onFakeBigin
  if (recordId === undefined || attachmentId === undefined) {
    return yield* Effect.fail("Give all three: MODULE RECORD_ID ATTACHMENT_ID.")
  }
  // a wrong id or name is found out before anything is asked or sent
  return yield* onYourBigin(yield* Ids.parseAttachmentRef({ module, recordId, attachmentId }))
})

program.pipe(
  Effect.provide(FetchHttpClient.layer),
  Effect.catchAll((failure) =>
    Effect.zipRight(
      Console.error(String(failure)),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  NodeRuntime.runMain
)
