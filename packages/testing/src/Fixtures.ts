/**
 * One reply for each failure that Bigin documents and for each that it does not, and the identities that a fresh
 * FakeBigin knows.
 *
 * @since 0.1.0
 */
import * as Errors from "effect-bigin/Errors"

/**
 * An HTTP answer as data: its body as text, or as the bytes of a file.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reply {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/**
 * An HTTP answer whose body is text.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextReply extends Reply {
  readonly body: string
}

/**
 * Bigin puts an item in `data` or at the top level of its answer; both occur.
 *
 * @since 0.1.0
 * @category models
 */
export type Envelope = "data" | "top"

/**
 * A JSON answer.
 *
 * @example
 * ```ts
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * const fault = FakeBigin.answerWith(Fixtures.json(403, { error: "blocked" }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): TextReply => ({
  status,
  headers: { "content-type": "application/json;charset=UTF-8", ...headers },
  body: JSON.stringify(body)
})

/**
 * An HTML page, as gateways answer.
 *
 * @example
 * ```ts
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * const fault = FakeBigin.answerWith(Fixtures.html(503, "Down for maintenance"))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const html = (status: number, title: string): TextReply => ({
  status,
  headers: { "content-type": "text/html" },
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`
})

/**
 * An answer with one item.
 *
 * @example
 * ```ts
 * import { Fixtures } from "effect-bigin-testing"
 *
 * // { "data": [{ "status": "success" }] }
 * const reply = Fixtures.item(200, { status: "success" })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const item = (status: number, content: object, envelope: Envelope = "data"): TextReply =>
  json(status, envelope === "data" ? { data: [content] } : content)

/**
 * An answer with one error item.
 *
 * @example
 * ```ts
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // a code that nobody documented: UnrecognizedCode
 * const fault = FakeBigin.answerWith(
 *   Fixtures.errorItem(400, "LIMIT_EXCEEDED", "no more of these", { details: { limit: 10 }, envelope: "top" })
 * )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const errorItem = (
  status: number,
  code: string,
  message: string,
  options: { readonly details?: unknown; readonly envelope?: Envelope } = {}
): TextReply => item(status, { code, details: options.details ?? {}, message, status: "error" }, options.envelope)

/**
 * The reply of a documented row, as Bigin's page writes it.
 *
 * @example
 * ```ts
 * import { Fixtures } from "effect-bigin-testing"
 *
 * const reply = Fixtures.documented("NoPermission", { envelope: "top" })
 *
 * // InvalidData of target "attachment"; an index of 1 is the record, and without one the target is "unknown"
 * const gone = Fixtures.documented("InvalidData", { details: { resource_path_index: 3 } })
 * ```
 *
 * @since 0.1.0
 * @category replies
 */
export const documented = (
  tag: Errors.DocumentedTag,
  options?: { readonly details?: unknown; readonly envelope?: Envelope }
): TextReply => {
  const { code, message, status } = Errors.catalogue[tag]
  return errorItem(status, code, message, options)
}

/**
 * The success that the page documents, for an attachment id.
 *
 * @example
 * ```ts
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // a success for another id than the one asked for: UnconfirmedSuccess
 * const fault = FakeBigin.answerWith(Fixtures.success("1"))
 * ```
 *
 * @since 0.1.0
 * @category replies
 */
export const success = (attachmentId: string, envelope?: Envelope): TextReply =>
  item(200, { code: "SUCCESS", details: { id: attachmentId }, message: "record deleted", status: "success" }, envelope)

/**
 * The success of an upload, for the id of what is new. The form is CRM's.
 *
 * @example
 * ```ts
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * const fault = FakeBigin.answerWith(Fixtures.uploaded("2883756000000261040"))
 * ```
 *
 * @since 0.1.0
 * @category replies
 */
export const uploaded = (attachmentId: string, details: object = {}, envelope?: Envelope): TextReply =>
  item(
    200,
    {
      code: "SUCCESS",
      details: { id: attachmentId, ...details },
      message: "attachment uploaded successfully",
      status: "success"
    },
    envelope
  )

/**
 * A file, as a download answers.
 *
 * @example
 * ```ts
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * const fault = FakeBigin.answerWith(Fixtures.file(new TextEncoder().encode("hello"), "hello.txt"))
 * ```
 *
 * @since 0.1.0
 * @category replies
 */
