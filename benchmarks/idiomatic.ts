/** What an Effect programmer writes by hand for one deletion: both answers by schema, a failure for each documented code, a timeout. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { measureEffects } from "./effects.ts"
import { headers, pathTo } from "./promises.ts"

const Success = Schema.Struct({
  data: Schema.Tuple(
    Schema.Struct({
      status: Schema.Literal("success"),
      code: Schema.Literal("SUCCESS"),
      details: Schema.Struct({ id: Schema.String }),
      message: Schema.String
    })
  )
})

const Refusal = Schema.Struct({
  status: Schema.Literal("error"),
  code: Schema.Literal(
    "INVALID_MODULE",
    "INVALID_URL_PATTERN",
    "OAUTH_SCOPE_MISMATCH",
    "NO_PERMISSION",
    "INTERNAL_ERROR",
    "INVALID_REQUEST_METHOD",
    "AUTHORIZATION_FAILED",
    "INVALID_DATA"
  ),
  details: Schema.Unknown,
  message: Schema.String
})
type Refusal = typeof Refusal.Type

class InvalidModule extends Data.TaggedError("InvalidModule")<Refusal> {}
class UnsupportedModule extends Data.TaggedError("UnsupportedModule")<Refusal> {}
class InvalidUrlPattern extends Data.TaggedError("InvalidUrlPattern")<Refusal> {}
class OAuthScopeMismatch extends Data.TaggedError("OAuthScopeMismatch")<Refusal> {}
class NoPermission extends Data.TaggedError("NoPermission")<Refusal> {}
class InternalError extends Data.TaggedError("InternalError")<Refusal> {}
class InvalidRequestMethod extends Data.TaggedError("InvalidRequestMethod")<Refusal> {}
class AuthorizationFailed extends Data.TaggedError("AuthorizationFailed")<Refusal> {}
class InvalidData extends Data.TaggedError("InvalidData")<Refusal> {}
class ConnectionFailed extends Data.TaggedError("ConnectionFailed")<{ readonly cause: unknown }> {}
class UnexpectedAnswer extends Data.TaggedError("UnexpectedAnswer")<{ readonly cause: unknown }> {}
class RequestTimedOut extends Data.TaggedError("RequestTimedOut") {}

const toError = (refusal: Refusal) => {
  switch (refusal.code) {
    case "INVALID_MODULE":
      return refusal.message === "The given module is not supported in API"
        ? new UnsupportedModule(refusal)
        : new InvalidModule(refusal)
    case "INVALID_URL_PATTERN":
      return new InvalidUrlPattern(refusal)
    case "OAUTH_SCOPE_MISMATCH":
      return new OAuthScopeMismatch(refusal)
    case "NO_PERMISSION":
      return new NoPermission(refusal)
    case "INTERNAL_ERROR":
      return new InternalError(refusal)
    case "INVALID_REQUEST_METHOD":
      return new InvalidRequestMethod(refusal)
    case "AUTHORIZATION_FAILED":
      return new AuthorizationFailed(refusal)
    case "INVALID_DATA":
      return new InvalidData(refusal)
  }
}

const readSuccess = HttpClientResponse.schemaBodyJson(Success)
const readFailure = HttpClientResponse.schemaBodyJson(Schema.Struct({ data: Schema.Tuple(Refusal) }))

const readAnswer = HttpClientResponse.matchStatus({
  "2xx": (response) => Effect.map(readSuccess(response), ({ data: [item] }) => item.details),
  orElse: (response) => Effect.flatMap(readFailure(response), ({ data: [item] }) => Effect.fail(toError(item)))
})

const deleteAttachment = (url: string) =>
  HttpClient.del(url, { headers }).pipe(
    Effect.flatMap(readAnswer),
    Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => new RequestTimedOut() }),
    Effect.catchTags({
      RequestError: (cause) => new ConnectionFailed({ cause }),
      ResponseError: (cause) => new UnexpectedAnswer({ cause }),
      ParseError: (cause) => new UnexpectedAnswer({ cause })
    })
  )

export const idiomatic = (layer: Layer.Layer<HttpClient.HttpClient>): Promise<void> =>
  measureEffects((origin) => ({
    layer,
    deleteOne: (id) => deleteAttachment(`${origin}${pathTo(id)}`),
    isExpected: ({ id }) => id !== ""
  }))
