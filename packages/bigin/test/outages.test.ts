/** The accounts server fails for a while: nothing fails that could have waited or been served, and nobody asks too often. */
import { assert, describe, expect, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Layer, Redacted, Stream, TestClock } from "effect"
import { BiginAuth, type Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { holding, inject, refsOf, run, tally } from "./collection.ts"

const client = {
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
}

const minting = Layer.provideMerge(BiginAuth.layerRefreshToken(client), holding(1_000))
const credentials = Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)

const second = 1_000
const minute = 60 * second
const now = Clock.currentTimeMillis

const down = FakeBigin.answerWith(Fixtures.html(503, "down"))
const page = FakeBigin.answerWith(Fixtures.html(200, "Log in to the hotel's network"))
const silence = FakeBigin.delay("1 hour")
const all = [down, FakeBigin.cut, page, silence, FakeBigin.loseAnswer]

const kinds = [
  ["503", [down]],
  ["silence", [silence]],
  ["503, resets, pages, silence and lost answers", all]
] as const

/** From one time to another the accounts server answers with these, one after the other. */
const outage = (from: number, to: number, faults: ReadonlyArray<FakeBigin.Fault>) =>
  Effect.gen(function* () {
    const seen = { asked: 0, atOnce: 0, mostAtOnce: 0, made: new Array<number>(), throttled: 0 }
    yield* inject({
      when: ({ url }) => url === "/oauth/v2/token",
      times: Number.POSITIVE_INFINITY,
      fault: (bigin) =>
        Effect.gen(function* () {
          const time = yield* now
          const fault = time >= from && time < to ? (faults[seen.asked % faults.length] ?? down) : FakeBigin.delay(0)
          seen.asked += 1
          seen.atOnce += 1
          seen.mostAtOnce = Math.max(seen.mostAtOnce, seen.atOnce)
          const counted = Effect.tap(bigin, ({ status }) => {
            if (status === 200) seen.made.push(time)
            else seen.throttled += 1
          })
          return yield* fault(counted)
        }).pipe(Effect.ensuring(Effect.sync(() => (seen.atOnce -= 1))))
    })
    return seen
  })

const mostInTenMinutes = (times: ReadonlyArray<number>) =>
  Math.max(0, ...times.map((from) => times.filter((time) => time >= from && time < from + 10 * minute).length))

interface Ended {
  readonly began: number
  readonly at: number
  readonly error?: Errors.TokenRejected | Errors.TokenUnreachable
}

/** Two hundred callers at once and twenty more at every step, and how each of their calls ended. */
const calling = (to: number, step: number) =>
  Effect.gen(function* () {
    const ends: Array<Ended> = []
    const fibers: Array<Fiber.Fiber<unknown>> = []
    for (let began = yield* now; began <= to; began += step) {
      const call = Effect.flatMap(Effect.either(credentials), (outcome) =>
        Effect.map(now, (at) => ends.push({ began, at, ...(outcome._tag === "Left" ? { error: outcome.left } : {}) }))
      )
      fibers.push(...(yield* Effect.replicateEffect(Effect.fork(call), fibers.length === 0 ? 200 : 20)))
      yield* TestClock.adjust(step)
    }
    yield* Effect.forEach(fibers, Fiber.join)
    return ends
  })

const waitOf = (error: Ended["error"]): number | undefined =>
  error?._tag === "TokenUnreachable" && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : undefined

/** What has to hold whenever the server was down until then, and callers came at every step. */
const check = (
  ends: ReadonlyArray<Ended>,
  seen: Effect.Effect.Success<ReturnType<typeof outage>>,
  to: number,
  step: number
) => {
  assert.strictEqual(seen.mostAtOnce, 1)
  assert.strictEqual(seen.throttled, 0)
  assert.isAtMost(mostInTenMinutes(seen.made), 10)
  const failed = ends.filter(({ error }) => error !== undefined)
  // every failure tells how long to wait, and one that need not wait longer than five seconds is that of a mint's own caller
  assert.isTrue(failed.every(({ error }) => waitOf(error) !== undefined))
  assert.isAtMost(failed.filter(({ error }) => (waitOf(error) ?? 0) <= 5_000).length, seen.asked)
  // nobody waits for longer than a mint and a pause of five seconds, and another mint
  assert.isAtMost(Math.max(...ends.map(({ at, began }) => at - began)), 65 * second)
  // it goes on within two seconds, or when it was said that it would
  const announced = Math.max(0, ...failed.map(({ at, error }) => at + (waitOf(error) ?? 0)))
  const on = Math.max(to + 2 * second, announced)
  expect(ends.filter(({ began, error }) => began >= on && error !== undefined)).toEqual([])
  assert.isTrue(ends.some(({ at, error }) => at >= to && at <= on + step && error === undefined))
}

