import { assert, describe, it } from "@effect/vitest"
import { Cause, type Console, Effect, Exit, Layer, Logger, Metric, Redacted, Schema, type Tracer } from "effect"
import { inspect } from "node:util"
import { BiginAuth, deleteAttachment, Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { clients, overTcp } from "./doors.ts"
import { recordingTracer } from "./recordingTracer.ts"

/** Printable ASCII with what every escape has to do with: a quote, a backslash, a percent sign, an ampersand. */
const secret = `1000.abc"def\\ghi%jkl&mno<pqr>.0123456789`

const each = (escape: (code: number) => string) =>
  [...secret].map((character) => escape(character.charCodeAt(0))).join("")

/** The secret as a server may give it back. */
const disguises: Readonly<Record<string, string>> = {
  plain: secret,
  "escaped as JSON": JSON.stringify(secret).slice(1, -1),
  "escaped as \\u": each((code) => `\\u${code.toString(16).padStart(4, "0")}`),
  "escaped as JSON in JSON": JSON.stringify(each((code) => `\\u${code.toString(16).padStart(4, "0")}`)).slice(1, -1),
  "escaped for a URL": encodeURIComponent(secret),
  "escaped for a URL twice": encodeURIComponent(encodeURIComponent(secret)),
  "every character escaped for a URL": each((code) => `%${code.toString(16).padStart(2, "0")}`),
  "escaped for HTML": secret
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;"),
  "every character escaped for HTML": each((code) => `&#${code};`),
  "every character escaped for HTML in hex": each((code) => `&#x${code.toString(16)};`)
}

/** JSON texts in which the secret stands as a message, a code, a key, a value. `@@` is where it goes, already escaped. */
const places: Readonly<Record<string, string>> = {
  "a message": '{"status":"error","code":"INVALID_DATA","message":"no: @@","details":{}}',
  "a code": '{"status":"error","code":"X @@","message":"no","details":{}}',
  details: '{"status":"error","code":"NO_PERMISSION","message":"no","details":{"a":[{"b":"@@"}]}}',
  "a key of details": '{"status":"error","code":"NO_PERMISSION","message":"no","details":{"x@@y":1}}',
  "a token refusal": '{"status":"error","code":"INVALID_TOKEN","message":"@@ is invalid","details":{"@@":"@@"}}',
  "a success that is none": '{"status":"success","code":"@@","message":"@@","details":{"id":"@@"}}',
  "JSON without an item": '{"error":"@@","@@":["@@"]}',
  "truncated JSON": '{"status":"error","code":"INVALID_DATA","message":"no: @@',
  "a page": "<html><title>@@</title><a href='/?t=@@'>no</a></html>",
  "a page, across the end of what is kept": `<html>${" ".repeat(490)}@@</html>`,
  "a message, across the end of what is kept": `{"status":"error","code":"INVALID_DATA","message":"${" ".repeat(4076)}@@"}`,
  "a code, across the end of what is kept": `{"status":"error","code":"${"X".repeat(236)}@@","message":"no"}`,
  "a long page full of it": `<html>${"@@".repeat(200)}${" ".repeat(10_000)}</html>`
}

const statuses = [200, 302, 400, 429, 500] as const

/** Whatever can print an error prints it here. */
const printed = (exit: Exit.Exit<unknown, Errors.DeleteAttachmentError>, spans: ReadonlyArray<Tracer.Span>) =>
  Effect.gen(function* () {
    if (!Exit.isFailure(exit)) return assert.fail("the call succeeded")
    const lines: Array<string> = []
    const show = (value: unknown) => {
      lines.push(
        String(value),
        JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? `${inner}` : inner)) ?? "",
        inspect(value, { depth: 30, showHidden: true, getters: true })
      )
    }
    const cause = exit.cause
    const error = yield* Effect.flip(exit)
    show(error)
    show(exit)
    show(cause)
    lines.push(error.message, error.stack ?? "", Cause.pretty(cause), Cause.pretty(cause, { renderErrorCause: true }))
    lines.push(JSON.stringify(Schema.encodeSync(Errors.DeleteAttachmentError)(error)))
    for (const span of spans) show(span)

    const write = (...values: ReadonlyArray<unknown>) => void values.forEach(show)
    const console = new Proxy({}, { get: () => write }) as Console.UnsafeConsole // every method writes
    const effectConsole = { unsafe: console } as Console.Console // all that a logger uses
    const log = Effect.logError("failed", error, cause).pipe(Effect.annotateLogs({ error, cause }))
    for (const logger of [Logger.jsonLogger, Logger.logfmtLogger, Logger.stringLogger, Logger.structuredLogger]) {
      yield* log.pipe(Effect.provide(Logger.replace(Logger.defaultLogger, Logger.map(logger, show))))
    }
    yield* log.pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, Logger.prettyLogger({ mode: "tty" }))),
      Effect.withConsole(effectConsole)
    )
    return { error, text: lines.join("\n") }
  })

