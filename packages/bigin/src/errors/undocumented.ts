/**
 * The twelve failures that Bigin's page leaves out, in the order in which a call can meet them.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { biginError, type BiginErrorUnion } from "./biginError.ts"
import { advice } from "./catalogue.ts"
import {
  answered,
  type AnsweredEncoded,
  optional,
  place,
  ref,
  type RefEncoded,
  said,
  unread,
  type UnreadEncoded,
  wait,
  wholeMillis
} from "./fields.ts"

/**
 * An id, a module name or a file to upload is malformed. Nothing was sent.
 *
 * @see docs/errors.md#invalidinput
 * @since 0.1.0
 * @category undocumented
 */
export class InvalidInput extends biginError<InvalidInput>()(
  "InvalidInput",
  {
    /** Which part of the input. */
    field: Schema.Literal("ref", "module", "recordId", "attachmentId", "file", "fileName", "size", "linkUrl", "title"),
    /** What was given, at most 64 characters; of an object or a function its `typeof` alone. */
    given: Schema.String.pipe(Schema.maxLength(64)),
    /** What is wrong with it and what would be right. */
    problem: Schema.String
  },
  { category: "input", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Nothing was sent: ${this.field} ${this.problem}, but ${JSON.stringify(this.given)} was given. ${advice.InvalidInput}`
  }
}

/**
 * There is no usable token and only a person can change that: Zoho's accounts server refuses to mint one, or the token
 * or origin that was configured cannot be sent. Bigin did nothing: it was asked for nothing, or refused an older token.
 *
 * @see docs/errors.md#tokenrejected
 * @since 0.1.0
 * @category undocumented
 */
export class TokenRejected extends biginError<TokenRejected>()(
  "TokenRejected",
  {
    /** Why there is none, in words. */
    reason: Schema.String
  },
  { category: "auth", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `There is no usable access token: ${this.reason}. ${advice.TokenRejected}`
  }
}

/**
 * No token could be had now: Zoho's accounts server cannot be reached, fails or throttles. Bigin did nothing: it was
 * asked for nothing, or refused an older token.
 *
 * @see docs/errors.md#tokenunreachable
 * @since 0.1.0
 * @category undocumented
 */
export class TokenUnreachable extends biginError<TokenUnreachable>()(
  "TokenUnreachable",
  {
    /** Why none could be had, in words. */
    reason: Schema.String,
    /** When a mint may succeed again, in whole milliseconds, where that is known. */
    retryAfter: optional(wholeMillis)
  },
  { category: "transport", transient: true, mayHaveApplied: false }
) {
  override get message(): string {
    return `No access token could be had: ${this.reason}. ${wait(this.retryAfter)}${advice.TokenUnreachable}`
  }
}

/**
 * Nothing was sent: the host was not found, nothing listens there, or it could not prove who it is.
 * `reason` is the platform's code, such as `ECONNREFUSED`, or "unknown".
 *
 * @see docs/errors.md#connectionfailed
 * @since 0.1.0
 * @category undocumented
 */
export class ConnectionFailed extends biginError<
  ConnectionFailed,
  RefEncoded<"ConnectionFailed"> & { readonly reason: string }
>()(
  "ConnectionFailed",
  {
    /** What was asked for. */
    ref,
    /** The platform's code, such as "ECONNREFUSED", or "unknown". */
    reason: Schema.String
  },
  { category: "transport", transient: true, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin could not be reached (${this.reason}), so nothing was sent for ${place(this.ref)}. ${advice.ConnectionFailed}`
  }
}

/**
 * The connection broke after the request may have left, or the platform does not tell when: Bigin may have done it.
 * `reason` is the platform's code, such as `ECONNRESET`, or "unknown". Of an upload whose content failed while it was sent it is
 * "NotReadableError" (the file changed), "SourceFailed" or "SizeMismatch".
 *
 * @see docs/errors.md#connectionlost
 * @since 0.1.0
 * @category undocumented
 */
export class ConnectionLost extends biginError<
  ConnectionLost,
  RefEncoded<"ConnectionLost"> & { readonly reason: string }
>()(
  "ConnectionLost",
  {
    /** What was asked for. */
    ref,
    /** The platform's code, such as "ECONNRESET", or "unknown"; of an upload also what failed in its content. */
    reason: Schema.String
  },
  { category: "transport", transient: true, mayHaveApplied: true }
) {
  override get message(): string {
    return `The connection broke (${this.reason}) before the whole answer for ${place(this.ref)}. ${advice.ConnectionLost}`
  }
}

/**
 * No complete answer within `BiginConfig.AttemptTimeout`, counted from the request to the last byte of the answer; the
 * wait for a token is not part of it. Bigin may have done it. For a download it is the time to the first byte, and then
 * between two pieces.
 *
 * @see docs/errors.md#requesttimedout
 * @since 0.1.0
 * @category undocumented
 */
export class RequestTimedOut extends biginError<
  RequestTimedOut,
  RefEncoded<"RequestTimedOut"> & { readonly after: number }
>()(
  "RequestTimedOut",
  {
    /** What was asked for. */
    ref,
    /** How long was waited, in whole milliseconds. */
    after: wholeMillis
  },
  { category: "transport", transient: true, mayHaveApplied: true }
) {
  override get message(): string {
    return `Bigin did not answer for ${place(this.ref)} within ${Duration.format(this.after)}. ${advice.RequestTimedOut}`
  }
}

/**
 * Bigin refuses the token, and the auth layer has no other. A token of one data centre is refused by another.
 * `INVALID_TOKEN` or `AUTHENTICATION_FAILURE`, under any status.
 *
 * @see docs/errors.md#invalidtoken
 * @since 0.1.0
 * @category undocumented
 */
