/** One HTTP exchange, whatever it is for: no span below our own, no redirect, and an answer for every status. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import type { Answer } from "../answer/item.ts"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"

/** Sends a request and reads its answer to the last byte. */
export const send = (request: HttpClientRequest): Effect.Effect<Answer, HttpClientError, HttpClient.HttpClient> =>
  Effect.scoped(Effect.flatMap(open(request), readAnswer))

/** Sends a request and leaves the body of its answer to be read, while the scope is open: with it ends the connection's use. */
export const open = (
  request: HttpClientRequest
): Effect.Effect<HttpClientResponse, HttpClientError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    yield* Effect.annotateCurrentSpan(serverAttributes(request))
    const client = yield* HttpClient.HttpClient
    const response = yield* HttpClient.withScope(untraced(client))
      .execute(request)
      .pipe(Effect.catchTag("ResponseError", answerWithin), withoutRedirects(request))
    yield* Effect.annotateCurrentSpan("http.response.status_code", response.status)
    return response
  })

export const readAnswer = (response: HttpClientResponse): Effect.Effect<Answer, HttpClientError> =>
  Effect.map(response.text, (body) => ({ status: response.status, headers: response.headers, body }))

/** A client that filters by status makes an error of an answer; the answer is what counts. */
const answerWithin = (error: Extract<HttpClientError, { readonly _tag: "ResponseError" }>) =>
  error.reason === "StatusCode" ? Effect.succeed(error.response) : Effect.fail(error)

/** Our own span tells the call; one below it would record the URL, and its headers would go to Zoho. */
const untraced = HttpClient.withTracerDisabledWhen(() => true)

/**
 * fetch follows redirects unless told otherwise, and would take the token along. The caller's other settings stay. Unless a
 * redirect is an error, Node's fetch keeps a second branch of a body that is streamed, and with it all of the file: measured with
 * 200 MB.
 */
const withoutRedirects =
  ({ body }: HttpClientRequest) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.mapInputContext(self, (context: Context.Context<R>) =>
      Context.add(context, FetchHttpClient.RequestInit, {
        ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
        redirect: body._tag === "Stream" ? "error" : "manual"
      })
    )

const serverAttributes = ({ url }: HttpClientRequest) => {
  const { hostname, port, protocol } = new URL(url)
  return { "server.address": hostname, "server.port": Number(port || (protocol === "https:" ? 443 : 80)) }
}
