/** A request and its answer: handed to the transport, within a time, and read to a bound. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Ref } from "../../errors/fields.ts"
import { type ConnectionFailed, type ConnectionLost, RequestTimedOut } from "../../errors/undocumented.ts"
import { AttemptTimeout } from "../../models/settings.ts"
import { type Exchange, isTransport, TypeId } from "../../models/transport.ts"
import type { Answer } from "../answer/item.ts"
import { wakeAfter, withDeadline } from "./attempt.ts"
import { CurrentWatch, leaving, telling } from "./departure.ts"
import { answerOf, readAnswer } from "./body.ts"
import { toldWhereHeard } from "./span.ts"
import { transportError } from "./transport.ts"

/** How much of an answer is read, in bytes. */
export const mostOfAnswer = 1_048_576

/** Sends a request and reads its answer, within a time. Around a client that keeps the time and the bound itself no fiber is run. */
export const exchange = (
  request: HttpClientRequest,
  after: Duration.Duration,
  most = mostOfAnswer
): Effect.Effect<Answer, HttpClientError | Cause.TimeoutException, HttpClient.HttpClient> =>
  Effect.withFiberRuntime((fiber) => {
    // of an effect that requires the client, as its type says
    const context = fiber.currentContext as Context.Context<HttpClient.HttpClient>
    const client = Context.get(context, HttpClient.HttpClient)
    const watch = Context.get(context, CurrentWatch)
    return isTransport(client)
      ? Effect.flatMap(
          told(request, client[TypeId](leaving(request, watch?.attempt), { most, deadline: wakeAfter(after, fiber) })),
          ({ body, headers, isWhole, status }) => {
            watch?.onAnswer(headers)
            return answerOf({ status, headers }, { bytes: body, isWhole }, most)
          }
        )
      : withDeadline(
          Effect.flatMap(sendBy(telling(client, watch?.attempt), request), (response) => {
            watch?.onAnswer(response.headers)
            return readAnswer(response, most)
          }),
          after,
          () => new Cause.TimeoutException()
        )
  })

/**
 * A wrapped client with the same around the exchange of the client in it, if that has one. Without it the wrapped one would work
 * as well, and slower.
 */
export const handOn = (
  client: HttpClient.HttpClient,
  wrapped: HttpClient.HttpClient,
  around: (exchange: Exchange) => Exchange
): HttpClient.HttpClient =>
  isTransport(client) ? Object.assign(wrapped, { [TypeId]: around(client[TypeId]) }) : wrapped

/** Hands a request to the transport, and gives the answer when its headers are there. */
export const send = (
  request: HttpClientRequest
): Effect.Effect<HttpClientResponse, HttpClientError, HttpClient.HttpClient> =>
  Effect.flatMap(HttpClient.HttpClient, (client) => sendBy(client, request))

const sendBy = (
  client: HttpClient.HttpClient,
  request: HttpClientRequest
): Effect.Effect<HttpClientResponse, HttpClientError> =>
  told(request, answered(pieceByPiece(request, client.execute(request))))

/**
 * Unless a redirect is an error, fetch of Node keeps a second branch of a body that is streamed, and with it the whole file, as
 * measured with 200 MB.
 */
const pieceByPiece = <A, E, R>({ body }: HttpClientRequest, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  body._tag === "Stream"
    ? Effect.mapInputContext(self, (context: Context.Context<R>) =>
        Context.add(context, FetchHttpClient.RequestInit, {
          ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
          redirect: "error"
        })
      )
    : self

/** As `send`; the connection's use ends with the scope, however much of the answer was read. */
export const open = (
  request: HttpClientRequest
): Effect.Effect<HttpClientResponse, HttpClientError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.flatMap(HttpClient.HttpClient, (client) =>
    told(request, answered(HttpClient.withScope(client).execute(request)))
  )

/** The span knows where a request went and what came. */
const told = <A extends { readonly status: number }, E, R>(
  request: HttpClientRequest,
  answer: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  toldWhereHeard(answer, (answer) =>
    Effect.zipRight(
      Effect.annotateCurrentSpan(serverAttributes(request)),
      Effect.tap(answer, ({ status }) => Effect.annotateCurrentSpan({ "http.response.status_code": status }))
    )
  )

const answered = <R>(
  self: Effect.Effect<HttpClientResponse, HttpClientError, R>
): Effect.Effect<HttpClientResponse, HttpClientError, R> => Effect.catchAllCause(self, unfiltered)

/**
 * A client that filters by status makes an error of an answer. Where a client dies as well, the defect alone goes on: the error beside
 * it would print the request and its token.
 */
const unfiltered = (cause: Cause.Cause<HttpClientError>): Effect.Effect<HttpClientResponse, HttpClientError> => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  if (error !== undefined && Cause.isDie(cause)) return Effect.failCause(Cause.stripFailures(cause))
  return error?._tag === "ResponseError" && error.reason === "StatusCode"
    ? Effect.succeed(error.response)
    : Effect.failCause(cause)
}

const serverAttributes = ({ url }: HttpClientRequest) => {
  const { hostname, port, protocol } = new URL(url)
  return { "server.address": hostname, "server.port": Number(port || (protocol === "https:" ? 443 : 80)) }
}

/** As `exchange`, within the timeout of an attempt, and with what a failure of the transport proves. */
export const exchanged = (
  request: HttpClientRequest,
  ref: Ref,
  after: Duration.Duration,
  most?: number
): Effect.Effect<Answer, ConnectionFailed | ConnectionLost | RequestTimedOut, HttpClient.HttpClient> =>
  Effect.mapError(exchange(request, after, most), (error) =>
    error._tag === "TimeoutException" ? timedOut(ref, after) : transportError(error, ref)
  )

/** Within the timeout of an attempt, and with what a failure of the transport proves. */
export const attempted = <A, R>(
  ref: Ref,
  self: Effect.Effect<A, HttpClientError, R>
): Effect.Effect<A, ConnectionFailed | ConnectionLost | RequestTimedOut, R> =>
  inTime(
    ref,
    Effect.mapError(self, (error) => transportError(error, ref)),
    identity
  )

/** Within the timeout of an attempt, else with the failure that is made of RequestTimedOut. */
export const inTime = <A, E, R, E2>(
  ref: Ref,
  self: Effect.Effect<A, E, R>,
  failure: (error: RequestTimedOut) => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.flatMap(AttemptTimeout, (after) => withDeadline(self, after, () => failure(timedOut(ref, after))))

const timedOut = (ref: Ref, after: Duration.Duration) =>
  new RequestTimedOut({ ref, after: Duration.millis(Math.round(Duration.toMillis(after))) })
