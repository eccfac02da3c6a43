import { assert, describe, it } from "@effect/vitest"
import { eventsOf, type History } from "../src/history.ts"
import { tellTrace, tellVerdict } from "../src/report.ts"
import { trySeed } from "../src/search.ts"

describe("a seed", () => {
  it("that fails is shrunk to what it takes to fail, and says how to replay it", async () => {
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

  it("draws the same plan and goes the same way each time", async () => {
    for (let seed = 0; seed < 50; seed++) {
      const one = await trySeed(seed)
      const other = await trySeed(seed)
      assert.deepStrictEqual(one.plan, other.plan)
      assert.strictEqual(tellTrace(one.history), tellTrace(other.history))
    }
  })
})
