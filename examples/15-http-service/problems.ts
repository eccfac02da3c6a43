/**
 * What the service tells its own clients when it cannot remove an attachment: eight problem documents (RFC 9457), and the one
 * place where each error of the library becomes one of them.
 *
 * The status says who can do something about it:
 * - 400, 401, 403, 404: the caller, or the administrator of Bigin;
 * - 500: whoever runs this service;
 * - 502: a developer, since Bigin's answer was not understood;
 * - 503: nobody for now. The same request may succeed later, and `Retry-After` says when;
 * - 504: nobody knows whether the attachment is gone. The same request finds out.
 */
import { HttpApiSchema } from "@effect/platform"
import { Duration, Match, Schema } from "effect"
import type { Errors } from "effect-bigin"

type Tag = Errors.EnsureDeletedError["_tag"]

/** The members that every problem has. `type` leads to its schema, which the service has itself; `tag` is the library's. */
const members = <
  const Name extends string,
  const Status extends number,
  const Title extends string,
  const Outcome extends string,
  const Tags extends ReadonlyArray<Tag>
>(
  name: Name,
  status: Status,
  title: Title,
  outcome: Outcome,
  ...tags: Tags
) => ({
  type: Schema.tag(`/openapi.json#/components/schemas/${name}`),
  title: Schema.tag(title),
  status: Schema.tag(status),
  detail: Schema.String,
  outcome: Schema.tag(outcome),
  tag: Schema.Literal(...tags)
})

const sentWith = (status: number) => ({
  [HttpApiSchema.AnnotationStatus]: status,
  [HttpApiSchema.AnnotationEncoding]: { kind: "Json", contentType: "application/problem+json" }
})

/** The caller wrote a name or an id that Bigin cannot have. */
export class MalformedRequest extends Schema.Class<MalformedRequest>("MalformedRequest")(
  members("MalformedRequest", 400, "The request is malformed", "not deleted", "InvalidInput"),
  sentWith(400)
) {
  readonly _tag = "MalformedRequest"
}

/** The caller is not known to this service, so Bigin was not asked. */
export class UnknownCaller extends Schema.Class<UnknownCaller>("UnknownCaller")(
  {
    type: Schema.tag("/openapi.json#/components/schemas/UnknownCaller"),
    title: Schema.tag("The key is missing or wrong"),
    status: Schema.tag(401),
    detail: Schema.tag("The key of this service is to be sent as a bearer token."),
    outcome: Schema.tag("not deleted")
  },
  sentWith(401)
) {
  readonly _tag = "UnknownCaller"
}

/** This service's user in Bigin may not delete it. No key of the caller changes that, so it is not a 401. */
export class NotAllowed extends Schema.Class<NotAllowed>("NotAllowed")(
  members("NotAllowed", 403, "Bigin forbids it", "not deleted", "NoPermission", "AuthorizationFailed"),
  sentWith(403)
) {
  readonly _tag = "NotAllowed"
}

/** Bigin has no such module or record. An attachment that is not there is no problem: it is removed. */
export class NotFound extends Schema.Class<NotFound>("NotFound")(
  members(
    "NotFound",
    404,
    "Bigin has no such module or record",
    "not deleted",
    "InvalidModule",
    "UnsupportedModule",
    "InvalidData"
  ),
  sentWith(404)
) {
  readonly _tag = "NotFound"
}

/** This service has no token that serves. It says no more: the reason is for its own log. */
export class Misconfigured extends Schema.Class<Misconfigured>("Misconfigured")(
  members(
    "Misconfigured",
    500,
    "This service cannot use Bigin",
    "not deleted",
    "OAuthScopeMismatch",
    "InvalidToken",
    "TokenRejected"
  ),
  sentWith(500)
) {
  readonly _tag = "Misconfigured"
}

/** Bigin refused in a way that the caller did not cause. */
export class NotUnderstood extends Schema.Class<NotUnderstood>("NotUnderstood")(
  members(
    "NotUnderstood",
    502,
    "Bigin's answer was not understood",
    "not deleted",
    "InvalidUrlPattern",
    "InvalidRequestMethod",
    "InvalidData",
    "UnrecognizedCode",
    "MalformedResponse"
  ),
  sentWith(502)
) {
  readonly _tag = "NotUnderstood"
}

