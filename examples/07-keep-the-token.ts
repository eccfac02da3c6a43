/**
 * A token that survives the process.
 *
 * A script that runs every minute would mint every minute, and Zoho allows ten in ten minutes. With a store the next run
 * finds the token of the last one. The files are for their owner alone.
 */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { BiginAuth, deleteAttachment, type Ids } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const authWith = (folder: string) =>
  Layer.unwrapEffect(
    Effect.map(BiginAuth.fileStore(folder), (store) =>
      BiginAuth.layerRefreshToken({
        clientId: Fixtures.client.clientId,
        clientSecret: Redacted.make(Fixtures.client.clientSecret),
        refreshToken: Redacted.make(Fixtures.client.refreshToken),
        store
      })
    )
  )

/** What one run of the script does: its layer, and so the token in memory, ends with it. */
const script = (folder: string, attachmentId: string) => {
  const ref: Ids.AttachmentRef = { ...Fixtures.record, attachmentId }
  return Effect.provide(deleteAttachment(ref), authWith(folder))
}

const program = Effect.gen(function* () {
  const folder = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  yield* script(folder, "2883756000000261017")
  yield* script(folder, "2883756000000261029")

  const requests = yield* Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.requests)
  const mints = requests.filter(({ url }) => url === "/oauth/v2/token").length
  yield* Effect.log(`two runs, ${requests.length - mints} deletions, ${mints} token`)
})

program.pipe(Effect.scoped, Effect.provide([FakeBigin.layer, NodeContext.layer]), NodeRuntime.runMain)
