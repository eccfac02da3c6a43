import { HttpClient, KeyValueStore } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Logger, Redacted, TestClock } from "effect"
import { BiginAuth, deleteAttachment, Errors, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

/** A vault that counts how often it is asked, and gives another token each time unless told otherwise. */
class Vault extends Context.Tag("Vault")<
  Vault,
  {
    asked: number
    given: Partial<BiginAuth.SourceToken>
    answer: <A, E>(token: Effect.Effect<A, E>) => Effect.Effect<A, E | Errors.TokenRejected | Errors.TokenUnreachable>
  }
>() {
  static readonly layer = Layer.sync(Vault, () => ({ asked: 0, given: {}, answer: (token) => token }))
}

const mint = Effect.flatMap(Vault, (vault) =>
  vault.answer(
    Effect.sync((): BiginAuth.SourceToken => {
      vault.asked += 1
      return {
        accessToken: Redacted.make(`1000.of-the-vault-${vault.asked}`),
        apiOrigin: "https://www.zohoapis.eu",
        expiresIn: "1 hour",
        ...vault.given
      }
    })
  )
)

/** It needs what the mint needs, and nothing else. */
const auth: Layer.Layer<BiginAuth.BiginAuth, never, Vault> = BiginAuth.layerTokenSource({ mint })

const credentials = Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)
const token = Effect.map(credentials, ({ accessToken }) => Redacted.value(accessToken))
const asked = Effect.map(Vault, (vault) => vault.asked)

const live = Layer.provideMerge(auth, Vault.layer)

describe("a source of one's own", () => {
  it.effect("gives credentials as it says, and is asked once for all callers", () =>
    Effect.gen(function* () {
      const all = yield* Effect.all(
        Array.from({ length: 1000 }, () => credentials),
        { concurrency: "unbounded" }
      )
      expect(all[999]).toEqual({
        accessToken: Redacted.make("1000.of-the-vault-1"),
        apiOrigin: "https://www.zohoapis.eu"
      })
      assert.strictEqual(yield* asked, 1)
    }).pipe(Effect.provide(live))
  )

  it.effect("is not asked before a call needs it", () =>
    Effect.gen(function* () {
      yield* BiginAuth.BiginAuth
      assert.strictEqual(yield* asked, 0)
    }).pipe(Effect.provide(live))
  )

  it.effect("is asked once though the caller that began it gives up", () =>
    Effect.gen(function* () {
      const vault = yield* Vault
      vault.answer = Effect.delay("10 seconds")
      const first = yield* Effect.fork(token)
      yield* TestClock.adjust("1 second")
      const second = yield* Effect.fork(token)
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(yield* Fiber.join(second), "1000.of-the-vault-1")
      assert.strictEqual(vault.asked, 1)
    }).pipe(Effect.provide(live))
  )

  it.effect("is asked aside shortly before the token dies: nobody waits", () =>
    Effect.gen(function* () {
      const vault = yield* Vault
      yield* token
      vault.answer = Effect.delay("20 seconds")
      yield* TestClock.adjust("56 minutes")
      assert.strictEqual(yield* token, "1000.of-the-vault-1")
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* token, "1000.of-the-vault-2")
    }).pipe(Effect.provide(live))
  )

  it.effect("is asked for another where Bigin refuses the token, and the call is sent once more", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const vault = yield* Vault
      yield* token
      vault.given = { accessToken: Redacted.make(Fixtures.accessTokens.administrator) }
      expect(yield* deleteAttachment(Fixtures.attachment)).toEqual(Fixtures.attachment)
      assert.deepStrictEqual([vault.asked, (yield* fake.requests).length], [2, 2])
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, live)))
  )

  it.effect("may have a scope: it ends with each mint", () =>
    Effect.gen(function* () {
      const ended: Array<number> = []
      const scoped = Effect.zipRight(
        Effect.addFinalizer(() => Effect.sync(() => void ended.push(1))),
        mint
      )
      const auth: Layer.Layer<BiginAuth.BiginAuth, never, Vault> = BiginAuth.layerTokenSource({ mint: scoped })
      yield* Effect.gen(function* () {
        yield* token
        assert.lengthOf(ended, 1)
      }).pipe(Effect.provide(auth))
      assert.lengthOf(ended, 1)
    }).pipe(Effect.provide(Vault.layer))
  )

  it.effect("that gives nothing within 30 seconds is interrupted: TokenUnreachable", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const vault = yield* Vault
      vault.answer = () => Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      const fiber = yield* Effect.fork(Effect.flip(token))
      yield* TestClock.adjust("30 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({
        _tag: "TokenUnreachable",
        reason: "the token source gave nothing within 30s"
      })
      yield* Deferred.await(interrupted)
    }).pipe(Effect.provide(live))
  )

  it.effect("that rejects is not asked again within a minute", () =>
    Effect.gen(function* () {
      const vault = yield* Vault
      const rejection = new Errors.TokenRejected({ reason: "the vault is sealed" })
      vault.answer = (token) => Effect.zipRight(token, Effect.fail(rejection))
      for (let second = 0; second < 60; second++) {
        expect(yield* Effect.flip(token)).toEqual(rejection)
        yield* TestClock.adjust("1 second")
      }
      assert.strictEqual(vault.asked, 1)
      vault.answer = (token) => token
      yield* token
    }).pipe(Effect.provide(live))
  )

  it.effect("that cannot be reached is not asked before the time that it names", () =>
    Effect.gen(function* () {
      const vault = yield* Vault
      vault.answer = () =>
        Effect.fail(new Errors.TokenUnreachable({ reason: "sealed", retryAfter: Duration.minutes(20) }))
      yield* Effect.flip(token)
      vault.answer = (token) => token
      yield* TestClock.adjust("19 minutes")
      expect(yield* Effect.flip(token)).toMatchObject({ reason: "sealed", retryAfter: Duration.minutes(1) })
      yield* TestClock.adjust("1 minute")
      yield* token
    }).pipe(Effect.provide(live))
  )

  it.effect("that dies does so for the caller, and is asked again by the next", () =>
    Effect.gen(function* () {
      const vault = yield* Vault
      vault.answer = () => Effect.die("a bug of the vault's")
      assert.isTrue(Exit.isFailure(yield* Effect.exit(token)))
      vault.answer = (token) => token
      assert.strictEqual(yield* token, "1000.of-the-vault-1")
    }).pipe(Effect.provide(live))
  )
})

