/** What the accounts server may answer, and what that means: a token, a person must act, it passes, or it is a throttle. */
import { assert, describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Layer, Redacted } from "effect"
import { BiginAuth } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"

const client = {
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
}

/** How the first call of a layer ends that was answered so. */
const first = (reply: Fixtures.Reply) =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.FakeBigin
    yield* fake.inject({ fault: FakeBigin.answerWith(reply) })
    return yield* Effect.either(Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials))
  }).pipe(Effect.provide(Layer.provideMerge(BiginAuth.layerRefreshToken(client), FakeBigin.layer)))

type Meaning = "a token" | "rejected" | "throttled" | "passes"

const meaningOf = (reply: Fixtures.Reply) =>
  Effect.map(first(reply), (outcome): Meaning => {
    if (outcome._tag === "Right") return "a token"
    if (outcome.left._tag === "TokenRejected") return "rejected"
    // nobody asks before that: ten minutes after a throttle, a second after another failure
    const wait = Duration.toMillis(outcome.left.retryAfter ?? 0)
    assert.include([1_000, 600_000], wait)
    return wait === 1_000 ? "passes" : "throttled"
  })

const { html, json } = Fixtures
const bytes = (body: Uint8Array, coding: string, status = 200): Fixtures.Reply => ({
  status,
  headers: { "content-type": "application/json", "content-encoding": coding },
  body
})
const text = (status: number, body: string): Fixtures.Reply => ({ status, headers: {}, body })

const token = { access_token: "1000.given", expires_in: 3600 }
const described = { error_description: "The words of somebody who knows." }
const written = JSON.stringify(token)
const encoded = new TextEncoder().encode(written)

type Row = readonly [what: string, reply: Fixtures.Reply, meaning: Meaning]

const known = [
  "invalid_client",
  "invalid_client_secret",
  "invalid_code",
  "invalid_grant",
  "access_denied",
  "unauthorized_client",
  "invalid_scope",
  "invalid_request",
  "unsupported_grant_type"
]
const passing = ["server_error", "temporarily_unavailable", "general_error"]
const throttling = ["slow_down", "too_many_requests"]
const denials = [
  "Access Denied",
  "access denied",
  "Zugriff verweigert",
  "Accès refusé",
  "Acceso denegado",
  "アクセスが拒否されました",
  "访问被拒绝"
]

/** Under each of the statuses, with a description and without. */
const codes = (errors: ReadonlyArray<string>, statuses: ReadonlyArray<number>, meaning: Meaning): ReadonlyArray<Row> =>
  errors.flatMap((error) =>
    statuses.flatMap((status): ReadonlyArray<Row> => [
      [`${error} under ${status}`, json(status, { error }), meaning],
      [`${error} under ${status}, with a description`, json(status, { error, ...described }), meaning]
    ])
  )

