import { HttpClient, HttpClientError } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Redacted, TestClock } from "effect"
import { inspect } from "node:util"
import { BiginAuth, DataCenter, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const client = { clientId: Fixtures.client.clientId, clientSecret: Redacted.make(Fixtures.client.clientSecret) }
const redirectUri = "https://app.example/callback"

describe("authorizationUrl", () => {
  const asked = {
    clientId: "1000.client",
    redirectUri,
    scopes: Scopes.missing(Scopes.deleteAttachment("Contacts"), []),
    state: "a state"
  }
  const read = (options: Partial<Parameters<typeof BiginAuth.authorizationUrl>[0]> = {}) => {
    const { origin, pathname, searchParams } = new URL(BiginAuth.authorizationUrl({ ...asked, ...options }))
    return { at: origin + pathname, parameters: Object.fromEntries(searchParams) }
  }

  it("asks for offline access and consent, and joins the scopes with commas", () => {
    expect(read()).toEqual({
      at: "https://accounts.zoho.com/oauth/v2/auth",
      parameters: {
        response_type: "code",
        client_id: "1000.client",
        redirect_uri: redirectUri,
        scope: "ZohoBigin.modules.contacts.DELETE,ZohoBigin.modules.attachments.DELETE",
        state: "a state",
        access_type: "offline",
        prompt: "consent"
      }
    })
  })

  it("takes another kind of access, another prompt, and none", () => {
    expect(read({ accessType: "online", prompt: "select_account" }).parameters).toMatchObject({
      access_type: "online",
      prompt: "select_account"
    })
    assert.notProperty(read({ prompt: "" }).parameters, "prompt")
  })

  it("says S256 of a code challenge", () => {
    expect(read({ codeChallenge: "E9Melhoa2Ow" }).parameters).toMatchObject({
      code_challenge: "E9Melhoa2Ow",
      code_challenge_method: "S256"
    })
  })

  it("asks in the data centre that is named, or at a test server", () => {
    assert.strictEqual(read({ dataCenter: "in" }).at, "https://accounts.zoho.in/oauth/v2/auth")
    assert.strictEqual(
      read({ dataCenter: "in", accountsOrigin: "http://127.0.0.1:1/" }).at,
      "http://127.0.0.1:1/oauth/v2/auth"
    )
  })

  it.each(["a&b=c#d", "ü 💶 +%", "\n"])("keeps any state whole: %j", (state) => {
    assert.strictEqual(read({ state }).parameters["state"], state)
  })

  it("does not throw on half of a character", () => {
    assert.include(BiginAuth.authorizationUrl({ ...asked, state: "\uD83D" }), "state=%EF%BF%BD")
  })
})

const state = "state-0123456789"
const code = "1000.code-of-the-redirect"

const redirect = (parameters: Record<string, string>) => `${redirectUri}?${new URLSearchParams(parameters)}`

describe("readRedirect", () => {
  it.effect("gives the code, and the accounts server where the URL names one of Zoho's", () =>
    Effect.gen(function* () {
      expect(yield* BiginAuth.readRedirect(redirect({ state, code }), { state })).toEqual({
        code: Redacted.make(code)
      })
      for (const { accounts } of Object.values(DataCenter.origins)) {
        for (const named of [accounts, `${accounts}/`, accounts.toUpperCase()]) {
          const url = redirect({ state, code, location: "eu", "accounts-server": named })
          expect(yield* BiginAuth.readRedirect(url, { state })).toEqual({
            code: Redacted.make(code),
            accountsOrigin: accounts
          })
        }
      }
    })
  )

  it.effect.each([
    ["a URL", new URL(redirect({ state, code }))],
    ["a path, as servers are told it", `/callback?state=${state}&code=${code}`],
    ["a scheme of an application's own", `app.example:/callback?state=${state}&code=${code}`],
    ["a URL with a fragment", `${redirect({ state, code })}#code=other&state=other`]
  ] as const)("reads %s", ([, url]) =>
    Effect.gen(function* () {
      assert.strictEqual(Redacted.value((yield* BiginAuth.readRedirect(url, { state })).code), code)
    })
  )

  /** The reason, and that nothing which prints the error prints the code. */
  const reasonOf = (url: string | URL, expected = state) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(BiginAuth.readRedirect(url, { state: expected }))
      assert.notInclude(`${JSON.stringify(exit)} ${inspect(exit, { depth: 9 })}`, code)
      const error = yield* Effect.flip(exit)
      assert.strictEqual(error._tag, "TokenRejected")
      return error.reason
    })

  it.effect.each([
    ["another state", { state: "state-9876543210", code }],
    ["another state and an error", { state: "state-9876543210", error: "access_denied" }],
    ["an empty state", { state: "", code }],
    ["an empty state and an error", { state: "", error: "access_denied" }],
    ["no state", { code }],
    ["the beginning of the state", { state: "state", code }],
    ["the state in other letter case", { state: state.toUpperCase(), code }]
  ] as const)("rejects %s", ([, parameters]) =>
    Effect.gen(function* () {
      assert.include(yield* reasonOf(redirect(parameters)), "state")
    })
  )

  it.effect("rejects all where no state was sent", () =>
    Effect.gen(function* () {
      assert.include(yield* reasonOf(redirect({ state: "", code }), ""), "state")
      assert.include(yield* reasonOf(redirect({ code }), ""), "state")
    })
  )

  it.effect.each([
    "https://accounts.zoho.com.evil.example",
    "https://evil.example",
    "http://accounts.zoho.com",
    "https://accounts.zoho.com:8443",
    "https://accounts.zoho.com/oauth",
    "https://accounts.zoho.com@evil.example",
    "https://www.zohoapis.com",
    "accounts.zoho.com",
    ""
  ])("rejects the accounts server %j", (server) =>
    Effect.gen(function* () {
      assert.include(yield* reasonOf(redirect({ state, code, "accounts-server": server })), "accounts server")
    })
  )

  it.effect.each([
    ["the user's refusal", { state, error: "access_denied" }, 'Zoho says "access_denied": the user refused'],
    ["a refusal without a state", { error: "access_denied" }, 'Zoho says "access_denied"'],
    ["an error that repeats the state", { state, error: `no ${state}` }, 'Zoho says "no <secret>"'],
    ["an error with the code", { state, error: code, code }, "both an error and a code"],
    ["no code", { state }, "no code"],
    ["an empty code", { state, code: "" }, "no code"]
  ] as const)("rejects %s", ([, parameters, words]) =>
    Effect.gen(function* () {
      assert.include(yield* reasonOf(redirect(parameters)), words)
    })
  )

  it.effect("cuts a long error", () =>
    Effect.gen(function* () {
      const reason = yield* reasonOf(redirect({ state, error: "x".repeat(10_000) }))
      assert.include(reason, "x".repeat(64))
      assert.isBelow(reason.length, 100)
    })
  )

  it.effect.each(["code", "state", "error", "accounts-server"])("rejects %s that is given twice", (name) =>
    Effect.gen(function* () {
      const both = new URLSearchParams({ state, code, "accounts-server": "https://accounts.zoho.eu", error: "" })
      both.append(name, both.get(name) ?? "")
      assert.include(yield* reasonOf(`${redirectUri}?${both}`), "twice")
    })
  )

  it.effect.each(["", "nonsense", "http://", "https://[", "//", "?", "\0", `data:,state=${state}&code=${code}`])(
    "rejects nonsense: %j",
    (url) => reasonOf(url)
  )
})