/** Neither a call nor a warning: what it logs above Info. */
const failingWith = (given: Partial<BiginAuth.SourceToken>) =>
  Effect.gen(function* () {
    const warnings: Array<unknown> = []
    const recorded = Logger.make(({ logLevel, message }) => {
      if (logLevel.label !== "INFO") warnings.push(message)
    })
    const store = yield* KeyValueStore.KeyValueStore
    const vault = yield* Vault
    vault.given = given
    const auth = BiginAuth.layerTokenSource({ mint, store: { store, key: "a grant" } })
    const error = yield* deleteAttachment(Fixtures.attachment).pipe(
      Effect.flip,
      Effect.provide(Layer.provideMerge(auth, Logger.replace(Logger.defaultLogger, recorded)))
    )
    assert.lengthOf(yield* (yield* FakeBigin.FakeBigin).requests, 0)
    assert.deepStrictEqual(warnings, [])
    return error
  }).pipe(Effect.provide([FakeBigin.layer, Vault.layer, KeyValueStore.layerMemory]))

describe("what a source gives", () => {
  it.effect.each([
    ["a token of two words", { accessToken: Redacted.make("two words") }],
    ["a token with a prefix", { accessToken: Redacted.make("Bearer 1000.abc") }],
    ["an empty token", { accessToken: Redacted.make("") }],
    ["an origin with a path", { apiOrigin: "https://www.zohoapis.eu/bigin" }],
    ["an origin without a scheme", { apiOrigin: "www.zohoapis.eu" }],
    ["no origin", { apiOrigin: "" }]
  ] as const)("is TokenRejected where it is %s", ([, given]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failingWith(given))._tag, "TokenRejected")
    })
  )

  it.effect.each([0, -1, Number.NaN, "0 seconds", "-5 minutes", Duration.zero, "soon" as "1 second"] as const)(
    "is TokenUnreachable where it expires in %s",
    (expiresIn) =>
      Effect.gen(function* () {
        expect(yield* failingWith({ expiresIn })).toMatchObject({
          _tag: "TokenUnreachable",
          reason: "the token source gave a token that has expired already"
        })
      })
  )

  it.effect("counts its life from before the mint", () =>
    Effect.gen(function* () {
      const vault = yield* Vault
      vault.given = { expiresIn: "10 seconds" }
      vault.answer = Effect.delay("10 seconds")
      const fiber = yield* Effect.fork(Effect.flip(token))
      yield* TestClock.adjust("10 seconds")
      assert.include((yield* Fiber.join(fiber)).reason, "expired already")
    }).pipe(Effect.provide(live))
  )

  it.effect.each([Number.POSITIVE_INFINITY, Duration.infinity, "365 days"] as const)(
    "is believed for a day where it expires in %s",
    (expiresIn) =>
      Effect.gen(function* () {
        const vault = yield* Vault
        vault.given = { expiresIn }
        yield* token
        yield* TestClock.adjust("23 hours")
        assert.strictEqual(yield* token, "1000.of-the-vault-1")
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(yield* token, "1000.of-the-vault-2")
      }).pipe(Effect.provide(live))
  )

  it.effect("tells Scopes.ensure what was granted, before what the caller claims", () =>
    Effect.gen(function* () {
      const vault = yield* Vault
      const granted = Effect.provide(
        Effect.map(credentials, ({ scopes }) => scopes),
        BiginAuth.layerTokenSource({ mint, scopes: ["claimed"] })
      )
      assert.deepStrictEqual(yield* granted, ["claimed"])
      vault.given = { scopes: ["given"] }
      assert.deepStrictEqual(yield* granted, ["given"])
      const missing = Scopes.ensure(Effect.void, Scopes.deleteAttachment("Contacts"))
      expect(yield* Effect.flip(Effect.provide(missing, auth))).toMatchObject({ granted: ["given"] })
    }).pipe(Effect.provide(Vault.layer))
  )
})

