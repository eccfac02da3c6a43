import { assert, describe, it } from "@effect/vitest"
import { tellTrace, tellVerdict } from "../src/report.ts"
import { trySeed, trySeeds } from "../src/search.ts"
import { missing, type Tally } from "../src/tally.ts"

describe("whatever befalls the requests of a program", () => {
  it("everything holds that the library promises, in 10,000 schedules that meet every fault and every outcome", async () => {
    const tally: Tally = {}
    const failed = await trySeeds(0, 10_000, tally)
    assert.strictEqual(failed.map(tellVerdict).join("\n\n"), "")
    assert.deepStrictEqual(missing(tally), [])
  }, 600_000)

  it("a seed draws the same plan and goes the same way each time", async () => {
    for (let seed = 0; seed < 50; seed++) {
      const one = await trySeed(seed)
      const other = await trySeed(seed)
      assert.deepStrictEqual(one.plan, other.plan)
      assert.strictEqual(tellTrace(one.history), tellTrace(other.history))
    }
  })
})
