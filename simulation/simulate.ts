/** `npm run simulate -- --seeds 1000000`: runs seeds on all processors and tells what was drawn; `--seed 123` replays one. */
import { type ChildProcess, fork } from "node:child_process"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { staleIn } from "./src/build.ts"
import { tellTally, tellVerdict } from "./src/report.ts"
import { trySeed, trySeeds } from "./src/search.ts"
import { merge, missing, type Tally } from "./src/tally.ts"

/** What a worker is told, and what it tells. */
interface Batch {
  readonly from: number
  readonly to: number
}
interface Result extends Batch {
  readonly tally: Tally
  readonly failures: ReadonlyArray<string>
}

const batchSize = 250
/** Fewer seeds need not have drawn everything. */
const enoughForCoverage = 5_000
const mostFailures = 5
const usage = "npm run simulate -- [--seeds N] [--from S] [--workers K] | --seed S"

/** Runs batches until nobody tells it to any more. */
const work = (): void => {
  // an interruption from the keyboard reaches the parent too, which ends us
  process.on("SIGINT", () => undefined)
  process.on("disconnect", () => process.exit())
  process.on("message", ({ from, to }: Batch) => {
    const tally: Tally = {}
    void trySeeds(from, to, tally).then((failed) => {
      const result: Result = { from, to, tally, failures: failed.map(tellVerdict) }
      process.send?.(result)
    })
  })
}

const duration = (exact: number): string => {
  const seconds = Math.round(exact)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

/** Hands out batches, and tells how far it is. */
const lead = (from: number, seeds: number, workers: number): void => {
  const tally: Tally = {}
  const failures: Array<string> = []
  const began = performance.now()
  let next = from
  let done = 0

  const progress = (): string => {
    const seconds = (performance.now() - began) / 1000
    const rate = done / seconds
    const left = rate === 0 ? "?" : duration((seeds - done) / rate)
    return `${done} of ${seeds} schedules, ${Math.round(rate)} a second, ${left} left, ${failures.length} failed`
  }
  const showing = setInterval(
    () => process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${progress()}` : `${progress()}\n`),
    process.stdout.isTTY ? 250 : 5_000
  )

  // most of what a schedule makes is garbage when it ends: with more room for it less is copied
  const execArgv = [...process.execArgv, "--max-semi-space-size=64"]
  const children = Array.from({ length: workers }, () =>
    fork(fileURLToPath(import.meta.url), ["--worker"], { execArgv })
  )
  const busy = new Set(children)

  const finish = (): void => {
    clearInterval(showing)
    for (const child of children) child.kill("SIGKILL")
    console.log(`${process.stdout.isTTY ? "\r\u001b[K" : ""}${tellTally(tally)}`)
    for (const failure of failures) console.log(`\n${failure}`)
    console.log(
      `\n${done} schedules from seed ${from} in ${duration((performance.now() - began) / 1000)}, ${failures.length} failed`
    )
    const never = done >= enoughForCoverage ? missing(tally) : []
    if (never.length > 0) console.log(`never occurred: ${never.join("; ")}`)
    process.exitCode = failures.length > 0 || never.length > 0 ? 1 : 0
    process.exit()
  }

  const handOut = (child: ChildProcess): void => {
    if (next >= from + seeds || failures.length >= mostFailures) {
      busy.delete(child as (typeof children)[number]) // it is one of them
      if (busy.size === 0) finish()
      return
    }
    const batch: Batch = { from: next, to: Math.min(next + batchSize, from + seeds) }
    next = batch.to
    child.send(batch)
  }

  for (const child of children) {
    child.on("message", (result: Result) => {
      merge(tally, result.tally)
      failures.push(...result.failures)
      done += result.to - result.from
      handOut(child)
    })
    child.on("exit", (code) => {
      failures.push(`a worker ended with ${code}`)
      finish()
    })
    handOut(child)
  }
  process.on("SIGINT", finish)
}

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    from: { type: "string", default: "0" },
    workers: { type: "string", default: String(availableParallelism()) },
    seed: { type: "string" },
    worker: { type: "boolean", default: false }
  }
})
const [from, seeds, workers] = [values.from, values.seeds, values.workers].map(Number)

const stale = ["bigin", "testing"].flatMap((name) =>
  staleIn(fileURLToPath(new URL(`../packages/${name}`, import.meta.url))).map((path) => `packages/${name}/src/${path}`)
)

if (stale.length > 0) {
  console.error(`The build is older than its sources; run npm run build. Not built since: ${stale.join(", ")}`)
  process.exitCode = 1
} else if (values.worker) {
  work()
} else if (values.seed !== undefined && Number.isSafeInteger(Number(values.seed))) {
  const verdict = await trySeed(Number(values.seed))
  console.log(tellVerdict(verdict))
  process.exitCode = verdict.violations.length === 0 ? 0 : 1
} else if (
  values.seed === undefined &&
  from !== undefined &&
  from >= 0 &&
  seeds !== undefined &&
  seeds > 0 &&
  workers !== undefined &&
  workers > 0
) {
  lead(from, seeds, workers)
} else {
  console.error(usage)
  process.exitCode = 1
}
