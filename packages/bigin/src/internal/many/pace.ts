/** How many calls are under way at once; none begins while a 429 is waited out. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type { DeleteAttachmentError } from "../../errors/operations.ts"
import type { Limit } from "./limit.ts"
import { unsafeMicros } from "../monotonic.ts"

/** How long a 429 holds everybody back at most. */
const longestPause = Duration.minutes(2)

/** Of one call, to be given back once, with what the call failed with. After a 429 nobody begins for as long as Bigin says, or a second. */
export type Place = (failure: DeleteAttachmentError | undefined) => void

export const makePace = (limit: Limit) =>
  Effect.gen(function* () {
    const fork = yield* FiberSet.makeRuntime()
    const clock = yield* Effect.clock
    /** In milliseconds; never set back. */
    const now = () => unsafeMicros(clock) / 1_000
    const waiting = new Set<() => void>()
    let underWay = 0
    let refusals = 0
    let pauses = 0

    const isFree = () => underWay < limit.now() && pauses === 0

    const admit = () => {
      for (const again of waiting) {
        if (!isFree()) return
        waiting.delete(again)
        again()
      }
    }

    /** A place for a call. Where there is none, `again` is called when it is worth asking anew. */
    return (again?: () => void): Place | undefined => {
      if (!isFree()) {
        if (again !== undefined) waiting.add(again)
        return undefined
      }
      underWay += 1
      const before = refusals
      return (failure) => {
        underWay -= 1
        if (failure?._tag !== "RateLimited") {
          limit.answered(now)
          return admit()
        }
        // what is refused together counts once
        if (before === refusals) {
          refusals += 1
          limit.refused(now())
        }
        // counted, and not held against a clock: a timer may ring a moment before its time
        pauses += 1
        const resume = Effect.sync(() => {
          pauses -= 1
          admit()
        })
        const pause = Effect.delay(resume, Duration.min(failure.retryAfter ?? Duration.seconds(1), longestPause))
        // nobody waits for it: a pause delays calls, not reports
        fork(Effect.interruptible(pause))
      }
    }
  })