describe("exchangeGrantCode", () => {
  const formOf = (options: Partial<Parameters<typeof BiginAuth.exchangeGrantCode>[0]>) =>
    Effect.gen(function* () {
      yield* BiginAuth.exchangeGrantCode({ ...client, code: Redacted.make(Fixtures.client.code), ...options })
      const [request] = yield* (yield* FakeBigin.FakeBigin).requests
      assert.strictEqual(request?.url, "/oauth/v2/token")
      return Object.fromEntries(new URLSearchParams(request?.body))
    }).pipe(Effect.provide(FakeBigin.layer))

  const form = {
    grant_type: "authorization_code",
    client_id: Fixtures.client.clientId,
    client_secret: Fixtures.client.clientSecret,
    code: Fixtures.client.code
  }

  it.effect("sends the redirect URI and the code verifier in the form, where they are given", () =>
    Effect.gen(function* () {
      expect(yield* formOf({})).toEqual(form)
      expect(yield* formOf({ redirectUri, codeVerifier: Redacted.make("verifier") })).toEqual({
        ...form,
        redirect_uri: redirectUri,
        code_verifier: "verifier"
      })
    })
  )

  it.effect("takes what readRedirect gives as it is, and asks the accounts server that it names", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const http = HttpClient.make((request) => {
        asked.push(request.url)
        return Effect.fail(new HttpClientError.RequestError({ request, reason: "InvalidUrl" }))
      })
      const url = redirect({ state, code, "accounts-server": "https://accounts.zoho.jp" })
      const error = yield* BiginAuth.readRedirect(url, { state }).pipe(
        Effect.flatMap((given) => BiginAuth.exchangeGrantCode({ ...client, ...given, redirectUri })),
        Effect.provideService(HttpClient.HttpClient, http),
        Effect.flip
      )
      assert.strictEqual(error._tag, "TokenUnreachable")
      assert.deepStrictEqual(asked, ["https://accounts.zoho.jp/oauth/v2/token"])
    })
  )

  it.effect("has no code verifier in its error, though the server repeats it", () =>
    Effect.gen(function* () {
      const codeVerifier = "verifier-0123456789"
      yield* (yield* FakeBigin.FakeBigin).inject({
        fault: FakeBigin.answerWith(Fixtures.json(400, { error: "invalid_request", error_description: codeVerifier }))
      })
      const error = yield* Effect.flip(
        BiginAuth.exchangeGrantCode({
          ...client,
          code: Redacted.make(code),
          codeVerifier: Redacted.make(codeVerifier)
        })
      )
      assert.include(error.reason, "<secret>")
      assert.notInclude(inspect(error, { depth: 9 }), codeVerifier)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("revoke", () => {
  const refreshToken = "1000.refresh-0123456789"
  const revoke = BiginAuth.revoke({ refreshToken: Redacted.make(refreshToken) })

  const answered = (fault: FakeBigin.Fault) =>
    Effect.gen(function* () {
      yield* (yield* FakeBigin.FakeBigin).inject({ fault })
      return yield* Effect.either(revoke)
    }).pipe(Effect.provide(FakeBigin.layer))

  const done = Fixtures.json(200, { status: "success" })

  it.effect("sends the token in the body, with nothing in the URL", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(done) })
      assert.isUndefined(yield* revoke)
      const requests = yield* fake.requests
      assert.lengthOf(requests, 1)
      expect(requests[0]).toMatchObject({
        method: "POST",
        url: "/oauth/v2/token/revoke",
        body: `token=${refreshToken}`,
        headers: { "content-type": "application/x-www-form-urlencoded" }
      })
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each([
    [{ dataCenter: "au" }, "https://accounts.zoho.com.au"],
    [{}, "https://accounts.zoho.com"],
    [{ dataCenter: "au", accountsOrigin: "http://127.0.0.1:1/" }, "http://127.0.0.1:1"]
  ] as const)("asks the accounts server of %j", ([where, origin]) =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const http = HttpClient.make((request) => {
        asked.push(request.url)
        return Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport" }))
      })
      const error = yield* BiginAuth.revoke({ refreshToken: Redacted.make(refreshToken), ...where }).pipe(
        Effect.provideService(HttpClient.HttpClient, http),
        Effect.flip
      )
      assert.strictEqual(error._tag, "TokenUnreachable")
      assert.deepStrictEqual(asked, [`${origin}/oauth/v2/token/revoke`])
    })
  )

  it.effect.each([
    ["400 with nothing", { status: 400, headers: {}, body: "" }],
    ["400 with HTML", Fixtures.html(400, "no")],
    ["400 with a success", Fixtures.json(400, { status: "success" })],
    ["400 with a failure", Fixtures.json(400, { status: "failure" })],
    ["400 with a throttle's words", Fixtures.tokenThrottle],
    ["400 with a code", Fixtures.json(400, { error: "invalid_token" })],
    ["200 with a code", Fixtures.json(200, { error: "invalid_code" })],
    ["401 with a code", Fixtures.json(401, { error: "invalid_client" })],
    ["200 with a success and a code", Fixtures.json(200, { status: "success", error: "invalid_token" })]
  ] as const)("%s is TokenRejected", ([, reply]) =>
    Effect.gen(function* () {
      expect(yield* answered(FakeBigin.answerWith(reply))).toMatchObject({ left: { _tag: "TokenRejected" } })
    })
  )

  it.effect.each([
    ["200 with nothing", FakeBigin.answerWith({ status: 200, headers: {}, body: "" })],
    ["200 with HTML", FakeBigin.answerWith(Fixtures.html(200, "log in"))],
    ["200 with a failure", FakeBigin.answerWith(Fixtures.json(200, { status: "failure" }))],
    ["204", FakeBigin.answerWith({ status: 204, headers: {}, body: "" })],
    ["a redirect", FakeBigin.answerWith({ status: 307, headers: { location: "https://evil.invalid" }, body: "" })],
    ["404", FakeBigin.answerWith(Fixtures.html(404, "not found"))],
    ["500 with a success", FakeBigin.answerWith(Fixtures.json(500, { status: "success" }))],
    ["a failure that passes", FakeBigin.answerWith(Fixtures.json(200, { error: "server_error" }))],
    ["half of the answer", FakeBigin.breakOff],
    ["a reset", FakeBigin.cut]
  ] as const)("%s is TokenUnreachable", ([, fault]) =>
    Effect.gen(function* () {
      expect(yield* answered(fault)).toMatchObject({ left: { _tag: "TokenUnreachable" } })
    })
  )

  it.effect.each([
    [429, ""],
    [503, ""],
    [200, '{"error":"slow_down"}']
  ] as const)("%i with Retry-After says how long to wait: %s", ([status, body]) =>
    Effect.gen(function* () {
      const reply = { status, headers: { "retry-after": "30" }, body }
      expect(yield* answered(FakeBigin.answerWith(reply))).toMatchObject({
        left: { _tag: "TokenUnreachable", retryAfter: Duration.seconds(30) }
      })
    })
  )

  it.effect("says within 30 seconds that no answer came", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(answered(FakeBigin.delay("1 hour")))
      yield* TestClock.adjust("30 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ left: { _tag: "TokenUnreachable" } })
    })
  )

  it.effect("has no token in its error, though the server repeats it", () =>
    Effect.gen(function* () {
      for (const status of [200, 400, 401, 500]) {
        for (const error of ["invalid_token", `no ${refreshToken}`, "server_error"]) {
          const reply = Fixtures.json(status, { error, error_description: `${refreshToken} is unknown` })
          const exit = yield* answered(FakeBigin.answerWith(reply))
          assert.strictEqual(exit._tag, "Left")
          assert.notInclude(`${JSON.stringify(exit)} ${inspect(exit, { depth: 9 })}`, refreshToken)
        }
      }
    })
  )

  it.effect("sends nothing to an accounts origin that is none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        BiginAuth.revoke({
          refreshToken: Redacted.make(refreshToken),
          accountsOrigin: "https://accounts.zoho.com@evil.example"
        })
      )
      assert.strictEqual(error._tag, "TokenRejected")
      assert.lengthOf(yield* (yield* FakeBigin.FakeBigin).requests, 0)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})