describe("a store of a source", () => {
  /** A process of its own. */
  const process = <A, E>(
    effect: Effect.Effect<A, E, BiginAuth.BiginAuth>,
    key = "a grant",
    scopes?: ReadonlyArray<string>
  ) =>
    Effect.flatMap(KeyValueStore.KeyValueStore, (store) =>
      Effect.provide(effect, BiginAuth.layerTokenSource({ mint, scopes, store: { store, key } }))
    )

  const shared = Layer.merge(Vault.layer, KeyValueStore.layerMemory)

  it.effect.each(["https://www.zohoapis.eu", "http://127.0.0.1:8080", "https://proxy.example:8443"])(
    "lets its token outlive the process, whatever origin the source named: %s",
    (apiOrigin) =>
      Effect.gen(function* () {
        const vault = yield* Vault
        vault.given = { apiOrigin, scopes: ["given"] }
        const first = yield* process(credentials)
        expect(yield* process(credentials)).toEqual(first)
        assert.deepStrictEqual([first.apiOrigin, vault.asked], [apiOrigin, 1])
      }).pipe(Effect.provide(shared))
  )

  it.effect("keeps the tokens of two keys apart", () =>
    Effect.gen(function* () {
      assert.notStrictEqual(yield* process(token, "one"), yield* process(token, "other"))
      assert.strictEqual(yield* process(token, "one"), "1000.of-the-vault-1")
      assert.isTrue(yield* (yield* KeyValueStore.KeyValueStore).has("other"))
    }).pipe(Effect.provide(shared))
  )

  it.effect("is not believed where its origin is none, and the source is asked", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      yield* process(token)
      yield* store.modify("a grant", (entry) => entry.replace("https://www.zohoapis.eu", "https://a.example/path"))
      assert.strictEqual((yield* process(credentials)).apiOrigin, "https://www.zohoapis.eu")
      assert.strictEqual(yield* asked, 2)
    }).pipe(Effect.provide(shared))
  )

  it.effect("keeps no scope that the caller claims", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      const scopes = Effect.map(credentials, ({ scopes }) => scopes)
      assert.deepStrictEqual(yield* process(scopes, "a grant", ["claimed"]), ["claimed"])
      assert.notInclude(JSON.stringify(yield* store.get("a grant")), "claimed")
      assert.isUndefined(yield* process(scopes))
    }).pipe(Effect.provide(shared))
  )
})

describe("a source that mints over HTTP", () => {
  it.effect("has the client that the layer was built with", () =>
    Effect.gen(function* () {
      const overHttp = BiginAuth.layerTokenSource({
        mint: HttpClient.get("https://vault.example/token").pipe(
          Effect.flatMap(({ text }) => text),
          Effect.as({
            accessToken: Redacted.make("1000.abc"),
            apiOrigin: "https://www.zohoapis.eu",
            expiresIn: 60_000
          }),
          Effect.mapError(() => new Errors.TokenUnreachable({ reason: "the vault did not answer" }))
        )
      })
      const fake = yield* FakeBigin.FakeBigin
      yield* Effect.provide(credentials, overHttp)
      assert.deepStrictEqual(
        (yield* fake.requests).map(({ url }) => url),
        ["/token"]
      )
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})
