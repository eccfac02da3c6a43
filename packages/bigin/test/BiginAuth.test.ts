import { assert, describe, expect, it } from "@effect/vitest"
import { Cause, ConfigProvider, Effect, Exit, Layer, Redacted } from "effect"
import { BiginAuth, DataCenter, deleteAttachment, Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const token = "1000.token-of-the-environment"

const credentials = Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)

const fromEnvironment = (variables: Record<string, string>) =>
  credentials.pipe(
    Effect.provide(Layer.provide(BiginAuth.layerConfig, FakeBigin.layer)),
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
  )

describe("layerConfig", () => {
  it.effect("reads the token, and has the US and unknown scopes by default", () =>
    Effect.gen(function* () {
      expect(yield* fromEnvironment({ BIGIN_ACCESS_TOKEN: token })).toEqual({
        accessToken: Redacted.make(token),
        apiOrigin: "https://www.zohoapis.com"
      })
    })
  )

  it.effect("reads the data centre and the scopes, separated by spaces or commas", () =>
    Effect.gen(function* () {
      const read = yield* fromEnvironment({
        BIGIN_ACCESS_TOKEN: ` ${token}\n`,
        BIGIN_DATA_CENTER: "in",
        BIGIN_SCOPES: ",ZohoBigin.modules.ALL, ZohoBigin.modules.attachments.ALL other,"
      })
      assert.strictEqual(Redacted.value(read.accessToken), token)
      assert.strictEqual(read.apiOrigin, "https://www.zohoapis.in")
      assert.deepStrictEqual(read.scopes, ["ZohoBigin.modules.ALL", "ZohoBigin.modules.attachments.ALL", "other"])
    })
  )

  it.effect("takes a test server's origin over the data centre's", () =>
    Effect.gen(function* () {
      const read = yield* fromEnvironment({ BIGIN_ACCESS_TOKEN: token, BIGIN_API_ORIGIN: "http://127.0.0.1:8080/" })
      assert.strictEqual(read.apiOrigin, "http://127.0.0.1:8080")
      const port = { BIGIN_ACCESS_TOKEN: token, BIGIN_API_ORIGIN: "HTTP://localhost:80" }
      assert.strictEqual((yield* fromEnvironment(port)).apiOrigin, "http://localhost")
    })
  )

  it.effect("mints where the environment describes a refresh token, and knows its scopes", () =>
    Effect.gen(function* () {
      const { clientId, clientSecret, refreshToken } = Fixtures.client
      const read = yield* fromEnvironment({
        BIGIN_CLIENT_ID: clientId,
        BIGIN_CLIENT_SECRET: clientSecret,
        BIGIN_REFRESH_TOKEN: ` ${refreshToken} `
      })
      assert.match(Redacted.value(read.accessToken), /^1000\.minted-1\./)
      assert.deepStrictEqual(read.scopes, ["ZohoBigin.modules.ALL", "ZohoBigin.modules.attachments.ALL"])
    })
  )

  it.effect("has the scopes that the environment names where the reply names none", () =>
    Effect.gen(function* () {
      const { clientId, clientSecret, refreshToken } = Fixtures.client
      yield* (yield* FakeBigin.FakeBigin).inject({
        fault: FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.a", expires_in: 3600 }))
      })
      const variables = {
        BIGIN_CLIENT_ID: clientId,
        BIGIN_CLIENT_SECRET: clientSecret,
        BIGIN_REFRESH_TOKEN: refreshToken,
        BIGIN_SCOPES: "one two"
      }
      const { scopes } = yield* credentials.pipe(
        Effect.provide(BiginAuth.layerConfig),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
      )
      assert.deepStrictEqual(scopes, ["one", "two"])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("takes an access token before a refresh token", () =>
    Effect.gen(function* () {
      const read = yield* fromEnvironment({
        BIGIN_ACCESS_TOKEN: token,
        BIGIN_CLIENT_ID: "1000.client",
        BIGIN_CLIENT_SECRET: "secret",
        BIGIN_REFRESH_TOKEN: "1000.refresh"
      })
      assert.strictEqual(Redacted.value(read.accessToken), token)
    })
  )

  const secret = "a-secret-of-the-environment"

  it.effect.each([
    ["nothing", {}, ["BIGIN_ACCESS_TOKEN", "BIGIN_CLIENT_ID", "BIGIN_CLIENT_SECRET", "BIGIN_REFRESH_TOKEN"]],
    ["an empty token", { BIGIN_ACCESS_TOKEN: " " }, ["BIGIN_ACCESS_TOKEN"]],
    [
      "an empty client",
      { BIGIN_CLIENT_ID: "", BIGIN_REFRESH_TOKEN: secret },
      ["Set BIGIN_CLIENT_ID, BIGIN_CLIENT_SECRET as well"]
    ],
    ["a client alone", { BIGIN_CLIENT_ID: secret }, ["BIGIN_CLIENT_SECRET, BIGIN_REFRESH_TOKEN as well"]],
    ["no secret", { BIGIN_CLIENT_ID: secret, BIGIN_REFRESH_TOKEN: secret }, ["Set BIGIN_CLIENT_SECRET as well"]],
    ["no client", { BIGIN_CLIENT_SECRET: secret, BIGIN_REFRESH_TOKEN: secret }, ["Set BIGIN_CLIENT_ID as well"]],
    [
      "an unknown data centre",
      { BIGIN_ACCESS_TOKEN: secret, BIGIN_DATA_CENTER: secret },
      ["BIGIN_DATA_CENTER must be one of us, eu"]
    ],
    [
      "half a client, and a data centre that does not exist",
      { BIGIN_CLIENT_ID: secret, BIGIN_DATA_CENTER: secret, BIGIN_API_ORIGIN: "" },
      [
        "BIGIN_CLIENT_SECRET, BIGIN_REFRESH_TOKEN as well",
        "BIGIN_DATA_CENTER must be",
        "BIGIN_API_ORIGIN is set and empty"
      ]
    ],
    ["an empty origin", { BIGIN_ACCESS_TOKEN: secret, BIGIN_API_ORIGIN: "" }, ["BIGIN_API_ORIGIN is set and empty"]],
    [
      "an origin with a path",
      { BIGIN_ACCESS_TOKEN: secret, BIGIN_API_ORIGIN: `http://${secret}/x` },
      ["BIGIN_API_ORIGIN"]
    ],
    ["an accounts origin", { BIGIN_ACCESS_TOKEN: secret, BIGIN_ACCOUNTS_ORIGIN: secret }, ["BIGIN_ACCOUNTS_ORIGIN"]]
  ] as const)("is one ConfigError that names what is wrong and no value: %s", ([, variables, words]) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(fromEnvironment(variables))
      assert.isTrue(Exit.isFailure(exit))
      const text = Exit.isFailure(exit) ? `${Cause.pretty(exit.cause)} ${JSON.stringify(exit)}` : ""
      for (const word of words) assert.include(text, word)
      assert.notInclude(text, secret)
    })
  )
})

describe("an API origin", () => {
  const failing = (apiOrigin: string) =>
    deleteAttachment(Fixtures.attachment).pipe(
      Effect.flip,
      Effect.provide(BiginAuth.layerToken({ accessToken: Redacted.make(token), apiOrigin })),
      Effect.zip(Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.requests)),
      Effect.provide(FakeBigin.layer)
    )

  it.effect.each([
    "",
    "www.zohoapis.com",
    "https://www.zohoapis.com/bigin",
    "https://www.zohoapis.com?x",
    "https://www.zohoapis.com#x",
    "https://user:password@www.zohoapis.com",
    "ftp://www.zohoapis.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://www.zohoapis.com\n.evil.example",
    "https://www.zohoapis.com\\@evil.example",
    "https://www.zohoapis.com/a/..",
    "https:www.zohoapis.com",
    "https://@www.zohoapis.com"
  ])("%j is TokenRejected and nothing is sent", (apiOrigin) =>
    Effect.gen(function* () {
      const [error, requests] = yield* failing(apiOrigin)
      assert.strictEqual(error._tag, "TokenRejected")
      assert.lengthOf(requests, 0)
    })
  )
})

