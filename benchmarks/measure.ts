/** What every variant has in common: it deletes many attachments, so many at a time, and tells what one costs. */
import { performance } from "node:perf_hooks"

export const accessToken = "1000.benchmark.0123456789abcdef"

/** What a variant is given. */
export interface Setting {
  readonly origin: string
  /** How many requests are under way at a time; a pool of connections has this size. */
  readonly concurrency: number
}

export interface Measured {
  /** The time that the processor spends in this process, user and system, in microseconds for one request. */
  readonly cpu: number
  /** Requests a second. */
  readonly rate: number
  /** The most memory that the process has held, in megabytes. */
  readonly peak: number
  /** From the end of Node's own start to the end of all imports, in milliseconds. */
  readonly load: number
}

/** Asks for the deletion of so many attachments, and gives the number of answers that are what they should be. */
export type DeleteAll = (count: number) => Promise<number>

/**
 * Runs a variant in this process: `node variant.js ORIGIN CONCURRENCY WARM_UP COUNT`. What warms up goes through the same client, so
 * that its connections are open and its code is compiled when it counts.
 */
export const measure = async (open: (setting: Setting) => DeleteAll | Promise<DeleteAll>): Promise<void> => {
  // a program that calls this has loaded all that it imports
  const load = performance.now() - performance.nodeTiming.bootstrapComplete
  const [origin = "", concurrency, warmUp, count] = process.argv.slice(2)
  const deleteAll = await open({ origin, concurrency: Number(concurrency) })
  const run = async (times: number) => {
    const answered = await deleteAll(times)
    if (answered !== times) throw new Error(`${answered} of ${times} answers are what they should be`)
  }
  await run(Number(warmUp))
  const begin = performance.now()
  const before = process.cpuUsage()
  await run(Number(count))
  const { system, user } = process.cpuUsage(before)
  const measured: Measured = {
    cpu: (system + user) / Number(count),
    rate: (1000 * Number(count)) / (performance.now() - begin),
    peak: process.resourceUsage().maxRSS / 1024,
    load
  }
  process.stdout.write(JSON.stringify(measured), () => process.exit())
}

/** Each id once, for workers that take one after the other. */
export const makeIds = () => {
  let last = 0
  let end = 0
  return {
    add: (count: number) => {
      end = last + count
    },
    next: (): number | undefined => (last < end ? ++last : undefined)
  }
}