/** Undoes whatever a printer, a server or both have done to it. */
const plain = (text: string): string =>
  text
    .replaceAll(/\\+u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/&(?:amp;)*#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll(/&(?:amp;)*#x([0-9a-f]+);/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll(/%(?:25)*([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))

const assertSilent = (text: string) => {
  // the letters and digits between the characters that escapes change
  for (const variant of [text, plain(text)]) {
    for (const part of ["1000.abc", "0123456789"]) assert.notInclude(variant, part)
  }
}

const exitOf = Effect.gen(function* () {
  const spans: Array<Tracer.Span> = []
  const exit = yield* Effect.exit(deleteAttachment(Fixtures.attachment)).pipe(
    Effect.withSpan("program"),
    Effect.provide(recordingTracer(spans))
  )
  assert.lengthOf(spans, 2)
  return yield* printed(exit, spans)
})

const inMemory = Layer.merge(FakeBigin.layer, BiginAuth.layerToken({ accessToken: Redacted.make(secret) }))

describe.each(Object.entries(places))("the token, given back in %s", (_, place) => {
  it.effect.each(Object.entries(disguises))("%s, is in nothing that prints", ([, disguise]) =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      for (const status of statuses) {
        const body = place.replaceAll("@@", disguise)
        for (const text of [body, `{"data":[${body}]}`]) {
          yield* fake.inject({ fault: FakeBigin.answerWith({ status, headers: {}, body: text }) })
          const { text: everything } = yield* exitOf
          assertSilent(everything)
        }
      }
    }).pipe(Effect.provide(inMemory))
  )
})

describe.each(Object.entries(clients))("the token that is sent over %s", (_, client) => {
  it.effect.each([
    ["given back in a page", FakeBigin.answerWith(Fixtures.html(502, secret))],
    ["a broken connection", FakeBigin.cut],
    ["an answer that breaks off", FakeBigin.breakOff],
    ["a redirect", FakeBigin.answerWith({ status: 307, headers: { location: "https://bigin.invalid" }, body: secret })]
  ] as const)("is in nothing that prints: %s", ([, fault]) =>
    Effect.gen(function* () {
      yield* (yield* FakeBigin.FakeBigin).inject({ fault })
      const { text } = yield* exitOf
      assertSilent(text)
    }).pipe(Effect.provide(overTcp(client, { accessToken: secret })))
  )

  it.effect("is in nothing that prints when nobody listens", () =>
    Effect.gen(function* () {
      const { error, text } = yield* exitOf
      assert.strictEqual(error._tag, "ConnectionFailed")
      assertSilent(text)
    }).pipe(
      Effect.provide([
        client,
        BiginAuth.layerToken({ accessToken: Redacted.make(secret), apiOrigin: "https://bigin.invalid" })
      ])
    )
  )
})

describe("a token that is malformed", () => {
  it.effect("is in nothing that prints either", () =>
    Effect.gen(function* () {
      const { error, text } = yield* exitOf
      assert.strictEqual(error._tag, "TokenRejected")
      assertSilent(text)
    }).pipe(
      Effect.provide(Layer.merge(FakeBigin.layer, BiginAuth.layerToken({ accessToken: Redacted.make(`${secret}\n`) })))
    )
  )
})

describe("both tokens of a call that was sent twice", () => {
  const first = { accessToken: Redacted.make(secret), apiOrigin: "https://www.zohoapis.com" }
  const second = { ...first, accessToken: Redacted.make("1000.second-token-of-the-call") }

  it.effect("are in nothing that prints", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.undocumented.InvalidToken) })
      yield* fake.inject({
        fault: FakeBigin.answerWith(Fixtures.errorItem(403, "NO_PERMISSION", `${secret} 1000.second-token-of-the-call`))
      })
      const { error, text } = yield* exitOf
      assert.strictEqual(error._tag, "NoPermission")
      assertSilent(text)
      assert.notInclude(text, "second-token")
    }).pipe(
      Effect.provideService(
        BiginAuth.BiginAuth,
        BiginAuth.make({ credentials: Effect.succeed(first), renew: () => Effect.succeedSome(second) })
      ),
      Effect.provide(FakeBigin.layer)
    )
  )
})

