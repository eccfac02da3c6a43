import { HttpClient, HttpClientError, KeyValueStore } from "@effect/platform"
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

const grant = {
  BIGIN_CLIENT_ID: Fixtures.client.clientId,
  BIGIN_CLIENT_SECRET: Fixtures.client.clientSecret,
  BIGIN_REFRESH_TOKEN: Fixtures.client.refreshToken
}

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

  it.effect.each(["EU", "Eu", " eu\n"])("understands the data centre %j", (dataCenter) =>
    Effect.gen(function* () {
      const read = yield* fromEnvironment({ BIGIN_ACCESS_TOKEN: token, BIGIN_DATA_CENTER: dataCenter })
      assert.strictEqual(read.apiOrigin, "https://www.zohoapis.eu")
    })
  )

  it.effect("mints in the data centre that is named, in any letter case", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const http = HttpClient.make((request) => {
        asked.push(request.url)
        return Effect.fail(new HttpClientError.RequestError({ request, reason: "InvalidUrl" }))
      })
      yield* credentials.pipe(
        Effect.flip,
        Effect.provide(Layer.provide(BiginAuth.layerConfig, Layer.succeed(HttpClient.HttpClient, http))),
        Effect.withConfigProvider(
          ConfigProvider.fromMap(new Map(Object.entries({ ...grant, BIGIN_DATA_CENTER: "JP" })))
        )
      )
      assert.deepStrictEqual(asked, ["https://accounts.zoho.jp/oauth/v2/token"])
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

describe("layerConfigWith a store", () => {
  /** A process of its own, over the store and the server that all of them share. */
  const process = (variables: Record<string, string>) =>
    Effect.flatMap(KeyValueStore.KeyValueStore, (store) =>
      credentials.pipe(
        Effect.provide(BiginAuth.layerConfigWith({ store })),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))
      )
    )
  const mints = Effect.map(
    Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.requests),
    (requests) => requests.length
  )
  const shared = Layer.merge(FakeBigin.layer, KeyValueStore.layerMemory)

  it.effect("lets what was minted outlive the process, and layerConfig does not", () =>
    Effect.gen(function* () {
      expect(yield* process(grant)).toEqual(yield* process(grant))
      assert.strictEqual(yield* mints, 1)
      yield* fromEnvironment(grant)
      yield* credentials.pipe(
        Effect.provide(BiginAuth.layerConfig),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(grant))))
      )
      assert.strictEqual(yield* mints, 2)
    }).pipe(Effect.provide(shared))
  )

  it.effect("shares it with layerRefreshToken of the same grant", () =>
    Effect.gen(function* () {
      const first = yield* process(grant)
      const store = yield* KeyValueStore.KeyValueStore
      const { clientId, clientSecret, refreshToken } = Fixtures.client
      const second = yield* Effect.provide(
        credentials,
        BiginAuth.layerRefreshToken({
          clientId,
          clientSecret: Redacted.make(clientSecret),
          refreshToken: Redacted.make(refreshToken),
          store
        })
      )
      expect(second).toEqual(first)
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(shared))
  )

  it.effect("ignores the store where there is an access token", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      yield* process(grant)
      const stored = yield* store.size
      const read = yield* process({ ...grant, BIGIN_ACCESS_TOKEN: token })
      assert.strictEqual(Redacted.value(read.accessToken), token)
      const asked: Array<string> = []
      const heard = KeyValueStore.make({
        ...store,
        get: (key) =>
          Effect.zipRight(
            Effect.sync(() => void asked.push("get")),
            store.get(key)
          ),
        set: (key, value) =>
          Effect.zipRight(
            Effect.sync(() => void asked.push("set")),
            store.set(key, value)
          )
      })
      yield* Effect.provideService(process({ BIGIN_ACCESS_TOKEN: token }), KeyValueStore.KeyValueStore, heard)
      assert.deepStrictEqual(asked, [])
      assert.deepStrictEqual([yield* store.size, yield* mints], [stored, 1])
    }).pipe(Effect.provide(shared))
  )

  it.effect("uses the scopes that the environment claims, and does not store them", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      const entries: Array<string> = []
      const heard = KeyValueStore.make({
        ...store,
        set: (key, value) => {
          entries.push(String(value))
          return store.set(key, value)
        }
      })
      yield* (yield* FakeBigin.FakeBigin).inject({
        fault: FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.a", expires_in: 3600 }))
      })
      const claiming = process({ ...grant, BIGIN_SCOPES: "one two" })
      const first = yield* Effect.provideService(claiming, KeyValueStore.KeyValueStore, heard)
      assert.deepStrictEqual(first.scopes, ["one", "two"])
      assert.include(entries.join(), "1000.a")
      assert.notMatch(entries.join(), /one|two|scopes/)
      // so another claim over the same token is another's own
      assert.deepStrictEqual((yield* process({ ...grant, BIGIN_SCOPES: "three" })).scopes, ["three"])
      assert.isUndefined((yield* process(grant)).scopes)
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(shared))
  )

  it.effect("fails with the same ConfigError", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(process({ BIGIN_CLIENT_ID: "1000.client" }))
      assert.include(JSON.stringify(exit), "Set BIGIN_CLIENT_SECRET, BIGIN_REFRESH_TOKEN as well")
    }).pipe(Effect.provide(shared))
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
