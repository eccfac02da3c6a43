/** Which attempts have handed their request to the transport. Until then they can be called off, and nothing was done. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type { InvalidToken } from "../../errors/undocumented.ts"
import { CurrentDeparture, type Departure, leave } from "../request/departure.ts"
import { handOn } from "../request/exchange.ts"

export interface Departures {
  /** Runs an attempt, alone interruptible. One that was called off is interrupted, and so is its fiber from then on. */
  readonly attempt: <A, E, R>(
    self: Effect.Effect<A, E, R>,
    isFirst: boolean
  ) => Effect.Effect<Attempted<A, E>, never, R>
  /** Calls off what has not left and is over. */
  readonly callOff: Effect.Effect<void>
}

export interface Attempted<A, E> {
  readonly exit: Exit.Exit<A, E>
  /** Whether a request had left that was not answered, or left open what it did. */
  readonly departed: boolean
  /** What it was told of its token. */
  readonly refusal: InvalidToken | undefined
}

export const makeDepartures = (isOver: (isFirst: boolean) => boolean): Departures => {
  const underWay = new Map<Departure, Fiber.RuntimeFiber<unknown, unknown>>()
  return {
    attempt: (self, isFirst) =>
      Effect.withFiberRuntime((fiber) => {
        const departure: Departure = { hasLeft: false, refusal: undefined, isCalledOff: () => isOver(isFirst) }
        if (departure.isCalledOff()) {
          return Effect.succeed({ exit: Exit.interrupt(FiberId.none), departed: false, refusal: undefined })
        }
        underWay.set(departure, fiber)
        return Effect.provideService(Effect.interruptible(self), CurrentDeparture, departure).pipe(
          Effect.exit,
          Effect.map((exit) => {
            underWay.delete(departure)
            return { exit, departed: departure.hasLeft, refusal: departure.refusal }
          })
        )
      }),
    callOff: Effect.sync(() => {
      for (const [{ hasLeft, isCalledOff }, fiber] of underWay) {
        if (!hasLeft && isCalledOff()) fiber.unsafeInterruptAsFork(FiberId.none)
      }
    })
  }
}

/**
 * A client that tells when a request leaves: after a wait for a token, and after one in what is wrapped around the call below
 * it, such as a throttle; and each time, where that repeats it.
 */
export const watched = (client: HttpClient.HttpClient): HttpClient.HttpClient => {
  const telling = HttpClient.tapRequest(client, () => leave)
  // executed as a whole, since a step of the request alone would come before all that is wrapped around the call
  return handOn(
    client,
    HttpClient.makeWith<never, never, HttpClientError, never>(Effect.flatMap(telling.execute), Effect.succeed),
    (exchange) => (request, limits) =>
      exchange(
        Effect.tap(request, () => leave),
        limits
      )
  )
}