export const file = (content: Uint8Array, fileName: string): Reply => ({
  status: 200,
  headers: {
    "content-type": "application/x-download",
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`
  },
  body: content
})

/**
 * What the download of a link answers: it has no file. From CRM's page.
 *
 * @since 0.1.0
 * @category replies
 */
export const downloadNotAllowed: TextReply = errorItem(
  400,
  "DOWNLOAD_NOT_ALLOWED",
  "Cannot download the link attachment"
)

/**
 * Too many calls, with `Retry-After` where seconds are given. Bigin documents neither the code nor the header.
 *
 * @example
 * ```ts
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // "retry-after: 60"; the error's `retryAfter` is a minute
 * const fault = FakeBigin.answerWith(Fixtures.rateLimited(60))
 * ```
 *
 * @since 0.1.0
 * @category replies
 */
export const rateLimited = (retryAfter?: number): TextReply =>
  json(
    429,
    { code: "TOO_MANY_REQUESTS", details: {}, message: "Too many requests fired in concurrency", status: "error" },
    retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }
  )

/**
 * A reply for each undocumented failure that an answer can be, by its tag. The other undocumented failures are no
 * answers: a delay or a broken connection, which FakeBigin's faults make, or nothing that reaches Bigin at all.
 *
 * @since 0.1.0
 * @category replies
 */
export const undocumented = {
  InvalidToken: errorItem(401, "INVALID_TOKEN", "invalid oauth token", { envelope: "top" }),
  RateLimited: rateLimited(),
  ServiceFault: html(502, "502 Bad Gateway"),
  UnconfirmedSuccess: { status: 200, headers: {}, body: "" },
  UnrecognizedCode: errorItem(400, "LIMIT_EXCEEDED", "a code that no page lists"),
  MalformedResponse: html(403, "Access denied by the proxy")
} as const satisfies { readonly [Tag in Errors.UndocumentedError["_tag"]]?: Reply }

/**
 * The record of Bigin's own example.
 *
 * @since 0.1.0
 * @category identities
 */
export const record = { module: "Contacts", recordId: "2883756000000261075" } as const

/**
 * The attachment of Bigin's own example.
 *
 * @since 0.1.0
 * @category identities
 */
export const attachment = { ...record, attachmentId: "2883756000000261017" } as const

/**
 * The access tokens that a fresh FakeBigin knows, by what their holders may do.
 *
 * @since 0.1.0
 * @category identities
 */
export const accessTokens = {
  /** May do everything. */
  administrator: "1000.fake-administrator.0123456789abcdef",
  /** Has no scope to delete. */
  reader: "1000.fake-reader.0123456789abcdef",
  /** Has the scopes, but the user has no permission: NO_PERMISSION. */
  denied: "1000.fake-denied.0123456789abcdef",
  /** Has the scopes, but the user lacks the privilege: AUTHORIZATION_FAILED. */
  unprivileged: "1000.fake-unprivileged.0123456789abcdef"
} as const

/**
 * The client that a fresh FakeBigin's accounts server knows, with a refresh token of the administrator and a code that is
 * exchanged for it.
 *
 * @since 0.1.0
 * @category identities
 */
export const client = {
  clientId: "1000.FAKECLIENT",
  clientSecret: "fake-client-secret.0123456789abcdef",
  refreshToken: "1000.fake-refresh.0123456789abcdef",
  code: "1000.fake-code.0123456789abcdef"
} as const

/**
 * What the accounts server answers in place of a token. It does so with 200 as well as with 400. A description says more
 * in words.
 *
 * @example
 * ```ts
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // the accounts server refuses a refresh token: TokenRejected
 * const fault = FakeBigin.answerWith(Fixtures.tokenError("invalid_code"))
 * ```
 *
 * @since 0.1.0
 * @category replies
 */
export const tokenError = (error: string, status: 200 | 400 = 200, description?: string): TextReply =>
  json(status, { error, ...(description === undefined ? {} : { error_description: description }) })

/**
 * What the accounts server answers once ten tokens were minted within ten minutes.
 *
 * @since 0.1.0
 * @category replies
 */
export const tokenThrottle: TextReply = json(400, {
  error_description: "You have made too many requests continuously. Please try again after some time.",
  error: "Access Denied",
  status: "failure"
})
