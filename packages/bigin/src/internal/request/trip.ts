/** How far an attempt has got, for whoever may call it off: until its request has left, nothing was done. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { InvalidToken } from "../../errors/undocumented.ts"

export interface Trip {
  /** Whether a request is on its way, or its answer left open what it did. */
  hasLeft: boolean
  /** What it was told where its token was refused. */
  refusal: InvalidToken | undefined
  /** Whether nothing more of it may leave. */
  readonly isOver: () => boolean
}

/** Of each attempt its own, so that what an attempt leaves behind is not taken for a part of the next. */
export class CurrentTrip extends Context.Reference<CurrentTrip>()("effect-bigin/internal/CurrentTrip", {
  defaultValue: (): Trip | undefined => undefined
}) {}

/** Before a request is handed to the transport. */
export const leave: Effect.Effect<void> = Effect.flatMap(CurrentTrip, (trip) => {
  if (trip === undefined) return Effect.void
  if (trip.isOver()) return Effect.interrupt
  trip.hasLeft = true
  return Effect.void
})

/** After a refusal, with which nothing was done: what follows can be called off again. False where it is over already. */
export const comeBack = (refusal: InvalidToken): Effect.Effect<boolean> =>
  Effect.map(CurrentTrip, (trip) => {
    if (trip === undefined) return true
    trip.hasLeft = false
    trip.refusal = refusal
    return !trip.isOver()
  })
