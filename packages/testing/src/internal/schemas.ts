/** What test suites in other languages say to a fake and hear of it, as JSON. */
import type * as Errors from "effect-bigin/Errors"
import * as Encoding from "effect/Encoding"
import * as Schema from "effect/Schema"
import type { BiginRecord, RecordedRequest } from "./model.ts"

const Id = Schema.String.pipe(
  Schema.pattern(/^[1-9]\d{0,31}$/, { message: () => "an id is a string of digits, without a zero in front" })
)

const AttachmentJson = Schema.Struct({
  id: Id,
  fileName: Schema.optionalWith(Schema.NullOr(Schema.String), { default: () => null }),
  /** Bytes. */
  size: Schema.optionalWith(Schema.NonNegativeInt, { exact: true }),
  /** In Base64. */
  content: Schema.optionalWith(Schema.Uint8ArrayFromBase64, { exact: true }),
  linkUrl: Schema.optionalWith(Schema.String, { exact: true }),
  createdTime: Schema.optionalWith(Schema.String, { exact: true }),
  modifiedTime: Schema.optionalWith(Schema.String, { exact: true })
})

const RecordJson = Schema.Struct({
  module: Schema.String,
  recordId: Id,
  name: Schema.optionalWith(Schema.String, { exact: true }),
  attachments: Schema.optionalWith(Schema.Array(AttachmentJson), { default: () => [] })
})

/** The records of a file, of GET and of POST. */
export const Records = Schema.Array(RecordJson)

/** The size of a file whose content is given is that of its content. */
export const recordOf = (record: typeof RecordJson.Type): BiginRecord => ({
  ...record,
  attachments: record.attachments.map((attachment) => ({
    ...attachment,
    size: attachment.size ?? attachment.content?.length ?? 0
  }))
})

/** A mistake in a name is told, not passed over. */
export const strictly = { onExcessProperty: "error" } as const

const DocumentedTags = Schema.Literal(
  "InvalidModule",
  "UnsupportedModule",
  "InvalidUrlPattern",
  "OAuthScopeMismatch",
  "NoPermission",
  "InternalError",
  "InvalidRequestMethod",
  "AuthorizationFailed",
  "InvalidData"
) satisfies Schema.Schema<Errors.DocumentedTag>

const rule = {
  /** How many requests meet it: one unless given. */
  times: Schema.optionalWith(Schema.Positive.pipe(Schema.int()), { exact: true }),
  /** Requests by this method alone. */
  method: Schema.optionalWith(Schema.String, { exact: true }),
  /** Requests alone whose path and query hold this text. */
  path: Schema.optionalWith(Schema.String, { exact: true })
}

/** What POST faults takes. */
export const FaultJson = Schema.Union(
  Schema.Struct({
    fault: Schema.Literal("cut", "loseAnswer", "breakOff", "stall", "truncate", "empty", "badGateway"),
    ...rule
  }),
  Schema.Struct({ fault: Schema.Literal("delay"), millis: Schema.NonNegative, ...rule }),
  Schema.Struct({
    fault: Schema.Literal("answerWith"),
    status: Schema.Int.pipe(Schema.between(200, 999)),
    headers: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), { default: () => ({}) }),
    body: Schema.optionalWith(Schema.String, { default: () => "" }),
    ...rule
  }),
  Schema.Struct({ fault: Schema.Literal("documented"), tag: DocumentedTags, ...rule }),
  Schema.Struct({
    fault: Schema.Literal("rateLimited"),
    /** Seconds. */
    retryAfter: Schema.optionalWith(Schema.NonNegativeInt, { exact: true }),
    ...rule
  })
)

/** What GET requests tells of one: its body as text and in Base64, and no fate while it is under way. */
export const requestJson = ({ body, bytes, fate, headers, method, url }: RecordedRequest) => ({
  method,
  url,
  headers,
  body,
  base64: Encoding.encodeBase64(bytes),
  fate: fate ?? null
})
