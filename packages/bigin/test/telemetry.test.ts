import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Metric, Redacted, TestClock } from "effect"
import { inspect } from "node:util"
import { BiginAuth, Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const minting = BiginAuth.layerRefreshToken({
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
})

const credentials = Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)

const isMint = ({ url }: FakeBigin.WireRequest) => url === "/oauth/v2/token"
const injectMint = (fault: FakeBigin.Fault) =>
  Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.inject({ fault, when: isMint }))

/** The state of every metric of that name, with its tags. The registry is of the whole process. */
const metric = (name: string) =>
  Effect.map(Metric.snapshot, (pairs) =>
    pairs
      .filter(({ metricKey }) => metricKey.name === name)
      .map(({ metricKey, metricState }) => ({
        tags: Object.fromEntries(metricKey.tags.map(({ key, value }) => [key, value])),
        state: metricState
      }))
  )

/** How often each outcome was counted for layers that are built with this tag. */
const outcomesOf = (test: string) =>
  Effect.map(metric("bigin.auth.mints"), (metrics) =>
    Object.fromEntries(
      metrics.flatMap(({ state, tags: { outcome = "", ...tags } }) =>
        tags["test"] === test && "count" in state ? [[outcome, Number(state.count)]] : []
      )
    )
  )

interface Line {
  readonly level: string
  readonly message: unknown
  readonly all: unknown
}

/** A layer that mints, and keeps its log lines. */
const logging = (lines: Array<Line>) =>
  Layer.provideMerge(
    minting,
    Logger.replace(
      Logger.defaultLogger,
      Logger.make((entry) => void lines.push({ level: entry.logLevel.label, message: entry.message, all: entry }))
    )
  )

// the gauge is one for the process
describe("bigin.auth.mints", { sequential: true }, () => {
  it.effect("counts mints by their outcome, and no call that mints nothing", () =>
    Effect.gen(function* () {
      yield* Effect.gen(function* () {
        yield* injectMint(FakeBigin.answerWith(Fixtures.html(503, "down")))
        yield* Effect.flip(credentials)
        yield* TestClock.adjust("1 minute")
        yield* injectMint(FakeBigin.answerWith(Fixtures.tokenError("invalid_client")))
        yield* Effect.flip(credentials)
        yield* Effect.flip(credentials)
        yield* TestClock.adjust("1 minute")
        yield* Effect.all(Array.from({ length: 20 }, () => credentials))
        yield* TestClock.adjust("2 hours")
        yield* credentials
      }).pipe(Effect.provide(minting), Effect.tagMetrics("test", "outcomes"))
      expect(yield* outcomesOf("outcomes")).toEqual({ TokenUnreachable: 1, TokenRejected: 1, minted: 2 })
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("counts a mint that a closing layer interrupts, and one that dies", () =>
    Effect.gen(function* () {
      yield* Effect.gen(function* () {
        yield* injectMint(FakeBigin.delay("1 hour"))
        yield* Effect.fork(Effect.exit(credentials))
        yield* Effect.yieldNow()
        yield* TestClock.adjust("1 second")
      }).pipe(Effect.provide(minting), Effect.tagMetrics("test", "ended"))
      const dying = BiginAuth.layerTokenSource({ mint: Effect.die("a bug") })
      yield* Effect.exit(credentials).pipe(Effect.provide(dying), Effect.tagMetrics("test", "ended"))
      expect(yield* outcomesOf("ended")).toEqual({ interrupted: 1, died: 1 })
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("counts those of a source of one's own", () =>
    Effect.gen(function* () {
      const auth = BiginAuth.layerTokenSource({
        mint: Effect.fail(new Errors.TokenUnreachable({ reason: "the vault is sealed" }))
      })
      yield* Effect.flip(credentials).pipe(Effect.provide(auth), Effect.tagMetrics("test", "vault"))
      expect(yield* outcomesOf("vault")).toEqual({ TokenUnreachable: 1 })
    })
  )
})

describe("bigin.auth.token.age", { sequential: true }, () => {
  const age = Effect.map(metric("bigin.auth.token.age"), ([gauge]) => gauge)

  it.effect("is how many seconds ago the token was asked for that was served last", () =>
    Effect.gen(function* () {
      yield* injectMint(FakeBigin.delay("2 seconds"))
      const first = yield* Effect.fork(credentials)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(first)
      expect(yield* age).toMatchObject({ tags: {}, state: { value: 2 } })
      yield* TestClock.adjust("90500 millis")
      yield* credentials
      expect(yield* age).toMatchObject({ state: { value: 92.5 } })
      yield* TestClock.adjust("2 hours")
      yield* credentials
      expect(yield* age).toMatchObject({ state: { value: 0 } })
    }).pipe(Effect.provide(Layer.provideMerge(minting, FakeBigin.layer)))
  )
})

describe("the log", () => {
  it.effect("has one line at Info for each mint, and none for a call", () =>
    Effect.gen(function* () {
      const lines: Array<Line> = []
      yield* Effect.gen(function* () {
        yield* injectMint(FakeBigin.answerWith(Fixtures.html(503, "down")))
        yield* Effect.flip(credentials)
        yield* TestClock.adjust("1 minute")
        yield* Effect.all([credentials, credentials])
        yield* TestClock.adjust("2 hours")
        yield* credentials
      }).pipe(Effect.provide(logging(lines)))
      expect(lines.map(({ level, message }) => [level, message])).toEqual([
        ["INFO", ["Minted no access token: TokenUnreachable"]],
        ["INFO", ["Minted an access token"]],
        ["INFO", ["Minted an access token"]]
      ])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("holds no value, and nor do the metrics", () =>
    Effect.gen(function* () {
      const lines: Array<Line> = []
      const given = yield* Effect.gen(function* () {
        yield* injectMint(FakeBigin.answerWith(Fixtures.tokenError(Fixtures.client.refreshToken)))
        yield* Effect.flip(credentials)
        yield* TestClock.adjust("10 minutes")
        return yield* credentials
      }).pipe(Effect.provide(logging(lines)))
      assert.lengthOf(lines, 2)
      const everything = inspect([lines.map(({ all }) => all), yield* Metric.snapshot], { depth: 12 })
      const { clientId, clientSecret, refreshToken } = Fixtures.client
      for (const value of [clientId, clientSecret, refreshToken, Redacted.value(given.accessToken)]) {
        assert.notInclude(everything, value)
      }
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})
