/** What every variant has in common: it deletes many attachments, ten at a time, and tells what one costs. */

export const concurrency = 10

export const accessToken = "1000.benchmark.0123456789abcdef"

export interface Measured {
  /** The time that the processor spends in this process, user and system, in microseconds for one request. */
  readonly cpu: number
}

/** Asks for the deletion of so many attachments, and gives the number of answers that are what they should be. */
export type DeleteAll = (count: number) => Promise<number>

/**
 * Runs a variant in this process: `node variant.js ORIGIN WARM_UP COUNT`. What warms up goes through the same client, so that its
 * connections are open and its code is compiled when it counts.
 */
export const measure = async (open: (origin: string) => DeleteAll): Promise<void> => {
  const [origin = "", warmUp, count] = process.argv.slice(2)
  const deleteAll = open(origin)
  const run = async (times: number) => {
    const answered = await deleteAll(times)
    if (answered !== times) throw new Error(`${answered} of ${times} answers are what they should be`)
  }
  await run(Number(warmUp))
  const before = process.cpuUsage()
  await run(Number(count))
  const { system, user } = process.cpuUsage(before)
  const measured: Measured = { cpu: (system + user) / Number(count) }
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
