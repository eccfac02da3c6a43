/** How far an attempt has got, for whoever may call it off: until a request of it has left, nothing was done. */
import * as HttpClient from "@effect/platform/HttpClient"
import { RequestError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { DeleteAttachmentError } from "../../errors/operations.ts"
import { ConnectionLost, type InvalidToken } from "../../errors/undocumented.ts"
import type { AttachmentRef } from "../../models/ids.ts"
import type { Answer } from "../answer/item.ts"

/** Of each attempt its own, so that what an attempt leaves behind is not taken for a part of the next. */
export class Departure {
  /** How many requests have left, but for one whose token was refused. One answer tells what one of them did. */
  left = 0
  /** Whether a request was held back. */
  isHeldBack = false
  /** What it was told where its token was refused. */
  refusal: InvalidToken | undefined = undefined
  hasEnded = false
  readonly isCalledOff: () => boolean

  constructor(isCalledOff: () => boolean) {
    this.isCalledOff = isCalledOff
  }

  /** Whether it was called off before anything left. */
  isCut(): boolean {
    return this.left === 0 && this.isCalledOff()
  }

  /** Whether nothing more of it may leave. */
  isOver(): boolean {
    return this.hasEnded || this.isCalledOff()
  }
}

/** What is known of an attempt that has ended. */
export interface Told {
  /** None where nothing of it has left. */
  readonly answered: Option.Option<Either.Either<unknown, DeleteAttachmentError>>
  /** Whether more requests have left than one, which an answer to one of them says nothing of. */
  readonly isOpen: boolean
}

// pure for bundlers, since programs without a collection need neither
export const unsent: Told = { answered: /* #__PURE__ */ Option.none(), isOpen: false }
const deleted: Told = { answered: /* #__PURE__ */ Option.some(Either.void), isOpen: false }

export const toldBy = (
  exit: Exit.Exit<unknown, DeleteAttachmentError>,
  { isHeldBack, left, refusal }: Departure,
  ref: AttachmentRef
): Told => {
  if (Exit.isSuccess(exit)) return deleted
  // what a client makes of a request that was held back is no answer
  const failure = isHeldBack && left === 0 ? Option.none() : Cause.failureOption(exit.cause)
  // of what has left and was not answered nothing is known
  const otherwise = left > 0 ? new ConnectionLost({ ref, reason: "unknown" }) : refusal
  const error = Option.orElse(failure, () => Option.fromNullable(otherwise))
  return { answered: Option.map(error, Either.left), isOpen: left > 1 }
}

/** What a fiber that makes many calls wants to know of them. It sets the attempt anew for each: a context for each costs more. */
export interface Watch {
  attempt: Departure | undefined
  /** Run with the headers of each answer, before anything is made of it. */
  readonly onAnswer: (headers: Answer["headers"]) => void
}

export class CurrentWatch extends Context.Reference<CurrentWatch>()("effect-bigin/internal/CurrentWatch", {
  defaultValue: (): Watch | undefined => undefined
}) {}

/** Before a request is handed to the transport: the request, or what is to happen where it may not be. */
const leave = <E>(
  attempt: Departure,
  request: HttpClientRequest,
  otherwise: (request: HttpClientRequest) => Effect.Effect<never, E>
): Effect.Effect<HttpClientRequest, E> => {
  attempt.isHeldBack = attempt.isOver()
  if (attempt.isHeldBack) return otherwise(request)
  attempt.left += 1
  return Effect.succeed(request)
}

/** After a refused token, with which nothing was done: what follows can be called off again. False where it was already. */
export const refused = (refusal: InvalidToken): Effect.Effect<boolean> =>
  Effect.map(CurrentWatch, (watch) => {
    const attempt = watch?.attempt
    if (attempt === undefined) return true
    // of several it is not known which was refused
    if (attempt.left === 1) attempt.left = 0
    attempt.refusal = refusal
    return !attempt.isOver()
  })

/** A request that tells when it leaves, for an Exchange, which runs it last before the network. */
export const leaving = (request: HttpClientRequest, attempt: Departure | undefined): Effect.Effect<HttpClientRequest> =>
  attempt === undefined
    ? Effect.succeed(request)
    : Effect.suspend(() => leave(attempt, request, () => Effect.interrupt))

/**
 * A client that tells when a request leaves: after a wait for a token, after one in what is wrapped around the call below it, such
 * as a throttle, and each time where that repeats it. The attempt is known before the call goes into what is below, which may
 * run it in a fiber of its own, at any time.
 */
export const telling = (client: HttpClient.HttpClient, attempt: Departure | undefined): HttpClient.HttpClient =>
  attempt === undefined ? client : HttpClient.mapRequestEffect(client, (request) => leave(attempt, request, notSent))

/** A failure, since it may be met in a worker of the client's, which an interruption would end; of a kind that nobody repeats. */
const notSent = (request: HttpClientRequest) =>
  Effect.fail(
    new RequestError({ request, reason: "Encode", description: "the attempt that this request is of is over" })
  )
