/** How many calls are under way at once; none begins while a 429 is waited out. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { RateLimited } from "../../errors/undocumented.ts"
import type { Limit } from "./limit.ts"

/** How long a 429 holds everybody back at most. */
const longestPause = Duration.minutes(2)

/** Of one call, to be given back once, in one of two ways. */
export interface Place {
  readonly end: () => void
  /** The call was refused as one too many. Nobody begins for as long as Bigin says, or for a second. */
  readonly refused: (by: RateLimited) => Effect.Effect<void>
}

export const makePace = (limit: Limit) =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const clock = yield* Effect.clock
    /** In milliseconds; never set back. */
    const now = () => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)
    const waiting = new Set<() => void>()
    let underWay = 0
    let refusals = 0
    let pausedUntil = -Infinity

    const isFree = () => underWay < limit.now() && now() >= pausedUntil

    const admit = () => {
      for (const again of waiting) {
        if (!isFree()) return
        waiting.delete(again)
        again()
      }
    }

    /** A place for a call. Where there is none, `again` is called when it is worth asking anew. */
    return (again: () => void): Place | undefined => {
      if (!isFree()) {
        waiting.add(again)
        return undefined
      }
      underWay += 1
      const before = refusals
      return {
        end: () => {
          underWay -= 1
          limit.answered(now())
          admit()
        },
        refused: ({ retryAfter = Duration.seconds(1) }) =>
          Effect.suspend(() => {
            underWay -= 1
            // what is refused together counts once
            if (before === refusals) {
              refusals += 1
              limit.refused(now())
            }
            const pause = Duration.min(retryAfter, longestPause)
            pausedUntil = Math.max(pausedUntil, now() + Duration.toMillis(pause))
            // nobody waits for this: a pause delays calls, not reports
            return Effect.forkIn(
              Effect.interruptible(Effect.zipRight(Effect.sleep(pause), Effect.sync(admit))),
              scope
            )
          })
      }
    }
  })
