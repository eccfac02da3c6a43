/**
 * Credentials and a folder for tokens, both from the environment.
 *
 * `layerConfigWith` is `layerConfig` with a store: what it mints outlives the process, so a script that runs every minute mints
 * once an hour. An access token in the environment is used as it is. Here a map stands in for the environment.
 */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Config, ConfigProvider, Effect, Layer } from "effect"
import { BiginAuth, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const auth = Config.nonEmptyString("BIGIN_TOKEN_DIR").pipe(
  Effect.flatMap(BiginAuth.fileStore),
  Effect.map((store) => BiginAuth.layerConfigWith({ store })),
  Layer.unwrapEffect
)

/** What one run of the script does, with its environment. */
const script = (attachmentId: string, variables: Record<string, string>) =>
  deleteAttachment({ ...Fixtures.record, attachmentId }).pipe(
    Effect.provide(auth),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
  )

const program = Effect.gen(function* () {
  const folder = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const variables = {
    BIGIN_DATA_CENTER: "US",
    BIGIN_CLIENT_ID: Fixtures.client.clientId,
    BIGIN_CLIENT_SECRET: Fixtures.client.clientSecret,
    BIGIN_REFRESH_TOKEN: Fixtures.client.refreshToken,
    BIGIN_TOKEN_DIR: folder
  }
  yield* script("2883756000000261017", variables)
  yield* script("2883756000000261029", variables)

  const requests = yield* Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.requests)
  const mints = requests.filter(({ url }) => url === "/oauth/v2/token").length
  yield* Effect.log(`two runs, ${requests.length - mints} deletions, ${mints} token`)
})

program.pipe(Effect.scoped, Effect.provide([FakeBigin.layer, NodeContext.layer]), NodeRuntime.runMain)
