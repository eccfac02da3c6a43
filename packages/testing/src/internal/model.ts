/** The words that FakeBigin is told and tells in; FakeBigin.ts exports them. */
import type * as Effect from "effect/Effect"
import type * as Ids from "effect-bigin/Ids"
import type { Reply } from "../Fixtures.ts"

/**
 * A file attached to a record.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attachment {
  /** A decimal string. */
  readonly id: string
  readonly fileName: string
  /** Bytes. */
  readonly size: number
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
  readonly records?: ReadonlyArray<BiginRecord>
  readonly tokens?: Readonly<Record<string, Token>>
  /** By client id. */
  readonly clients?: Readonly<Record<string, Client>>
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
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/**
 * A request and what became of it: no `fate` while it is under way, "Aborted" where the client went away first.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecordedRequest extends WireRequest {
  readonly fate?: "Answered" | "Broken" | "Aborted"
}

/**
 * What the client gets: a whole reply, or a connection that breaks, perhaps after a part of a reply.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome =
  | { readonly _tag: "Whole"; readonly reply: Reply }
  | { readonly _tag: "Broken"; readonly part?: Reply }

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
  readonly when?: (request: WireRequest) => boolean
  readonly times?: number
}
