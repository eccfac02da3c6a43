/** One request to Bigin and its whole answer. The only file that touches a token's value or the HTTP client. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Credentials } from "../BiginAuth.ts"
import { AttemptTimeout } from "../BiginConfig.ts"
import type { Answer } from "../errors/classify.ts"
import { type ConnectionFailed, type ConnectionLost, RequestTimedOut, TokenRejected } from "../errors/undocumented.ts"
import type { AttachmentRef } from "../Ids.ts"
import { fill, type Operation, versioned } from "./operation.ts"
import { originProblem, parseOrigin } from "./origin.ts"
import { transportError } from "./transport.ts"

export type ExchangeError = TokenRejected | ConnectionFailed | ConnectionLost | RequestTimedOut

/** Sends one request and reads its answer to the last byte, within the timeout of an attempt. */
export const exchange = (
  operation: Operation,
  ref: AttachmentRef,
  credentials: Credentials
): Effect.Effect<Answer, ExchangeError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const route = yield* versioned(operation.route)
    const request = yield* authorized(operation.method, fill(route, ref), credentials)
    yield* Effect.annotateCurrentSpan(serverAttributes(request))
    const after = yield* AttemptTimeout
    const client = yield* HttpClient.HttpClient
    const answer = yield* untraced(client)
      .execute(request)
      .pipe(
        Effect.catchTag("ResponseError", answerWithin),
        Effect.flatMap(readAnswer),
        Effect.mapError((error) => transportError(error, ref)),
        Effect.timeoutFail({
          duration: after,
          onTimeout: () => new RequestTimedOut({ ref, after: wholeMillis(after) })
        }),
        withoutRedirects
      )
    yield* Effect.annotateCurrentSpan("http.response.status_code", answer.status)
    return answer
  })

const readAnswer = (response: HttpClientResponse): Effect.Effect<Answer, HttpClientError> =>
  Effect.map(response.text, (body) => ({ status: response.status, headers: response.headers, body }))

/** A client that filters by status makes an error of an answer; the answer is what counts. */
const answerWithin = (error: Extract<HttpClientError, { readonly _tag: "ResponseError" }>) =>
  error.reason === "StatusCode" ? Effect.succeed(error.response) : Effect.fail(error)

/** The last check before a token leaves the process: some clients throw on a malformed header, others cut it. */
const authorized = (
  method: Operation["method"],
  path: string,
  { accessToken, apiOrigin }: Credentials
): Either.Either<HttpClientRequest.HttpClientRequest, TokenRejected> => {
  const token = Redacted.value(accessToken)
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return Either.left(
      new TokenRejected({ reason: "the access token is not printable ASCII without spaces, so it was not sent" })
    )
  }
  return parseOrigin(apiOrigin).pipe(
    Either.fromOption(() => new TokenRejected({ reason: `the API origin ${originProblem}` })),
    Either.map((origin) =>
      HttpClientRequest.make(method)(`${origin}${path}`, {
        headers: { authorization: `Zoho-oauthtoken ${token}`, accept: "application/json" }
      })
    )
  )
}

/** Our own span tells the call; one below it would record the URL, and its headers would go to Zoho. */
const untraced = HttpClient.withTracerDisabledWhen(() => true)

/** fetch follows redirects unless told otherwise, and would take the token along. The caller's other settings stay. */
const withoutRedirects = Effect.mapInputContext((context: Context.Context<never>) =>
  Context.add(context, FetchHttpClient.RequestInit, {
    ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
    redirect: "manual"
  })
)

const serverAttributes = ({ url }: HttpClientRequest.HttpClientRequest) => {
  const { hostname, port, protocol } = new URL(url)
  return { "server.address": hostname, "server.port": Number(port || (protocol === "https:" ? 443 : 80)) }
}

const wholeMillis = (duration: Duration.Duration) => Duration.millis(Math.round(Duration.toMillis(duration)))
