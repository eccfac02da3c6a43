import { assert, describe, it } from "@effect/vitest"
import { eventsOf, type History } from "../src/history.ts"
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

  it("a seed that fails is shrunk to what it takes to fail, and says how to replay it", async () => {
    const nothingIsLost = (history: History) =>
      eventsOf(history, "Sent")
        .filter(({ fault }) => fault === "lost")
        .map(({ request }) => ({ invariant: "everything ends" as const, what: `request ${request} was lost` }))
    let verdict = await trySeed(0, {}, nothingIsLost)
    for (let seed = 1; verdict.violations.length === 0; seed++) verdict = await trySeed(seed, {}, nothingIsLost)
    const { DELETE, GET, POST, UPLOAD, meddling, tasks, throttle } = verdict.plan
    assert.strictEqual([...DELETE, ...GET, ...UPLOAD, ...POST].filter(({ fault }) => fault === "lost").length, 1)
    assert.deepStrictEqual({ tasks: tasks.length, meddling, throttle }, { tasks: 1, meddling: [], throttle: null })
    assert.include(tellVerdict(verdict), `--seed ${verdict.seed}`)
  })

  it("a seed draws the same plan and goes the same way each time", async () => {
    for (let seed = 0; seed < 50; seed++) {
      const one = await trySeed(seed)
      const other = await trySeed(seed)
      assert.deepStrictEqual(one.plan, other.plan)
      assert.strictEqual(tellTrace(one.history), tellTrace(other.history))
    }
  })
})
