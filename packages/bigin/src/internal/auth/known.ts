/** All that is known of a grant. Apart from what works with it, so that a program without a store loads no schema of it. */
import * as Schema from "effect/Schema"
import { accessTokenPattern } from "../../models/credentials.ts"

/** Milliseconds since the epoch. */
const Time = Schema.Int.pipe(Schema.between(0, 8.64e15))
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const Entry = Schema.Struct({
  token: optional(
    Schema.Struct({
      accessToken: Schema.Redacted(Schema.String.pipe(Schema.pattern(accessTokenPattern))),
      /** What tells it from other tokens. */
      print: Schema.String,
      apiOrigin: Schema.String,
      scopes: optional(Schema.Array(Schema.String)),
      /** Its life counts from there, before the request was sent. */
      askedAt: Time,
      endsAt: Time,
      /** When it came, where that was in place of a refused one. */
      replacedAt: optional(Time)
    })
  ),
  /** One without an end is under way, or nobody was left to hear how it ended. */
  mints: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      /** The layer that asked. */
      by: Schema.String,
      at: Time,
      endedAt: optional(Time),
      failure: optional(
        Schema.Struct({
          kind: Schema.Literal("rejection", "throttle", "pause"),
          /** Nobody asks before that. */
          until: Time,
          /** Whether a token was made all the same, or may have been. */
          made: Schema.Boolean,
          reason: Schema.String
        })
      )
    })
  ),
  /** The prints of the tokens that Bigin has refused. */
  refused: Schema.Array(Schema.String)
})
export type Entry = typeof Entry.Type
export type Token = NonNullable<Entry["token"]>
export type Mint = Entry["mints"][number]
