/** The words that FakeBigin is told and tells in; FakeBigin.ts exports them. */
import type * as Effect from "effect/Effect"
import type * as Ids from "effect-bigin/Ids"
import type { Reply } from "../Fixtures.ts"

/**
 * A file or a link attached to a record.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attachment {
  /** A decimal string. */
  readonly id: string
  readonly fileName: string | null
  /** Bytes. */
  readonly size: number
  /** What a download gives; without it as many bytes as `size` says, the same ones for the same id. */
  readonly content?: Uint8Array
  /** Where a link leads. It has no file to download. */
  readonly linkUrl?: string
  /** ISO 8601 with an offset. An upload's is its time; of others the list tells 2024-01-15T10:30:00+05:30 unless given. */
  readonly createdTime?: string
  /** The same for the last change: that of `createdTime` unless given. */
  readonly modifiedTime?: string
}

/**
 * A record and what is attached to it.
 *
 * @since 0.1.0
 * @category models
 */
export interface BiginRecord {
  readonly module: Ids.KnownModule | (string & {})
  readonly recordId: string
  /** What a list tells as `Parent_Id.name`: "Record" and the id unless given. */
  readonly name?: string
  readonly attachments: ReadonlyArray<Attachment>
}

/**
 * What an access token stands for.
 *
 * @since 0.1.0
 * @category models
 */
export interface Token {
  readonly scopes: ReadonlyArray<string>
  /** What the user may not do: "permission" answers NO_PERMISSION, "privilege" AUTHORIZATION_FAILED. */
  readonly lacks?: "permission" | "privilege"
}

/**
 * A client of Zoho's API console: its secret, and what it can turn into access tokens.
 *
 * @since 0.1.0
 * @category models
 */
export interface Client {
  readonly clientSecret: string
  /** What the access tokens of each refresh token stand for. */
  readonly refreshTokens: Readonly<Record<string, Token>>
  /** The refresh token that each code is exchanged for, once. */
  readonly codes?: Readonly<Record<string, string>>
}

/**
 * What a FakeBigin holds at first. What is not given is the record of Bigin's own example, `Fixtures.accessTokens` and
 * `Fixtures.client`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** What is there. */
  readonly records?: ReadonlyArray<BiginRecord>
  /** By access token. */
  readonly tokens?: Readonly<Record<string, Token>>
  /** By client id. */
  readonly clients?: Readonly<Record<string, Client>>
  /** The most rows that a page of a list has, whatever is asked for: 200 unless given, as Bigin's. */
  readonly mostPerPage?: number
  /**
   * Where an item stands in an answer: "wrapped" in `data`, or at the "topLevel". Unless given as it was recorded of real
   * answers: of tokens, modules, URLs, ids of the path and parameters at the top level, of single records wrapped.
   */
  readonly envelope?: "wrapped" | "topLevel"
  /**
   * How many calls any 24 hours have. Once half of them are used, each answer says in `X-API-CREDITS-REMAINING` how many
   * are left; then a call is answered with 429. Unless given there is no end of them.
   */
  readonly credits?: number
}

/**
 * A request as it came.
 *
 * @since 0.1.0
 * @category models
 */
export interface WireRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  /** Over HTTP where the client found the server, such as http://127.0.0.1:8080. */
  readonly origin?: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The body's bytes. */
  readonly bytes: Uint8Array
  /** The body as text. */
  readonly body: string
}

/**
 * A request and what became of it: no `fate` while it is under way, "Aborted" where the client went away before
 * it had all of the answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecordedRequest extends WireRequest {
  readonly fate?: "Answered" | "Broken" | "Aborted"
}

/**
 * What the client gets: a whole reply, a connection that breaks, perhaps after half of a reply, or half of a reply and
 * then silence.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome =
  | { readonly _tag: "Whole"; readonly reply: Reply }
  | { readonly _tag: "Broken"; readonly part?: Reply }
  | { readonly _tag: "Stalled"; readonly part: Reply }

/**
 * What goes wrong with a request: it is given what Bigin would do, and decides whether that happens and what the client
 * gets to see of it.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault = (bigin: Effect.Effect<Reply>) => Effect.Effect<Outcome>

/**
 * A fault and the requests that meet it: those that match `when`, or all; once, or as many `times` as given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rule {
  readonly fault: Fault
  /** Which requests meet it: all unless given. */
  readonly when?: (request: WireRequest) => boolean
  /** How many requests meet it: one unless given. `Infinity` is every one. */
  readonly times?: number
}

/** What both doors lead to. */
export interface Handler {
  readonly handle: (request: WireRequest) => Effect.Effect<Outcome>
  readonly left: (request: WireRequest) => Effect.Effect<void>
}