describe("make", () => {
  it.effect("gives a mock from its parts, without another token by default", () =>
    Effect.gen(function* () {
      const given = { accessToken: Redacted.make(token), apiOrigin: "https://www.zohoapis.com" }
      const auth = BiginAuth.make({ credentials: Effect.succeed(given) })
      assert.strictEqual(yield* auth.credentials, given)
      assert.strictEqual((yield* auth.renew(given))._tag, "None")
    })
  )

  it.effect.each([
    new Errors.TokenRejected({ reason: "the grant was revoked" }),
    new Errors.TokenUnreachable({ reason: "503" })
  ])("lets its failure come out of the call as it is: %s", (failure) =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(deleteAttachment(Fixtures.attachment))).toEqual(failure)
      assert.lengthOf(yield* (yield* FakeBigin.FakeBigin).requests, 0)
    }).pipe(
      Effect.provide(
        Layer.merge(
          FakeBigin.layer,
          Layer.succeed(BiginAuth.BiginAuth, BiginAuth.make({ credentials: Effect.fail(failure) }))
        )
      )
    )
  )
})

describe("the data centres", () => {
  it("are eight, each with an accounts and an API origin over https", () => {
    assert.sameMembers([...DataCenter.DataCenter.literals], Object.keys(DataCenter.origins))
    assert.lengthOf(DataCenter.DataCenter.literals, 8)
    for (const { accounts, api } of Object.values(DataCenter.origins)) {
      assert.strictEqual(new URL(accounts).origin, accounts)
      assert.strictEqual(new URL(api).origin, api)
    }
  })

  it.effect.each(Object.keys(DataCenter.origins) as ReadonlyArray<DataCenter.DataCenter>)(
    "the API of %s is where its calls go",
    (dataCenter) =>
      Effect.gen(function* () {
        const { apiOrigin } = yield* credentials
        assert.strictEqual(apiOrigin, DataCenter.origins[dataCenter].api)
      }).pipe(Effect.provide(BiginAuth.layerToken({ accessToken: Redacted.make(token), dataCenter })))
  )
})
