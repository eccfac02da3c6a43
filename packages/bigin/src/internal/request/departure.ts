/** How far a call has got, for whoever may call it off: until its request has left, nothing was done. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { InvalidToken } from "../../errors/undocumented.ts"

export interface Departure {
  /** Whether a request is on its way, or its answer left open what it did. */
  hasLeft: boolean
  /** What it was told where its token was refused. */
  refusal: InvalidToken | undefined
  /** Whether nothing more of it may leave. */
  readonly isCalledOff: () => boolean
}

/** Of each call its own, so that what a call leaves behind is not taken for a part of the next. */
export class CurrentDeparture extends Context.Reference<CurrentDeparture>()("effect-bigin/internal/CurrentDeparture", {
  defaultValue: (): Departure | undefined => undefined
}) {}

/** Before a request is handed to the transport. */
export const leave: Effect.Effect<void> = Effect.flatMap(CurrentDeparture, (departure) => {
  if (departure === undefined) return Effect.void
  if (departure.isCalledOff()) return Effect.interrupt
  departure.hasLeft = true
  return Effect.void
})

/** After a refused token, with which nothing was done: what follows can be called off again. False where it was already. */
export const refused = (refusal: InvalidToken): Effect.Effect<boolean> =>
  Effect.map(CurrentDeparture, (departure) => {
    if (departure === undefined) return true
    departure.hasLeft = false
    departure.refusal = refusal
    return !departure.isCalledOff()
  })
