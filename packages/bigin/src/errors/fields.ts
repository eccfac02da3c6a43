/** The fields that error classes share, the names of their encoded forms, and the words of their messages. */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { Json } from "../internal/answer/json.ts"

/**
 * Exact: absent and undefined are not two values. What `Schema.optionalWith(schema, { exact: true })` makes, without what that
 * function can do besides, which is half a kilobyte of every program.
 */
export const optional = <A, I, R>(
  schema: Schema.Schema<A, I, R>
): Schema.PropertySignature<"?:", A, never, "?:", I, false, R> =>
  Schema.makePropertySignature(new Schema.PropertySignatureDeclaration(schema.ast, true, true, {}, undefined))

/**
 * What was asked for: plain, unchecked data, written by hand in a test without ceremony.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ref {
  readonly module: string
  readonly recordId: string
  readonly attachmentId?: string
}

export const ref: Schema.Schema<Ref> = Schema.Struct({
  module: Schema.String,
  recordId: Schema.String,
  attachmentId: optional(Schema.String)
})

/**
 * The encoded form of an error that says what was asked for.
 *
 * @since 0.1.0
 * @category encoded
 */
export interface RefEncoded<Tag extends string> {
  readonly _tag: Tag
  readonly ref: Ref
}

/** A span of time in whole milliseconds, encoded as their number. */
export const wholeMillis: Schema.Schema<Duration.Duration, number> = Schema.transform(
  Schema.NonNegativeInt,
  Schema.DurationFromSelf.pipe(
    Schema.filter((duration) => Number.isSafeInteger(Duration.toMillis(duration)), {
      description: "a duration of whole milliseconds",
      arbitrary: () => (fc) => fc.maxSafeNat().map(Duration.millis)
    })
  ),
  { strict: true, decode: Duration.millis, encode: Duration.toMillis }
)

/** What an answer that carries a code has: everything as it came, "" and null where nothing came. */
export const answered = {
  /** What was asked for. */
  ref,
  /** The HTTP status, as it came. */
  status: Schema.Int,
  /** Bigin's own text, at most 4,096 characters; "" where none came. */
  wireMessage: Schema.String,
  /** Bigin's `details`, as JSON; null where none came. */
  details: Json
} as const

/**
 * The encoded form of an error whose answer carried a code.
 *
 * @since 0.1.0
 * @category encoded
 */
export interface AnsweredEncoded<Tag extends string, Code extends string> extends RefEncoded<Tag> {
  readonly status: number
  readonly code: Code
  readonly wireMessage: string
  readonly details: Json
}

/** What an answer without a known code has: what could be read of it, and its text where nothing could. */
export const unread = {
  /** What was asked for. */
  ref,
  /** The HTTP status, as it came. */
  status: Schema.Int,
  /** Bigin's `details`, as JSON; null where none came. */
  details: Json,
  /** Bigin's `code`, at most 256 characters, where one came. */
  code: optional(Schema.String),
  /** Bigin's own text, at most 4,096 characters, where one came. */
  wireMessage: optional(Schema.String),
  /** How the answer begins, at most 512 characters, where it had no item to read. */
  body: optional(Schema.String.pipe(Schema.maxLength(512)))
} as const

/**
 * The encoded form of an error whose answer may have had nothing to read.
 *
 * @since 0.1.0
 * @category encoded
 */
export interface UnreadEncoded<Tag extends string> extends RefEncoded<Tag> {
  readonly status: number
  readonly details: Json
  readonly code?: string
  readonly wireMessage?: string
  readonly body?: string
}

/** "attachment 17 of Contacts 75", or the record alone. */
export const place = ({ attachmentId, module, recordId }: Ref): string =>
  attachmentId === undefined ? `${module} ${recordId}` : `attachment ${attachmentId} of ${module} ${recordId}`

/** Bigin's own words behind ours, where there are any: on one line, whatever is in them. */
export const said = ({ wireMessage }: { readonly wireMessage?: string }): string =>
  wireMessage === undefined || wireMessage === "" ? "" : `: ${JSON.stringify(wireMessage)}`

/** "Wait 30s. ", or nothing where nobody said how long. */
export const wait = (duration: Duration.Duration | undefined): string =>
  duration === undefined ? "" : `Wait ${Duration.format(duration)}. `
