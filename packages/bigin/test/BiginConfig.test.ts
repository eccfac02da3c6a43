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

  const secret = "1000.a-secret-in-the-wrong-variable"

  it.effect.each([
    { BIGIN_API_VERSION: "v3" },
    { BIGIN_API_VERSION: secret },
    { BIGIN_API_VERSION: "" },
    { BIGIN_TIMEOUT: "soon" },
    { BIGIN_TIMEOUT: secret },
    { BIGIN_TIMEOUT: "0 seconds" },
    { BIGIN_TIMEOUT: "-5 seconds" }
  ] as const)(
    "are refused where they are wrong, by a ConfigError that names the variable and no value: %j",
    (variables) =>
      Effect.gen(function* () {
        const text = String(yield* Effect.flip(fromEnvironment(variables)))
        assert.include(text, Object.keys(variables)[0] ?? "")
        assert.notInclude(text, secret)
      })
  )
})
