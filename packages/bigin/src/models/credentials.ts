/** Who a call is made as, and what may be sent as a token and where to; `BiginAuth.ts` is what callers read. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { TokenRejected, type TokenUnreachable } from "../errors/undocumented.ts"

/**
 * What one call is sent with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Credentials {
  /** Printable ASCII without spaces; anything else is TokenRejected and nothing is sent. */
  readonly accessToken: Redacted.Redacted
  /** Where the API is: scheme, host and port, such as `https://www.zohoapis.eu`. */
  readonly apiOrigin: string
  /** The scopes that the token was granted, as they came, where they are known. */
  readonly scopes?: ReadonlyArray<string>
}

/**
 * The service behind `BiginAuth`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The credentials for a call that is about to be sent. */
  readonly credentials: Effect.Effect<Credentials, TokenRejected | TokenUnreachable>
  /**
   * Other credentials in place of those that Bigin has refused, or none where there are no others. A call that was
   * refused for its token did nothing, so it is sent once more with what this gives.
   */
  readonly renew: (rejected: Credentials) => Effect.Effect<Option.Option<Credentials>, TokenRejected | TokenUnreachable>
}

/**
 * The requirement of every call.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { BiginAuth } from "effect-bigin"
 *
 * // which scopes the token has; undefined where nobody knows, which is not the same as none
 * const granted = Effect.gen(function* () {
 *   const auth = yield* BiginAuth.BiginAuth
 *   const { scopes } = yield* auth.credentials
 *   return scopes
 * })
 * ```
 *
 * @since 0.1.0
 * @category tags
 */
export class BiginAuth extends Context.Tag("effect-bigin/BiginAuth")<BiginAuth, Service>() {}

/** Printable ASCII without spaces. */
export const accessTokenPattern = /^[\x21-\x7e]+$/

/** The token itself; one that was wiped is "". */
export const tokenOf = ({ accessToken }: Credentials): string => {
  try {
    return Redacted.value(accessToken)
  } catch {
    return ""
  }
}

/** The last check before a token leaves the process: some clients throw on a malformed header, others cut it. */
export const sendable = (
  credentials: Credentials
): Either.Either<{ readonly token: string; readonly origin: string }, TokenRejected> => {
  const token = tokenOf(credentials)
  if (!accessTokenPattern.test(token)) return Either.left(new TokenRejected({ reason: tokenProblem }))
  const origin = parseOrigin(credentials.apiOrigin)
  return Option.isSome(origin)
    ? Either.right({ token, origin: origin.value })
    : Either.left(new TokenRejected({ reason: `the API origin ${originProblem}` }))
}

const tokenProblem =
  "the access token is not printable ASCII without spaces (give it without a prefix), so it was not sent"

export const originProblem =
  "is not an origin: give a scheme, a host and perhaps a port, such as https://www.zohoapis.com"

/** What was parsed last: all calls of a layer name the same one. */
let known: { readonly text: string; readonly origin: Option.Option<string> } | undefined

/** Scheme, host and port as they are written; whatever else a URL parser would forgive makes it something else. */
export const parseOrigin = (text: string): Option.Option<string> => {
  if (known?.text === text) return known.origin
  const url = URL.canParse(text) ? new URL(text) : undefined
  const origin =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    withoutPort(text.toLowerCase().replace(/\/$/, "")) === url.origin
      ? Option.some(url.origin)
      : Option.none()
  known = { text, origin }
  return origin
}

/** Without a port that goes without saying. */
const withoutPort = (text: string): string => text.replace(/^(http:.*):80$|^(https:.*):443$/, "$1$2")
