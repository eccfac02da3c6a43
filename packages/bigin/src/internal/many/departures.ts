/** Which attempts have handed their request to the transport. Until then they can be called off, and nothing was done. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { HeldBack } from "../handover.ts"

export interface Departures {
  /** With a client that tells when a request leaves: after a wait for a token, and after one in a throttle below it. */
  readonly watch: (
    client: HttpClient.HttpClient
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, HttpClient.HttpClient>>
  /** What one fiber does: its attempts, one after the other, can be called off. */
  readonly traveller: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Runs an attempt, alone interruptible. One that was called off is interrupted, and so is its fiber from then on. */
  readonly attempt: <A, E, R>(
    self: Effect.Effect<A, E, R>,
    isFirst: boolean
  ) => Effect.Effect<{ readonly exit: Exit.Exit<A, E>; readonly departed: boolean }, never, R>
  /** Runs what others wrote: no request of its own, now or later, is taken for one of an attempt's. */
  readonly apart: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Calls off what has not left and is over. */
  readonly callOff: Effect.Effect<void>
}

/** Where a fiber is with its attempt, if it is at one. */
interface Trip {
  stage: "home" | "preparing" | "departed"
  isFirst: boolean
}

/** Provided once for a fiber: to provide a service costs more than all else that is done here for an attempt. */
class CurrentTrip extends Context.Reference<CurrentTrip>()("effect-bigin/internal/CurrentTrip", {
  defaultValue: nowhere
}) {}

function nowhere(): Trip {
  return { stage: "home", isFirst: false }
}

export const makeDepartures = (isOver: (isFirst: boolean) => boolean): Departures => {
  const trips = new Map<Trip, Fiber.RuntimeFiber<unknown, unknown>>()

  const depart = Effect.flatMap(CurrentTrip, (trip) => {
    if (trip.stage === "home") return Effect.void
    if (isOver(trip.isFirst)) return Effect.interrupt
    trip.stage = "departed"
    return Effect.void
  })

  const heldBack = (wait: Effect.Effect<void>) =>
    Effect.flatMap(CurrentTrip, (trip) => {
      if (trip.stage === "home") return wait
      trip.stage = "preparing"
      return Effect.zipRight(wait, depart)
    })

  return {
    watch: (client) => (self) =>
      self.pipe(
        Effect.provideService(
          HttpClient.HttpClient,
          HttpClient.tapRequest(client, () => depart)
        ),
        Effect.provideService(HeldBack, heldBack)
      ),
    traveller: (self) =>
      Effect.withFiberRuntime((fiber) => {
        const trip = nowhere()
        trips.set(trip, fiber)
        return self.pipe(
          Effect.provideService(CurrentTrip, trip),
          Effect.ensuring(Effect.sync(() => trips.delete(trip)))
        )
      }),
    attempt: (self, isFirst) =>
      Effect.flatMap(CurrentTrip, (trip) => {
        trip.stage = "preparing"
        trip.isFirst = isFirst
        return Effect.map(Effect.exit(Effect.interruptible(self)), (exit) => {
          const departed = trip.stage === "departed"
          trip.stage = "home"
          return { exit, departed }
        })
      }),
    apart: Effect.provideService(CurrentTrip, nowhere()),
    callOff: Effect.sync(() => {
      for (const [{ isFirst, stage }, fiber] of trips) {
        if (stage === "preparing" && isOver(isFirst)) fiber.unsafeInterruptAsFork(FiberId.none)
      }
    })
  }
}
