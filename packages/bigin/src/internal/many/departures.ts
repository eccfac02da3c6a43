/** Which attempts have handed their request to the transport. Until then they can be called off, and nothing was done. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { HeldBack } from "../handover.ts"
import type * as Fiber from "effect/Fiber"

export interface Departures {
  /** A client that tells when a request leaves: after a wait for a token, and after one in a throttle below it. */
  readonly through: (client: HttpClient.HttpClient) => HttpClient.HttpClient
  /** Runs an attempt. One that was called off is interrupted, and so is its fiber from then on. */
  readonly attempt: <A, E, R>(
    self: Effect.Effect<A, E, R>,
    isFirst: boolean
  ) => Effect.Effect<{ readonly exit: Exit.Exit<A, E>; readonly departed: boolean }, never, R>
  /** Calls off what has not left and is over. */
  readonly callOff: Effect.Effect<void>
}

interface Trip {
  readonly isFirst: boolean
  readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
  departed: boolean
}

class CurrentTrip extends Context.Reference<CurrentTrip>()("effect-bigin/internal/CurrentTrip", {
  defaultValue: (): Trip | undefined => undefined
}) {}

export const makeDepartures = (isOver: (isFirst: boolean) => boolean): Departures => {
  const trips = new Set<Trip>()

  const depart = Effect.flatMap(CurrentTrip, (trip) => {
    if (trip === undefined) return Effect.void
    if (isOver(trip.isFirst)) return Effect.interrupt
    trip.departed = true
    return Effect.void
  })

  return {
    through: HttpClient.tapRequest(() => depart),
    attempt: <A, E, R>(self: Effect.Effect<A, E, R>, isFirst: boolean) =>
      Effect.withFiberRuntime<{ readonly exit: Exit.Exit<A, E>; readonly departed: boolean }, never, R>((fiber) => {
        const trip: Trip = { isFirst, fiber, departed: false }
        trips.add(trip)
        return self.pipe(
          Effect.provideService(CurrentTrip, trip),
          Effect.provideService(HeldBack, (wait) =>
            Effect.suspend(() => {
              trip.departed = false
              return Effect.zipRight(wait, depart)
            })
          ),
          Effect.interruptible,
          Effect.exit,
          Effect.map((exit) => {
            trips.delete(trip)
            return { exit, departed: trip.departed }
          }),
          Effect.uninterruptible
        )
      }),
    callOff: Effect.sync(() => {
      for (const { departed, fiber, isFirst } of trips) {
        if (!departed && isOver(isFirst)) fiber.unsafeInterruptAsFork(FiberId.none)
      }
    })
  }
}