/** Nothing was deleted, and the same request may succeed later. `retryAfter` is in seconds, and a header says it too. */
export class TryLater extends Schema.Class<TryLater>("TryLater")(
  {
    ...members(
      "TryLater",
      503,
      "Bigin cannot be used for now",
      "not deleted",
      "RateLimited",
      "TokenUnreachable",
      "ConnectionFailed"
    ),
    retryAfter: Schema.NonNegativeInt
  },
  sentWith(503)
) {
  readonly _tag = "TryLater"
}

/** Nobody knows whether it was deleted. The one problem whose `outcome` is not "not deleted". */
export class OutcomeUnknown extends Schema.Class<OutcomeUnknown>("OutcomeUnknown")(
  members("OutcomeUnknown", 504, "Nobody knows whether it was deleted", "unknown", "OutcomeUnknown"),
  sentWith(504)
) {
  readonly _tag = "OutcomeUnknown"
}

export const Problem = Schema.Union(
  MalformedRequest,
  NotAllowed,
  NotFound,
  Misconfigured,
  NotUnderstood,
  TryLater,
  OutcomeUnknown
)

export type Problem = typeof Problem.Type

type ErrorOf<T extends Tag> = Extract<Errors.EnsureDeletedError, { readonly _tag: T }>

const notAllowed = ({ _tag }: ErrorOf<"NoPermission" | "AuthorizationFailed">) =>
  new NotAllowed({ tag: _tag, detail: "The administrator of Bigin has to allow it to this service's user." })

const notFound = ({ _tag, ref }: ErrorOf<"InvalidModule" | "UnsupportedModule" | "InvalidData">) =>
  new NotFound({ tag: _tag, detail: `Bigin has no attachments of ${ref.module} ${ref.recordId}.` })

const misconfigured = ({ _tag }: ErrorOf<"OAuthScopeMismatch" | "InvalidToken" | "TokenRejected">) =>
  new Misconfigured({ tag: _tag, detail: "Whoever runs this service has to mend its access to Bigin." })

const notUnderstood = ({
  _tag
}: ErrorOf<"InvalidUrlPattern" | "InvalidRequestMethod" | "InvalidData" | "UnrecognizedCode" | "MalformedResponse">) =>
  new NotUnderstood({ tag: _tag, detail: "Bigin refused it in a way that the caller cannot mend." })

/** Where Bigin does not say how long to wait. */
const unlessToldOtherwise = Duration.seconds(10)

const tryLater = (error: ErrorOf<"RateLimited" | "TokenUnreachable" | "ConnectionFailed">) => {
  const wait = ("retryAfter" in error ? error.retryAfter : undefined) ?? unlessToldOtherwise
  const retryAfter = Math.ceil(Duration.toSeconds(wait))
  return new TryLater({ tag: error._tag, retryAfter, detail: `Ask again in ${retryAfter} seconds or later.` })
}

/** By the tag. A tag that is missing here, or one that the library does not have, breaks the build. */
export const problems = {
  InvalidInput: ({ _tag, message }) => new MalformedRequest({ tag: _tag, detail: message }),

  InvalidModule: notFound,
  UnsupportedModule: notFound,
  // target "attachment": Bigin refuses an id that its list still has; "unknown": it does not say which id is wrong
  InvalidData: (error) =>
    error.target === "module" || error.target === "record" ? notFound(error) : notUnderstood(error),

  NoPermission: notAllowed,
  AuthorizationFailed: notAllowed,

  OAuthScopeMismatch: misconfigured,
  InvalidToken: misconfigured,
  TokenRejected: misconfigured,

  InvalidUrlPattern: notUnderstood,
  InvalidRequestMethod: notUnderstood,
  UnrecognizedCode: notUnderstood,
  MalformedResponse: notUnderstood,

  RateLimited: tryLater,
  TokenUnreachable: tryLater,
  ConnectionFailed: tryLater,

  OutcomeUnknown: ({ _tag }) =>
    new OutcomeUnknown({
      tag: _tag,
      detail: "Bigin gave no proof. The same request may be sent again, and deletes nothing else."
    })
} satisfies { readonly [T in Tag]: (error: ErrorOf<T>) => Problem }

export const problemOf = Match.typeTags<Errors.EnsureDeletedError>()(problems)
