/** How many calls may be under way at once: as many as were given, or as many as Bigin takes. */

export type Limit = ReturnType<typeof adaptive>

export const fixed = (count: number): Limit => ({
  now: () => count,
  most: count,
  answered: () => {},
  refused: () => {}
})

/** Zoho CRM allows from 5 calls at once to 25, by edition; Bigin documents none. */
const fewest = 5
const most = 25
const shortestHold = 60_000
const longestHold = 600_000

/**
 * Begins with what every edition takes and adds one call whenever as many as may be under way were answered, so that it meets
 * the limit from below and by one. A refusal takes that one away and then nothing is added for a minute; one that comes
 * within that time all the same halves what is left. The longer it is since, the less a refusal counts.
 */
export const adaptive = () => {
  let limit = fewest
  let answered = 0
  let hold = shortestHold
  let refusedAt = -Infinity
  return {
    now: () => limit,
    /** No more than this are ever let through. */
    most,
    /** A call was answered, and not with a 429. Times are in milliseconds. */
    answered: (now: () => number): void => {
      answered += 1
      if (answered < limit || limit >= most || now() < refusedAt + hold) return
      answered = 0
      limit += 1
    },
    /** A call was refused as one too many, and perhaps others that were under way with it. */
    refused: (time: number): void => {
      answered = 0
      const since = time - refusedAt
      limit = Math.max(1, since < hold ? Math.floor(limit / 2) : limit - 1)
      hold = since < 2 * hold ? Math.min(longestHold, 2 * hold) : shortestHold
      refusedAt = time
    }
  }
}
