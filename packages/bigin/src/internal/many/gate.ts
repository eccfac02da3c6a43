/** Where all calls of a collection pass: so many at once, none while a 429 is waited out, none once it is shut. */
import * as Effect from "effect/Effect"
import type { Limit } from "./limit.ts"

export interface Gate {
  /** Waits for a place; none once the gate is shut. */
  readonly enter: Effect.Effect<Place | undefined>
  /** Nobody enters until it was opened as often as it was closed. */
  readonly open: () => void
  /** For good: whoever waits is let go without a place. */
  readonly shut: () => void
}

/** A place for one call, to be given back. */
export interface Place {
  /** With a call that was refused as one too many the gate is closed, in the same step. Time is in milliseconds. */
  readonly leave: (refused: boolean, time: number) => void
}

export const makeGate = (limit: Limit): Gate => {
  let underWay = 0
  let closed = 0
  let isShut = false
  let refusals = 0
  const waiting = new Set<() => void>()

  const isFree = () => closed === 0 && underWay < limit.now()

  const admit = () => {
    for (const proceed of waiting) {
      if (!isShut && !isFree()) return
      waiting.delete(proceed)
      proceed()
    }
  }

  const takePlace = (): Place | undefined => {
    if (isShut) return undefined
    underWay += 1
    const before = refusals
    return {
      leave: (refused, time) => {
        underWay -= 1
        if (refused) {
          closed += 1
          // what is refused together counts once
          if (before === refusals) {
            refusals += 1
            limit.refused(time)
          }
        } else {
          limit.answered(time)
        }
        admit()
      }
    }
  }

  return {
    enter: Effect.suspend(() =>
      isShut || isFree()
        ? Effect.succeed(takePlace())
        : Effect.async<Place | undefined>((resume) => {
            // the place is taken here, before anybody else may look
            const proceed = () => resume(Effect.succeed(takePlace()))
            waiting.add(proceed)
            return Effect.sync(() => void waiting.delete(proceed))
          })
    ),
    open: () => {
      closed -= 1
      admit()
    },
    shut: () => {
      isShut = true
      admit()
    }
  }
}
