/** One HTTP exchange, whatever it is for: no span below our own, no redirect, and an answer for every status. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** An answer as it came: any status, and the text of any bytes. */
export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
}

/** Sends a request and reads its answer to the last byte. */
export const send = (request: HttpClientRequest): Effect.Effect<Answer, HttpClientError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    yield* Effect.annotateCurrentSpan(serverAttributes(request))
    const client = yield* HttpClient.HttpClient
    const answer = yield* untraced(client)
      .execute(request)
      .pipe(Effect.catchTag("ResponseError", answerWithin), Effect.flatMap(readAnswer), withoutRedirects)
    yield* Effect.annotateCurrentSpan("http.response.status_code", answer.status)
    return answer
  })

const readAnswer = (response: HttpClientResponse): Effect.Effect<Answer, HttpClientError> =>
  Effect.map(response.text, (body) => ({ status: response.status, headers: response.headers, body }))

/** A client that filters by status makes an error of an answer; the answer is what counts. */
const answerWithin = (error: Extract<HttpClientError, { readonly _tag: "ResponseError" }>) =>
  error.reason === "StatusCode" ? Effect.succeed(error.response) : Effect.fail(error)

/** Our own span tells the call; one below it would record the URL, and its headers would go to Zoho. */
const untraced = HttpClient.withTracerDisabledWhen(() => true)

/** fetch follows redirects unless told otherwise, and would take the token along. The caller's other settings stay. */
const withoutRedirects = Effect.mapInputContext((context: Context.Context<never>) =>
  Context.add(context, FetchHttpClient.RequestInit, {
    ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
    redirect: "manual"
  })
)

const serverAttributes = ({ url }: HttpClientRequest) => {
  const { hostname, port, protocol } = new URL(url)
  return { "server.address": hostname, "server.port": Number(port || (protocol === "https:" ? 443 : 80)) }
}
