/** Seeds: each draws a plan, which is run and judged; one that fails is shrunk to what it takes to fail. */
import { FastCheck } from "effect"
import type { History } from "./history.ts"
import { type Violation, violations } from "./judge.ts"
import { type Plan, plan } from "./plan.ts"
import { run, turn } from "./run.ts"
import { count, type Tally } from "./tally.ts"

export interface Verdict {
  readonly seed: number
  /** The smallest plan found that fails as well, or the one that was drawn. */
  readonly plan: Plan
  readonly history: History
  readonly violations: ReadonlyArray<Violation>
}

/** Runs what a seed draws, counts it, and shrinks it where it fails. */
export const trySeed = async (seed: number, tally: Tally = {}, judge = violations): Promise<Verdict> => {
  let drawn: Omit<Verdict, "seed"> | undefined
  const property = FastCheck.asyncProperty(plan, async (plan) => {
    const history = await run(plan)
    const found = judge(history)
    if (drawn === undefined) count(tally, plan, history)
    // the last that fails is the smallest
    if (drawn === undefined || found.length > 0) drawn = { plan, history, violations: found }
    return found.length === 0
  })
  await FastCheck.check(property, { seed, numRuns: 1 })
  if (drawn === undefined) throw new Error(`seed ${seed} has drawn no plan`)
  return { seed, ...drawn }
}

/** Runs the seeds from one up to another, which is not included, and gives those that fail. */
export const trySeeds = async (from: number, to: number, tally: Tally): Promise<ReadonlyArray<Verdict>> => {
  const failed: Array<Verdict> = []
  // nobody reads the stacks of errors here, and collecting them takes as long as all the rest
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    for (let seed = from; seed < to && failed.length < mostFailures; seed++) {
      // so that whoever shares the process gets on
      if (seed % 100 === 0) await turn()
      const verdict = await trySeed(seed, tally)
      if (verdict.violations.length > 0) failed.push(verdict)
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return failed
}

/** More of the same kind tell no more, and each takes its time to shrink. */
const mostFailures = 3