export class InvalidToken extends biginError<
  InvalidToken,
  AnsweredEncoded<"InvalidToken", "INVALID_TOKEN" | "AUTHENTICATION_FAILURE">
>()(
  "InvalidToken",
  {
    ...answered,
    /** Bigin's `code`. */
    code: Schema.Literal("INVALID_TOKEN", "AUTHENTICATION_FAILURE")
  },
  { category: "auth", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin refused the access token for ${place(this.ref)}${said(this)}. ${advice.InvalidToken}`
  }
}

/**
 * Too many calls: the day's API credits or the calls at once. `429`; `retryAfter` where the answer says it.
 *
 * @see docs/errors.md#ratelimited
 * @since 0.1.0
 * @category undocumented
 */
export class RateLimited extends biginError<
  RateLimited,
  UnreadEncoded<"RateLimited"> & { readonly retryAfter?: number }
>()(
  "RateLimited",
  {
    ...unread,
    /** How long the answer's `Retry-After` says to wait, in whole milliseconds, where it had one. */
    retryAfter: optional(wholeMillis)
  },
  { category: "throttling", transient: true, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin takes no more calls for now and did not handle ${place(this.ref)}${said(this)}. ${wait(this.retryAfter)}${advice.RateLimited}`
  }
}

/**
 * Bigin, or a gateway before it, failed, and may have done it.
 *
 * - A status of 500 or more without a documented code, often with a gateway's HTML.
 * - Or 408, 460 or 499 without an error of Bigin's: a gateway gave up on a request that may have arrived.
 *
 * @see docs/errors.md#servicefault
 * @since 0.1.0
 * @category undocumented
 */
export class ServiceFault extends biginError<
  ServiceFault,
  UnreadEncoded<"ServiceFault"> & { readonly retryAfter?: number }
>()(
  "ServiceFault",
  {
    ...unread,
    /** How long the answer's `Retry-After` says to wait, in whole milliseconds, where it had one. */
    retryAfter: optional(wholeMillis)
  },
  { category: "server", transient: true, mayHaveApplied: true }
) {
  override get message(): string {
    return `Bigin, or a gateway before it, answered ${this.status} for ${place(this.ref)}${said(this)}. ${wait(this.retryAfter)}${advice.ServiceFault}`
  }
}

/**
 * A success that does not confirm the attachment: another id than the one asked for, no id, an empty or unreadable body.
 * `problem` says more than that, where there is more to say.
 *
 * @see docs/errors.md#unconfirmedsuccess
 * @since 0.1.0
 * @category undocumented
 */
export class UnconfirmedSuccess extends biginError<
  UnconfirmedSuccess,
  UnreadEncoded<"UnconfirmedSuccess"> & { readonly problem?: string }
>()(
  "UnconfirmedSuccess",
  {
    ...unread,
    /** What it confirms instead, where there is more to say than that it confirms nothing. */
    problem: optional(Schema.String)
  },
  { category: "protocol", transient: false, mayHaveApplied: true }
) {
  override get message(): string {
    return `Bigin answered ${this.status} for ${place(this.ref)} without confirming it${this.problem === undefined ? "" : `, since ${this.problem}`}${said(this)}. ${advice.UnconfirmedSuccess}`
  }
}

/**
 * An error with a code that nobody documented, kept up to 256 characters.
 *
 * @see docs/errors.md#unrecognizedcode
 * @since 0.1.0
 * @category undocumented
 */
export class UnrecognizedCode extends biginError<UnrecognizedCode, AnsweredEncoded<"UnrecognizedCode", string>>()(
  "UnrecognizedCode",
  {
    ...answered,
    /** Bigin's `code`, at most 256 characters. */
    code: Schema.String
  },
  { category: "protocol", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin refused ${place(this.ref)} with the undocumented code ${JSON.stringify(this.code)}${said(this)}. ${advice.UnrecognizedCode}`
  }
}

/**
 * An answer that is not Bigin's protocol: a redirect, a proxy's page, an error without a code. `problem` says which rule it
 * broke.
 *
 * @see docs/errors.md#malformedresponse
 * @since 0.1.0
 * @category undocumented
 */
export class MalformedResponse extends biginError<
  MalformedResponse,
  UnreadEncoded<"MalformedResponse"> & { readonly problem: string }
>()(
  "MalformedResponse",
  {
    ...unread,
    /** Which rule the answer broke, in words. */
    problem: Schema.String
  },
  { category: "protocol", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `The answer ${this.status} for ${place(this.ref)} is not Bigin's, since ${this.problem}${said(this)}. ${advice.MalformedResponse}`
  }
}

/**
 * The failures of a call that Bigin's page leaves out.
 *
 * @since 0.1.0
 * @category unions
 */
export type UndocumentedError =
  | InvalidInput
  | TokenRejected
  | TokenUnreachable
  | ConnectionFailed
  | ConnectionLost
  | RequestTimedOut
  | InvalidToken
  | RateLimited
  | ServiceFault
  | UnconfirmedSuccess
  | UnrecognizedCode
  | MalformedResponse

const members = [
  InvalidInput,
  TokenRejected,
  TokenUnreachable,
  ConnectionFailed,
  ConnectionLost,
  RequestTimedOut,
  InvalidToken,
  RateLimited,
  ServiceFault,
  UnconfirmedSuccess,
  UnrecognizedCode,
  MalformedResponse
] as const

/**
 * What `UndocumentedError` is encoded to.
 *
 * @since 0.1.0
 * @category encoded
 */
export type UndocumentedErrorEncoded = Schema.Schema.Encoded<(typeof members)[number]>

/**
 * The schema of `UndocumentedError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UndocumentedError: BiginErrorUnion<UndocumentedError, UndocumentedErrorEncoded, typeof members> =
  Schema.Union(...members)
