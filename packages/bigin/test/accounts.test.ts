import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { type History, judge, plans, run } from "./drawnCollections.ts"

describe("the accounts of deleteMany", () => {
  it("are true, whatever is drawn of sources, clients, faults and ends", async () => {
    const wrong: Array<unknown> = []
    const drawn = new Set<string>()
    for (const plan of FastCheck.sample(plans, { numRuns: 2_000, seed: 14 })) {
      const history = await run(plan)
      const problems = judge(history)
      if (problems.length > 0) wrong.push({ problems, plan: JSON.stringify(plan) })
      for (const one of occurred(history)) drawn.add(one)
    }
    assert.deepStrictEqual(wrong.slice(0, 3), [])
    assert.includeMembers([...drawn], expected)
  }, 300_000)
})

/** What there was in a run, so that what is never drawn is seen. */
const occurred = ({ exit, heard, plan }: History): ReadonlyArray<string> => [
  `${plan.client}, ${plan.end._tag}`,
  `${plan.source}, ${plan.end._tag}`,
  ...heard.map((report) => ("error" in report ? report.error._tag : report.outcome)),
  ...(exit._tag === "Some" && JSON.stringify(exit.value).includes("CollectionStopped") ? ["CollectionStopped"] : [])
]

const ends = ["Its own", "Interrupted", "Cut"]

const expected = [
  ...["plain", "queued", "pooled", "daemons", "hedging", "repeating"].flatMap((client) =>
    ends.map((end) => `${client}, ${end}`)
  ),
  ...["array", "claims", "held claims", "slow", "failing", "dying", "endless"].flatMap((source) =>
    ends.map((end) => `${source}, ${end}`)
  ),
  "Deleted",
  "AlreadyGone",
  "OutcomeUnknown",
  "NotAttempted",
  "InvalidInput",
  "InvalidToken",
  "InvalidData",
  "NoPermission",
  "OAuthScopeMismatch",
  "RateLimited",
  "CollectionStopped"
]
