import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect } from "effect"
import { BiginConfig } from "effect-bigin"

const settings = Effect.all([BiginConfig.ApiVersion, BiginConfig.AttemptTimeout])

const fromEnvironment = (variables: Record<string, string>) =>
  settings.pipe(
    Effect.provide(BiginConfig.layerConfig),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
  )

describe("the settings", () => {
  it.effect("are v1 and 30 seconds by themselves", () =>
    Effect.gen(function* () {
      const [version, timeout] = yield* settings
      assert.strictEqual(version, "v1")
      assert.strictEqual(Duration.toSeconds(timeout), 30)
    })
  )

  it.effect("are v1 and 30 seconds in an environment that says nothing", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* fromEnvironment({}), yield* settings)
    })
  )

  it.effect("are what the environment says", () =>
    Effect.gen(function* () {
      const [version, timeout] = yield* fromEnvironment({ BIGIN_API_VERSION: "v2", BIGIN_TIMEOUT: "1500 millis" })
      assert.strictEqual(version, "v2")
      assert.strictEqual(Duration.toMillis(timeout), 1500)
    })
  )

  it.effect.each([{ BIGIN_API_VERSION: "v3" }, { BIGIN_TIMEOUT: "soon" }] as const)(
    "are refused where they are wrong: %j",
    (variables) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(fromEnvironment(variables))
        assert.include(String(error), Object.keys(variables)[0] ?? "")
      })
  )
})
