import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Encoding, Redacted, TestClock } from "effect"
import { BiginAuth, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { anywhere, ask, doors, json, list, memory, path } from "./doors.ts"

const { clientId, clientSecret, code, refreshToken } = Fixtures.client
const refresh = {
  grant_type: "refresh_token",
  client_id: clientId,
  client_secret: clientSecret,
  refresh_token: refreshToken
}

interface Told {
  readonly status: number
  readonly access_token?: string
  readonly api_domain?: string
  readonly error?: string
  readonly error_description?: string
}

const mintWith = (
  make: (post: HttpClientRequest.HttpClientRequest) => HttpClientRequest.HttpClientRequest,
  path = "/oauth/v2/token"
) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const response = yield* client.execute(make(HttpClientRequest.post(`${anywhere}${path}`)))
    return { ...((yield* response.json) as object), status: response.status } as Told
  })

const mint = (form: Record<string, string>) => mintWith(HttpClientRequest.bodyUrlParams(form))
const revoke = (token: string) => mintWith(HttpClientRequest.bodyUrlParams({ token }), "/oauth/v2/token/revoke")
const statusOf = (token: string | undefined) =>
  Effect.map(ask({ path: list, method: "GET", token: token ?? "" }), ({ status }) => status)

describe.each(doors)("the accounts server over %s", (_, door) => {
  it.effect("mints tokens that serve for an hour", () =>
    Effect.gen(function* () {
      const { access_token: token = "", api_domain, ...rest } = yield* mint(refresh)
      assert.isString(api_domain)
      expect(rest).toEqual({
        status: 200,
        expires_in: 3600,
        scope: "ZohoBigin.modules.ALL ZohoBigin.modules.attachments.ALL",
        token_type: "Bearer"
      })
      yield* TestClock.adjust("3599 seconds")
      assert.strictEqual(yield* statusOf(token), 200)
      yield* TestClock.adjust("1 second")
      expect(yield* json({ path, token })).toMatchObject({ code: "INVALID_TOKEN" })
    }).pipe(Effect.provide(door))
  )

  it.effect("mints ten in ten minutes and then says Access Denied", () =>
    Effect.gen(function* () {
      for (let count = 0; count < 10; count++) assert.isDefined((yield* mint(refresh)).access_token)
      expect(yield* mint(refresh)).toMatchObject({ status: 400, error: "Access Denied" })
      yield* TestClock.adjust("10 minutes")
      assert.isDefined((yield* mint(refresh)).access_token)
    }).pipe(Effect.provide(door))
  )

  const query = new URLSearchParams(refresh).toString()
  const form = new FormData()
  for (const [name, value] of Object.entries(refresh)) form.append(name, value)
  const basic = Encoding.encodeBase64(`${clientId}:${clientSecret}`)

  it.effect.each([
    ["an urlencoded body", HttpClientRequest.bodyUrlParams(refresh), ""],
    ["a multipart body", HttpClientRequest.bodyFormData(form), ""],
    ["the query", (post: HttpClientRequest.HttpClientRequest) => post, `?${query}`],
    [
      "Basic auth and an urlencoded body",
      (post: HttpClientRequest.HttpClientRequest) =>
        post.pipe(
          HttpClientRequest.setHeader("authorization", `Basic ${basic}`),
          HttpClientRequest.bodyUrlParams({ grant_type: "refresh_token", refresh_token: refreshToken })
        ),
      ""
    ]
  ] as const)("mints by %s", ([, make, query]) =>
    Effect.gen(function* () {
      assert.isDefined((yield* mintWith(make, `/oauth/v2/token${query}`)).access_token)
    }).pipe(Effect.provide(door))
  )
})

describe("the api_domain of a token", () => {
  it.effect("is the fake's own origin over TCP, so that no token leaves for the real Bigin", () =>
    Effect.gen(function* () {
      const { origin } = yield* FakeBigin.serve
      const response = yield* Effect.promise(() =>
        fetch(`${origin}/oauth/v2/token`, { method: "POST", body: new URLSearchParams(refresh) })
      )
      expect(yield* Effect.promise(() => response.json())).toMatchObject({ api_domain: origin })
    }).pipe(Effect.scoped, Effect.provideServiceEffect(FakeBigin.FakeBigin, FakeBigin.make()))
  )

  it.effect("is the name by which the client reached the server", () =>
    Effect.gen(function* () {
      const { origin } = yield* FakeBigin.serve
      const named = origin.replace("127.0.0.1", "localhost")
      const response = yield* Effect.promise(() =>
        fetch(`${named}/oauth/v2/token`, { method: "POST", body: new URLSearchParams(refresh) })
      )
      expect(yield* Effect.promise(() => response.json())).toMatchObject({ api_domain: named })
    }).pipe(Effect.scoped, Effect.provideServiceEffect(FakeBigin.FakeBigin, FakeBigin.make()))
  )

  it.effect("is Bigin's in memory", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* mint(refresh)).api_domain, "https://www.zohoapis.com")
    }).pipe(Effect.provide(memory))
  )
})

