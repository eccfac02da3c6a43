/** One request to Bigin and its whole answer. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { Credentials } from "../BiginAuth.ts"
import { AttemptTimeout } from "../BiginConfig.ts"
import { type ConnectionFailed, type ConnectionLost, RequestTimedOut, TokenRejected } from "../errors/undocumented.ts"
import type { Ref } from "./fields.ts"
import { timeoutFail } from "./handover.ts"
import { type Answer, send } from "./http.ts"
import { fill, type Operation, versioned } from "./operation.ts"
import { accessTokenPattern, originProblem, parseOrigin } from "./credentials.ts"
import { transportError } from "./transport.ts"

export type ExchangeError = TokenRejected | ConnectionFailed | ConnectionLost | RequestTimedOut

/** The query of a URL, by names. */
export type Query = { readonly [name: string]: string }

/** Makes the request of an operation and exchanges it for an answer, within the timeout of an attempt. */
export const exchange = (
  operation: Operation,
  ref: Ref,
  credentials: Credentials,
  query: Query = {}
): Effect.Effect<Answer, ExchangeError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const route = yield* versioned(operation.route)
    const request = yield* authorized(operation.method, fill(route, { ...ref }), credentials, query)
    const after = yield* AttemptTimeout
    return yield* send(request).pipe(
      Effect.mapError((error) => transportError(error, ref)),
      // in a finalizer nothing else would let the timeout end it
      Effect.interruptible,
      timeoutFail({ duration: after, onTimeout: () => new RequestTimedOut({ ref, after: rounded(after) }) })
    )
  })

/** The last check before a token leaves the process: some clients throw on a malformed header, others cut it. */
const authorized = (
  method: Operation["method"],
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
        headers: { authorization: `Zoho-oauthtoken ${token}`, accept: "application/json" },
        urlParams
      })
    )
  )
}

const rounded = (duration: Duration.Duration) => Duration.millis(Math.round(Duration.toMillis(duration)))
