/** Half of the schedules, in a file of tests of its own, so that each half has a processor. */
import { assert, it } from "@effect/vitest"
import { tellVerdict } from "../src/report.ts"
import { trySeeds } from "../src/search.ts"
import { missing, type Tally } from "../src/tally.ts"

const half = 5_000

export const holdsFrom = (from: number) =>
  it(`holds in ${half} schedules from seed ${from}, in which all occurs that can be drawn`, async () => {
    const tally: Tally = {}
    const failed = await trySeeds(from, from + half, tally)
    assert.strictEqual(failed.map(tellVerdict).join("\n\n"), "")
    assert.deepStrictEqual(missing(tally), [])
  }, 600_000)