describe("what the accounts server refuses", () => {
  it.effect.each([
    [{}, "Missing: grant_type, client_id, client_secret"],
    [{ ...refresh, refresh_token: "" }, "Missing: refresh_token"],
    [{ ...refresh, client_id: "" }, "Missing: client_id"],
    [{ ...refresh, grant_type: "authorization_code" }, "Missing: code"],
    [{ ...refresh, grant_type: "client_credentials" }, "Missing: scope"],
    [{ ...refresh, grant_type: "password" }, "There is no such grant_type"]
  ] as const)("names what is missing or unknown: %#", ([form, error_description]) =>
    Effect.gen(function* () {
      expect(yield* mint(form)).toEqual({ status: 400, error: "invalid_request", error_description })
    }).pipe(Effect.provide(memory))
  )

  it.effect.each([
    [{ ...refresh, client_id: "1000.unknown" }, "invalid_client"],
    [{ ...refresh, client_secret: "wrong" }, "invalid_client_secret"],
    [{ ...refresh, refresh_token: "1000.revoked" }, "invalid_code"],
    [{ ...refresh, grant_type: "authorization_code", code: "1000.wrong" }, "invalid_code"]
  ] as const)("is what is wrong: %#", ([form, error]) =>
    Effect.gen(function* () {
      expect(yield* mint(form)).toEqual({ status: 200, error })
    }).pipe(Effect.provide(memory))
  )

  it.effect("is a GET", () =>
    Effect.gen(function* () {
      const query = new URLSearchParams(refresh).toString()
      expect(yield* json({ path: `/oauth/v2/token?${query}`, method: "GET" })).toMatchObject({
        error: "invalid_request"
      })
    }).pipe(Effect.provide(memory))
  )
})

describe("the grants", () => {
  it.effect("exchange a code once", () =>
    Effect.gen(function* () {
      const form = { grant_type: "authorization_code", client_id: clientId, client_secret: clientSecret, code }
      expect(yield* mint(form)).toMatchObject({ refresh_token: refreshToken })
      expect(yield* mint(form)).toMatchObject({ error: "invalid_code" })
    }).pipe(Effect.provide(memory))
  )

  it.effect.each(["ZohoBigin.modules.ALL,ZohoBigin.modules.attachments.ALL", "ZohoBigin.modules.ALL ZohoBigin.x.READ"])(
    "of client credentials grant the scopes asked for, by commas or spaces: %s",
    (scope) =>
      Effect.gen(function* () {
        expect(yield* mint({ ...refresh, grant_type: "client_credentials", scope })).toMatchObject({
          scope: scope.replace(",", " ")
        })
      }).pipe(Effect.provide(memory))
  )

  it.effect("keep fifteen tokens of a refresh token alive: the sixteenth kills the oldest", () =>
    Effect.gen(function* () {
      const tokens: Array<string | undefined> = []
      for (let count = 0; count < 16; count++) {
        tokens.push((yield* mint(refresh)).access_token)
        yield* TestClock.adjust("1 minute")
      }
      assert.deepStrictEqual(
        [yield* statusOf(tokens[0]), yield* statusOf(tokens[1]), yield* statusOf(tokens[15])],
        [401, 200, 200]
      )
    }).pipe(Effect.provide(memory))
  )
})

describe("token/revoke", () => {
  it.effect("takes back a refresh token and the access tokens that were made of it", () =>
    Effect.gen(function* () {
      const { access_token: token } = yield* mint(refresh)
      expect(yield* revoke(refreshToken)).toEqual({ status: 200 })
      assert.strictEqual(yield* statusOf(token), 401)
      expect(yield* mint(refresh)).toMatchObject({ error: "invalid_code" })
      expect(yield* revoke(refreshToken)).toEqual({ status: 400, error: "invalid_token" })
    }).pipe(Effect.provide(memory))
  )

  it.effect("takes back an access token alone, named in the query", () =>
    Effect.gen(function* () {
      const { access_token: token } = yield* mint(refresh)
      yield* mintWith((post) => post, `/oauth/v2/token/revoke?token=${token}`)
      assert.strictEqual(yield* statusOf(token), 401)
      assert.isDefined((yield* mint(refresh)).access_token)
    }).pipe(Effect.provide(memory))
  )

  it.effect("says success in its body, and names a parameter that is missing", () =>
    Effect.gen(function* () {
      expect(yield* json({ path: `/oauth/v2/token/revoke?token=${refreshToken}`, method: "POST" })).toEqual({
        status: "success"
      })
      expect(yield* revoke("")).toMatchObject({ status: 400, error_description: "Missing: token, by POST" })
    }).pipe(Effect.provide(memory))
  )

  it.effect("serves BiginAuth.revoke", () =>
    Effect.gen(function* () {
      yield* BiginAuth.revoke({ refreshToken: Redacted.make(refreshToken) })
      expect(yield* mint(refresh)).toMatchObject({ error: "invalid_code" })
    }).pipe(Effect.provide(memory))
  )
})

describe("a client of this library that names the fake's accounts server alone", () => {
  it.effect("is led to the fake, and not to the real Bigin", () =>
    Effect.gen(function* () {
      const { origin } = yield* FakeBigin.serve
      const auth = BiginAuth.layerRefreshToken({
        clientId,
        clientSecret: Redacted.make(clientSecret),
        refreshToken: Redacted.make(refreshToken),
        accountsOrigin: origin
      })
      yield* Effect.provide(deleteAttachment(Fixtures.attachment), auth)
      const fake = yield* FakeBigin.FakeBigin
      expect((yield* fake.requests).map(({ method }) => method)).toEqual(["POST", "DELETE"])
    }).pipe(
      Effect.scoped,
      Effect.provide(FetchHttpClient.layer),
      Effect.provideServiceEffect(FakeBigin.FakeBigin, FakeBigin.make())
    )
  )
})
