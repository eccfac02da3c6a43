import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Either, FastCheck, Fiber, Layer, TestClock, TestContext } from "effect"
import { Attachments, BiginConfig, Retry } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

/** What may befall a request. None of them makes Bigin lie: what it says of an id is so. */
const faults = {
  none: FakeBigin.garble((reply) => reply),
  lost: FakeBigin.loseAnswer,
  cut: FakeBigin.cut,
  brokenOff: FakeBigin.breakOff,
  truncated: FakeBigin.truncate,
  empty: FakeBigin.empty,
  badGateway: FakeBigin.badGateway,
  down: FakeBigin.answerWith(Fixtures.html(503, "down")),
  slow: FakeBigin.delay("2 seconds"),
  silent: FakeBigin.delay(Duration.infinity),
  // the client has long given up when it happens
  late: (bigin) => Effect.zipRight(Effect.forkDaemon(Effect.delay(bigin, "8 seconds")), Effect.never),
  internalError: FakeBigin.answerWith(Fixtures.documented("InternalError")),
  throttled: FakeBigin.answerWith(Fixtures.rateLimited()),
  throttledFor: FakeBigin.answerWith(Fixtures.rateLimited(3)),
  refusedSomething: FakeBigin.answerWith(Fixtures.documented("InvalidData")),
  refusedToken: FakeBigin.answerWith(Fixtures.undocumented.InvalidToken),
  denied: FakeBigin.answerWith(Fixtures.documented("NoPermission")),
  unheardOf: FakeBigin.answerWith(Fixtures.undocumented.UnrecognizedCode),
  unconfirmed: FakeBigin.answerWith(Fixtures.undocumented.UnconfirmedSuccess),
  page: FakeBigin.answerWith(Fixtures.html(200, "hello"))
} satisfies Record<string, FakeBigin.Fault>

const fault = FastCheck.constantFrom(...(Object.keys(faults) as Array<keyof typeof faults>)) // keys of a literal object
const times = FastCheck.nat(4)

const retries = (count: number) => Retry.schedule({ times: count, base: "1 second", cap: "4 seconds" })

const run = (deletes: ReadonlyArray<keyof typeof faults>, lists: ReadonlyArray<keyof typeof faults>, count: number) =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.FakeBigin
    const plan = (method: string) => (name: keyof typeof faults) =>
      fake.inject({ fault: faults[name], when: (request) => request.method === method })
    yield* Effect.forEach(deletes, plan("DELETE"))
    yield* Effect.forEach(lists, plan("GET"))
    const isThere = Effect.map(fake.attachments(Fixtures.record), (all) =>
      all.some(({ id }) => id === Fixtures.attachment.attachmentId)
    )
    const fiber = yield* Effect.fork(
      Effect.either(Attachments.ensureDeleted(Fixtures.attachment, { schedule: retries(count) })).pipe(
        // what was so when it said so, before anything late happens
        Effect.zip(isThere)
      )
    )
    yield* TestClock.adjust("10 minutes")
    const [result, there] = yield* Fiber.join(fiber)
    const requests = yield* fake.requests
    return {
      outcome: Either.isRight(result) ? result.right.outcome : result.left._tag,
      there,
      thereLater: yield* isThere,
      deletions: requests.filter(({ method }) => method === "DELETE").length,
      underWay: requests.filter(({ fate }) => fate === undefined).length
    }
  }).pipe(
    Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5)),
    Effect.provide(Layer.provideMerge(FakeBigin.layer, TestContext.TestContext))
  )

describe("ensureDeleted, whatever befalls its requests", () => {
  it("says gone only of what is gone, fails as untouched only of what stays, and accounts for doubt", async () => {
    const seen = new Set<string>()
    await FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.array(fault, { maxLength: 6 }),
        FastCheck.array(fault, { maxLength: 4 }),
        times,
        async (deletes, lists, count) => {
          const { deletions, outcome, there, thereLater, underWay } = await Effect.runPromise(
            run(deletes, lists, count)
          )
          seen.add(outcome)
          if (outcome === "Deleted" || outcome === "AlreadyGone") assert.isFalse(there, "said to be gone")
          else if (outcome !== "OutcomeUnknown") assert.isTrue(thereLater, "said to be untouched")
          assert.isAtMost(deletions, count + 1, "more DELETEs than the policy allows")
          assert.strictEqual(underWay, 0, "a request was left behind")
        }
      ),
      { numRuns: 600 }
    )
    // the faults reach every kind of end
    for (const outcome of ["Deleted", "AlreadyGone", "OutcomeUnknown", "NoPermission", "RateLimited", "InvalidData"]) {
      assert.include([...seen], outcome)
    }
  }, 120_000)
})
