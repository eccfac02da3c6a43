/** How far an attempt has got, for whoever may call it off: until a request of it has left, nothing was done. */
import * as HttpClient from "@effect/platform/HttpClient"
import { type HttpClientError, RequestError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { InvalidToken } from "../../errors/undocumented.ts"
import { handOn } from "./exchange.ts"

/** Of each attempt its own, so that what an attempt leaves behind is not taken for a part of the next. */
export interface Departure {
  /** How many requests have left, but for one whose token was refused. One answer tells what one of them did. */
  left: number
  /** Whether a request was held back. */
  isHeldBack: boolean
  /** What it was told where its token was refused. */
  refusal: InvalidToken | undefined
  /** Whether nothing more of it may leave: it was called off, or has ended. */
  readonly isOver: () => boolean
}

/** The attempt that a fiber is at. A fiber that makes many attempts sets it anew for each: a context for each costs more. */
export class CurrentDeparture extends Context.Reference<CurrentDeparture>()("effect-bigin/internal/CurrentDeparture", {
  defaultValue: (): { of: Departure | undefined } => ({ of: undefined })
}) {}

/** Before a request is handed to the transport. False where it may not be. */
const leave = (departure: Departure): boolean => {
  departure.isHeldBack = departure.isOver()
  if (!departure.isHeldBack) departure.left += 1
  return !departure.isHeldBack
}

/** After a refused token, with which nothing was done: what follows can be called off again. False where it was already. */
export const refused = (refusal: InvalidToken): Effect.Effect<boolean> =>
  Effect.map(CurrentDeparture, ({ of }) => {
    if (of === undefined) return true
    // of several it is not known which was refused
    if (of.left === 1) of.left = 0
    of.refusal = refusal
    return !of.isOver()
  })

/**
 * A client that tells when a request leaves: after a wait for a token, after one in what is wrapped around the call below it, such
 * as a throttle, and each time where that repeats it. The attempt is known before the call goes into what is below, which may
 * run it in a fiber of its own, at any time.
 */
export const watched = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  handOn(
    client,
    // executed as a whole, since a step of the request alone would come before all that is wrapped around the call
    HttpClient.makeWith<never, never, HttpClientError, never>(
      Effect.flatMap((request) => Effect.flatMap(CurrentDeparture, ({ of }) => leaving(client, of).execute(request))),
      Effect.succeed
    ),
    (exchange) => (request, limits) =>
      Effect.flatMap(CurrentDeparture, ({ of }) =>
        exchange(
          of === undefined ? request : Effect.tap(request, () => (leave(of) ? Effect.void : Effect.interrupt)),
          limits
        )
      )
  )

const leaving = (client: HttpClient.HttpClient, departure: Departure | undefined): HttpClient.HttpClient =>
  departure === undefined
    ? client
    : HttpClient.tapRequest(client, (request) => (leave(departure) ? Effect.void : Effect.fail(notSent(request))))

/** A failure, since it may be met in a worker of the client's, which an interruption would end; of a kind that nobody repeats. */
const notSent = (request: HttpClientRequest) =>
  new RequestError({ request, reason: "Encode", description: "the attempt that this request is of is over" })