const rows: ReadonlyArray<Row> = [
  ...codes(known, [200, 400, 401, 500], "rejected"),
  ...codes(passing, [200, 400, 401, 503], "passes"),
  ...codes(throttling, [200, 400, 401, 503], "throttled"),
  ...codes(denials, [200, 400], "throttled"),
  ...codes(["Access Denied", "Unauthorized"], [401, 403, 500], "passes"),
  ...codes(["an_error_of_tomorrow"], [200, 400, 401], "rejected"),
  ...codes(["an_error_of_tomorrow", "not_found"], [403, 404, 500, 503], "passes"),

  // throttles
  ["Zoho's throttle", Fixtures.tokenThrottle, "throttled"],
  ["a failure without an error", json(400, { status: "failure" }), "throttled"],
  ["a failure without an error under 200", json(200, { status: "failure", ...described }), "throttled"],
  ["a failure with a code that is known", json(400, { status: "failure", error: "invalid_code" }), "rejected"],
  ["a failure with a code that passes", json(400, { status: "failure", error: "general_error" }), "passes"],
  ["a failure with another code", json(400, { status: "failure", error: "an_error_of_tomorrow" }), "throttled"],
  ["a failure under 401", json(401, { status: "failure" }), "passes"],
  ["429 in HTML", html(429, "Too Many Requests"), "throttled"],
  ["429 without a body", text(429, ""), "throttled"],
  ["429 with a code", json(429, { error: "invalid_client" }), "throttled"],
  ["429 with a token", json(429, token), "throttled"],
  ["a code in capitals", json(400, { error: "INVALID_CLIENT" }), "throttled"],

  // gateways
  ["502 in HTML", html(502, "Bad Gateway"), "passes"],
  ["503 in JSON", json(503, { status: 503, error: "Service Unavailable" }), "passes"],
  ["504 without a body", text(504, ""), "passes"],
  ["403 in HTML", html(403, "Forbidden"), "passes"],
  ["404 in HTML", html(404, "Not Found"), "passes"],
  ["408 in HTML", html(408, "Request Timeout"), "passes"],
  ["407 in HTML", html(407, "Proxy Authentication Required"), "passes"],
  ["400 in HTML", html(400, "Bad Request"), "passes"],
  ["401 in HTML", html(401, "Unauthorized"), "passes"],
  ["a page to log in", html(200, "Log in to the hotel's network"), "passes"],
  ["a redirect", { status: 302, headers: { location: "https://evil.invalid" }, body: "" }, "passes"],
  ["a redirect that holds a token", json(307, token, { location: "https://evil.invalid" }), "passes"],
  ["nothing", text(204, ""), "passes"],

  // what is no JSON
  ["an empty body", text(200, ""), "passes"],
  ["half a token", text(200, written.slice(0, 20)), "passes"],
  ["a token and more", text(200, `${written}}`), "passes"],
  ["a token after a BOM", text(200, `\uFEFF${written}`), "a token"],
  ["an error after a BOM", text(400, '\uFEFF{"error":"invalid_code"}'), "rejected"],
  ["a token in quotes", json(200, written), "passes"],
  ["an array", json(200, [token]), "passes"],
  ["null", json(200, null), "passes"],
  ["JSON that nests too deep", text(200, "[".repeat(100_000)), "passes"],
  ["bytes that are no UTF-8", { status: 200, headers: {}, body: Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d) }, "passes"],
  ["a token of a prototype", text(200, `{"__proto__":${written}}`), "passes"],

  // codings and lengths
  ["a token in gzip", bytes(gzipSync(encoded), "gzip"), "a token"],
  ["a token in deflate", bytes(deflateSync(encoded), "deflate"), "a token"],
  ["a token in brotli", bytes(brotliCompressSync(encoded), "br"), "passes"],
  ["a token said to be in gzip", bytes(encoded, "gzip"), "a token"],
  ["an error in gzip", bytes(gzipSync('{"error":"invalid_client"}'), "gzip", 400), "rejected"],
  ["a token and almost a mebibyte", json(200, { ...token, more: "a".repeat(1_048_000) }), "a token"],
  ["a token and more than a mebibyte", json(200, { ...token, more: "a".repeat(1_048_576) }), "passes"],
  ["a page without an end", text(200, "a".repeat(4_000_000)), "passes"],
  ["an error and more than a mebibyte", json(400, { error: "invalid_code", more: "a".repeat(1_048_576) }), "passes"],

  // odd types
  ...[null, 5, true, {}, [], ""].flatMap((odd): ReadonlyArray<Row> => [
    [`error: ${JSON.stringify(odd)}`, json(200, { error: odd }), "passes"],
    [`a token and error: ${JSON.stringify(odd)}`, json(200, { ...token, error: odd }), "a token"],
    [`access_token: ${JSON.stringify(odd)}`, json(200, { ...token, access_token: odd }), "passes"],
    [`scope: ${JSON.stringify(odd)}`, json(200, { ...token, scope: odd }), "a token"],
    [`api_domain: ${JSON.stringify(odd)}`, json(200, { ...token, api_domain: odd }), "a token"],
    [`status: ${JSON.stringify(odd)}`, json(200, { ...token, status: odd }), "a token"],
    [
      `error_description: ${JSON.stringify(odd)}`,
      json(400, { error: "invalid_code", error_description: odd }),
      "rejected"
    ]
  ]),
  ...[null, true, {}, [], "", " ", "soon", "Infinity"].map((odd): Row => [
    `expires_in: ${JSON.stringify(odd)}`,
    json(200, { ...token, expires_in: odd }),
    "a token"
  ]),
  ["no expires_in", json(200, { access_token: "1000.given" }), "a token"],
  ["expires_in that no number holds", text(200, '{"access_token":"1000.given","expires_in":1e999}'), "a token"],
  ...[0, -5, "0", -1e300].flatMap((none): ReadonlyArray<Row> => [
    [`expires_in: ${JSON.stringify(none)}`, json(200, { ...token, expires_in: none }), "passes"],
    [`expires_in_sec: ${JSON.stringify(none)}`, json(200, { ...token, expires_in_sec: none }), "passes"]
  ]),

  // tokens that are of no use
  ["a token with a space", json(200, { ...token, access_token: "two words" }), "rejected"],
  ["a token with a line break", json(200, { ...token, access_token: "1000.given\n" }), "rejected"],
  ["a token of a foreign host", json(200, { ...token, api_domain: "https://evil.example" }), "rejected"],
  ["a token and an error", json(200, { ...token, error: "invalid_code" }), "rejected"],
  ["a token under 400", json(400, token), "passes"],
  ["a token under 201", json(201, token), "a token"]
]

describe("a reply of the accounts server", () => {
  it.effect.each(rows)("%s", ([, reply, meaning]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* meaningOf(reply), meaning)
    })
  )

  it.effect("is waited for as long as its Retry-After says, an hour at most", () =>
    Effect.gen(function* () {
      const waits = yield* Effect.forEach(["0", "30", "7200", "soon"], (retryAfter) =>
        Effect.flip(Effect.flatten(first({ ...html(503, "down"), headers: { "retry-after": retryAfter } })))
      )
      expect(waits).toMatchObject([1, 30, 3600, 1].map((seconds) => ({ retryAfter: Duration.seconds(seconds) })))
    })
  )

  it.effect("that throttles is waited for as long as its Retry-After says, and never for no time", () =>
    Effect.gen(function* () {
      const waits = yield* Effect.forEach(["0", "30", "7200", "soon"], (retryAfter) =>
        Effect.flip(Effect.flatten(first({ ...Fixtures.tokenThrottle, headers: { "retry-after": retryAfter } })))
      )
      expect(waits).toMatchObject([1, 30, 7200, 600].map((seconds) => ({ retryAfter: Duration.seconds(seconds) })))
    })
  )

  it.effect("has its description told behind the code, cut, and without a secret", () =>
    Effect.gen(function* () {
      const echo = `of ${Fixtures.client.refreshToken} with ${Fixtures.client.clientSecret}`
      const { reason } = yield* Effect.flip(
        Effect.flatten(first(json(400, { error: "invalid_code", error_description: `${echo}${"a".repeat(1_000)}` })))
      )
      assert.match(reason, /^Zoho says "invalid_code" \(of <secret> with <secret>a{200,}\): /)
      assert.isAtMost(reason.indexOf("): ") - reason.indexOf("("), 257)
    })
  )
})
