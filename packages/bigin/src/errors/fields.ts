/** The fields that error classes share, and the words of their messages. */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { Json } from "../internal/answer/json.ts"

/** Plain, unchecked data: what was asked for, written by hand in a test without ceremony. */
export const ref = Schema.Struct({
  module: Schema.String,
  recordId: Schema.String,
  attachmentId: Schema.optionalWith(Schema.String, { exact: true })
})

export interface Ref extends Schema.Schema.Type<typeof ref> {}

/** A span of time in whole milliseconds, encoded as their number. */
export const wholeMillis = Schema.transform(
  Schema.NonNegativeInt,
  Schema.DurationFromSelf.pipe(
    Schema.filter((duration) => Number.isSafeInteger(Duration.toMillis(duration)), {
      description: "a duration of whole milliseconds",
      arbitrary: () => (fc) => fc.maxSafeNat().map(Duration.millis)
    })
  ),
  { strict: true, decode: Duration.millis, encode: Duration.toMillis }
)

/** Exact: absent and undefined are not two values. */
export const optional = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { exact: true })

/** What an answer that carries a code has: everything as it came, "" and null where nothing came. */
export const answered = {
  ref,
  status: Schema.Int,
  wireMessage: Schema.String,
  details: Json
} as const

/** What an answer without a known code has: what could be read of it, and its text where nothing could. */
export const unread = {
  ref,
  status: Schema.Int,
  details: Json,
  code: optional(Schema.String),
  wireMessage: optional(Schema.String),
  body: optional(Schema.String.pipe(Schema.maxLength(512)))
} as const

/** "attachment 17 of Contacts 75", or the record alone. */
export const place = ({ attachmentId, module, recordId }: Ref): string =>
  attachmentId === undefined ? `${module} ${recordId}` : `attachment ${attachmentId} of ${module} ${recordId}`

/** " after 30s", or nothing where nobody said how long. */
export const wait = (duration: Duration.Duration | undefined): string =>
  duration === undefined ? "" : ` after ${Duration.format(duration)}`
