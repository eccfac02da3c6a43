import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { Errors } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import { makePace } from "../src/internal/many/pace.ts"

const limited = new Errors.RateLimited({ ref: Fixtures.attachment, status: 429, details: null })

describe("a 429", () => {
  it.scoped("counts once for all calls that were under way together, and anew for one that began after", () =>
    Effect.gen(function* () {
      let refusals = 0
      const take = yield* makePace({ now: () => 5, most: 5, answered: () => {}, refused: () => void (refusals += 1) })
      const begin = () => take(() => {}) ?? assert.fail("there is no place")
      const together = [begin(), begin(), begin()]
      for (const end of together) end(limited)
      assert.strictEqual(refusals, 1)
      yield* TestClock.adjust("1 second")
      begin()(limited)
      assert.strictEqual(refusals, 2)
    })
  )
})
