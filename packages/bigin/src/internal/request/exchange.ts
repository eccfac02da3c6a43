/** One request to Bigin: how it is made, and how it is given its time and its failures their names. */
import type { HttpBody } from "@effect/platform/HttpBody"
import type * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { Ref } from "../../errors/fields.ts"
import {
  type ConnectionFailed,
  type ConnectionLost,
  RequestTimedOut,
  TokenRejected
} from "../../errors/undocumented.ts"
import { timeoutFail } from "./handover.ts"
import { send } from "./http.ts"
import type { Answer } from "../answer/item.ts"
import { fill, type Operation, versioned } from "./operation.ts"
import { transportError } from "./transport.ts"
import { accessTokenPattern, type Credentials, originProblem, parseOrigin } from "../../models/credentials.ts"
import { AttemptTimeout } from "../../models/settings.ts"

export type ExchangeError = TokenRejected | ConnectionFailed | ConnectionLost | RequestTimedOut

/** The query of a URL, by names. */
export type Query = { readonly [name: string]: string }

/** Makes the request of an operation and exchanges it for its whole answer, within the timeout of an attempt. */
export const exchange = (
  operation: Operation,
  ref: Ref,
  credentials: Credentials,
  query?: Query,
  body?: HttpBody
): Effect.Effect<Answer, ExchangeError, HttpClient.HttpClient> =>
  Effect.flatMap(requestOf(operation, ref, credentials, query, body), (request) => attempted(send(request), ref))

/** The request of an operation, with the token. */
export const requestOf = (
  operation: Operation,
  ref: Ref,
  credentials: Credentials,
  query: Query = {},
  body?: HttpBody
): Effect.Effect<HttpClientRequest.HttpClientRequest, TokenRejected> =>
  Effect.gen(function* () {
    const route = yield* versioned(operation.route)
    const request = yield* authorized(operation, fill(route, { ...ref }), credentials, query)
    return body === undefined ? request : HttpClientRequest.setBody(request, body)
  })

/** Within the timeout of an attempt, and with what a failure of the transport proves. */
export const attempted = <A, R>(
  self: Effect.Effect<A, HttpClientError, R>,
  ref: Ref
): Effect.Effect<A, ConnectionFailed | ConnectionLost | RequestTimedOut, R> =>
  self.pipe(
    Effect.mapError((error) => transportError(error, ref)),
    inTime(ref, (error) => error)
  )

/** Within the timeout of an attempt, else whatever failure is made of RequestTimedOut. */
export const inTime =
  <E2>(ref: Ref, failure: (error: RequestTimedOut) => E2) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R> =>
    Effect.flatMap(AttemptTimeout, (after) =>
      self.pipe(
        // in a finalizer nothing else would let the timeout end it
        Effect.interruptible,
        timeoutFail({
          duration: after,
          onTimeout: () => failure(new RequestTimedOut({ ref, after: rounded(after) }))
        })
      )
    )

/** The last check before a token leaves the process: some clients throw on a malformed header, others cut it. */
const authorized = (
  { accept = "application/json", method }: Operation,
  path: string,
  { accessToken, apiOrigin }: Credentials,
  urlParams: Query
): Either.Either<HttpClientRequest.HttpClientRequest, TokenRejected> => {
  const token = Redacted.value(accessToken)
  if (!accessTokenPattern.test(token)) {
    return Either.left(
      new TokenRejected({
        reason: "the access token is not printable ASCII without spaces (give it without a prefix), so it was not sent"
      })
    )
  }
  return parseOrigin(apiOrigin).pipe(
    Either.fromOption(() => new TokenRejected({ reason: `the API origin ${originProblem}` })),
    Either.map((origin) =>
      HttpClientRequest.make(method)(`${origin}${path}`, {
        headers: { authorization: `Zoho-oauthtoken ${token}`, accept },
        urlParams
      })
    )
  )
}

const rounded = (duration: Duration.Duration) => Duration.millis(Math.round(Duration.toMillis(duration)))