describe("a collection of a thousand", { timeout: 60_000 }, () => {
  it.effect.each([
    ["a second", second, 2],
    ["a minute", minute, 7]
  ] as const)("does not fail for %s of 503", ([, duration, mints]) =>
    Effect.gen(function* () {
      const seen = yield* outage(0, duration, [down])
      expect(tally(yield* run(Stream.fromIterable(refsOf(1, 1_000))))).toEqual({ "Deleted by Success": 1_000 })
      assert.strictEqual(seen.mostAtOnce, 1)
      assert.strictEqual(seen.asked, mints)
    }).pipe(Effect.provide(minting))
  )

  it.effect("does not notice a minute of faults while its token lives", () =>
    Effect.gen(function* () {
      yield* credentials
      yield* TestClock.adjust("56 minutes")
      yield* inject({ fault: FakeBigin.delay("3 seconds"), when: ({ method }) => method === "DELETE", times: 1_000 })
      const seen = yield* outage(56 * minute, 57 * minute, all)
      expect(tally(yield* run(Stream.fromIterable(refsOf(1, 1_000))))).toEqual({ "Deleted by Success": 1_000 })
      assert.strictEqual(seen.mostAtOnce, 1)
      assert.isAbove(seen.asked, 1)
    }).pipe(Effect.provide(minting))
  )
})

describe("two hundred callers at once and twenty more at every step", { timeout: 60_000 }, () => {
  it.effect.each(kinds)("wait for the end of a second of %s", ([, faults]) =>
    Effect.gen(function* () {
      const seen = yield* outage(0, second, faults)
      const ends = yield* calling(40 * second, 2 * second)
      check(ends, seen, second, 2 * second)
      // but for the caller for whom the one that failed was begun
      assert.lengthOf(
        ends.filter(({ error }) => error !== undefined),
        1
      )
    }).pipe(Effect.provide(minting))
  )

  it.effect.each(kinds)("are told how long, in a minute of %s", ([, faults]) =>
    Effect.gen(function* () {
      const seen = yield* outage(0, minute, faults)
      check(yield* calling(3 * minute, 5 * second), seen, minute, 5 * second)
    }).pipe(Effect.provide(minting))
  )

  it.effect.each(kinds.slice(2))("are told how long, in an hour of %s", ([, faults]) =>
    Effect.gen(function* () {
      const seen = yield* outage(0, 60 * minute, faults)
      check(yield* calling(75 * minute, minute), seen, 60 * minute, minute)
    }).pipe(Effect.provide(minting))
  )

  it.effect("are served by a token as long as it lives, whatever becomes of its renewal", () =>
    Effect.gen(function* () {
      yield* credentials
      yield* TestClock.adjust("54 minutes")
      const seen = yield* outage(54 * minute, 59 * minute, all)
      const ends = yield* calling(70 * minute, 20 * second)
      expect(ends.filter(({ error }) => error !== undefined)).toEqual([])
      check(ends, seen, 59 * minute, 20 * second)
    }).pipe(Effect.provide(minting))
  )

  it.effect("fail only once their token is dead", () =>
    Effect.gen(function* () {
      yield* credentials
      yield* TestClock.adjust("54 minutes")
      const seen = yield* outage(54 * minute, 114 * minute, all)
      const ends = yield* calling(120 * minute, minute)
      expect(ends.filter(({ at, error }) => at < 60 * minute && error !== undefined)).toEqual([])
      check(ends, seen, 114 * minute, minute)
    }).pipe(Effect.provide(minting))
  )
})