describe("the secrets of a client", () => {
  const clientSecret = secret
  const refreshToken = secret.replace("1000.abc", "2000.abc")
  const minting = BiginAuth.layerRefreshToken({
    clientId: Fixtures.client.clientId,
    clientSecret: Redacted.make(clientSecret),
    refreshToken: Redacted.make(refreshToken)
  }).pipe(
    Layer.provideMerge(
      FakeBigin.layerWith({
        clients: { [Fixtures.client.clientId]: { clientSecret, refreshTokens: { [refreshToken]: { scopes: [] } } } }
      })
    )
  )

  /** The call, with all spans, also those of the mint, which the layer makes with the tracer that it was built with, and its log. */
  const outcome = (fault: FakeBigin.Fault) =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const lines: Array<string> = []
      const recorded = Logger.replace(
        Logger.defaultLogger,
        Logger.map(Logger.structuredLogger, (entry) => void lines.push(inspect(entry, { depth: 12 })))
      )
      return yield* Effect.gen(function* () {
        const fake = yield* FakeBigin.FakeBigin
        yield* fake.inject({ fault, when: ({ url }) => url === "/oauth/v2/token" })
        const exit = yield* Effect.exit(deleteAttachment(Fixtures.attachment))
        assert.sameMembers([...new Set(spans.map(({ name }) => name.slice(0, 12)))], ["DELETE /bigi", "POST /oauth/"])
        const asked = (yield* fake.requests).map(({ url }) => url)
        const { error, text } = yield* printed(exit, spans)
        assert.match(lines.join("\n"), /Minted (an|no) access token/)
        const metrics = inspect(yield* Metric.snapshot, { depth: 12 })
        assert.include(metrics, "bigin.auth.mints")
        return { error, text: [text, ...asked, ...lines, metrics].join("\n") }
      }).pipe(Effect.provide(Layer.provideMerge(minting, Layer.merge(recordingTracer(spans), recorded))))
    })

  const assertNone = (text: string) => {
    assertSilent(text)
    assert.notInclude(plain(text), "2000.abc")
  }

  it.effect.each(Object.entries(disguises))(
    "given back by the accounts server, %s, are in nothing that prints",
    ([, disguise]) =>
      Effect.gen(function* () {
        for (const echo of [disguise, disguise.replaceAll("1000", "2000")]) {
          for (const status of [200, 400, 500]) {
            for (const body of [
              `{"error":"${echo}"}`,
              `<html>${echo}</html>`,
              `{"access_token":"${echo} ","expires_in":9}`
            ]) {
              const { text } = yield* outcome(FakeBigin.answerWith({ status, headers: {}, body }))
              assertNone(text)
            }
          }
        }
      })
  )

  it.effect.each([
    ["a broken connection", FakeBigin.cut],
    [
      "a redirect that repeats them",
      FakeBigin.answerWith({ status: 302, headers: { location: `https://x/?${secret}` }, body: "" })
    ],
    [
      "a host that repeats them",
      FakeBigin.answerWith(Fixtures.json(200, { access_token: "1", api_domain: `https://${secret}` }))
    ]
  ] as const)("are in nothing that prints: %s", ([, fault]) =>
    Effect.gen(function* () {
      assertNone((yield* outcome(fault)).text)
    })
  )

  it.effect("nor is the token that was minted and refused", () =>
    Effect.gen(function* () {
      const { error, text } = yield* outcome(
        FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.abc0123456789", expires_in: 3600 }))
      )
      // the second token is minted as ever, and has no scope
      assert.strictEqual(error._tag, "OAuthScopeMismatch")
      assertNone(text)
    })
  )
})

describe("the check of this file", () => {
  it.effect("can fail: an error that holds the token is found out", () =>
    Effect.gen(function* () {
      const leak = new Errors.TokenRejected({ reason: `refused ${secret}` })
      const { text } = yield* printed(Exit.fail(leak), [])
      assert.throws(() => assertSilent(text))
    })
  )
})
