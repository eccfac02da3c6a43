/**
 * The twelve failures that Bigin's page leaves out, in the order in which a call can meet them.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { biginError } from "./biginError.ts"
import { answered, optional, place, ref, unread, wait, wholeMillis } from "./fields.ts"

/**
 * An id, a module name or a file to upload is malformed. Nothing was sent.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class InvalidInput extends biginError<InvalidInput>()(
  "InvalidInput",
  {
    /** Which part of the input. */
    field: Schema.Literal("ref", "module", "recordId", "attachmentId", "file", "fileName", "linkUrl"),
    /** What was given, at most 64 characters; of an object or a function its `typeof` alone. */
    given: Schema.String.pipe(Schema.maxLength(64)),
    /** What is wrong with it and what would be right. */
    problem: Schema.String
  },
  { category: "input", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Nothing was sent: ${this.field} ${this.problem}, but ${JSON.stringify(this.given)} was given.`
  }
}

/**
 * There is no usable token and only a person can change that: Zoho's accounts server refuses to mint one, or the token
 * or origin that was configured cannot be sent. Bigin did nothing: it was asked for nothing, or refused an older token.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class TokenRejected extends biginError<TokenRejected>()(
  "TokenRejected",
  { reason: Schema.String },
  { category: "auth", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `There is no usable access token: ${this.reason}. Correct the credentials; waiting does not help.`
  }
}

/**
 * No token could be had now: Zoho's accounts server cannot be reached, fails or throttles. Bigin did nothing: it was
 * asked for nothing, or refused an older token.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class TokenUnreachable extends biginError<TokenUnreachable>()(
  "TokenUnreachable",
  { reason: Schema.String, retryAfter: optional(wholeMillis) },
  { category: "transport", transient: true, mayHaveApplied: false }
) {
  override get message(): string {
    return `No access token could be had: ${this.reason}. Bigin did nothing; try again${wait(this.retryAfter)}.`
  }
}

/**
 * Nothing was sent: the host was not found, nothing listens there, or it could not prove who it is.
 * `reason` is the platform's code, such as `ECONNREFUSED`, or "unknown".
 *
 * @since 0.1.0
 * @category undocumented
 */
export class ConnectionFailed extends biginError<ConnectionFailed>()(
  "ConnectionFailed",
  { ref, reason: Schema.String },
  { category: "transport", transient: true, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin could not be reached (${this.reason}), so nothing was sent for ${place(this.ref)}. Check the network and the data centre, then try again.`
  }
}

/**
 * The connection broke after the request may have left, or the platform does not tell when: Bigin may have done it.
 * `reason` is the platform's code, such as `ECONNRESET`, or "unknown".
 *
 * @since 0.1.0
 * @category undocumented
 */
export class ConnectionLost extends biginError<ConnectionLost>()(
  "ConnectionLost",
  { ref, reason: Schema.String },
  { category: "transport", transient: true, mayHaveApplied: true }
) {
  override get message(): string {
    return `The connection broke (${this.reason}) before the whole answer for ${place(this.ref)}. It may have happened: look before asking again.`
  }
}

/**
 * No complete answer within `BiginConfig.AttemptTimeout`, counted from the request to the last byte of the answer; the
 * wait for a token is not part of it. Bigin may have done it. For a download it is the time to the first byte, and then
 * between two pieces.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class RequestTimedOut extends biginError<RequestTimedOut>()(
  "RequestTimedOut",
  { ref, after: wholeMillis },
  { category: "transport", transient: true, mayHaveApplied: true }
) {
  override get message(): string {
    return `Bigin did not answer for ${place(this.ref)} within ${Duration.format(this.after)}. It may have happened: look before asking again.`
  }
}

/**
 * Bigin refuses the token, and the auth layer has no other. A token of one data centre is refused by another.
 * `INVALID_TOKEN` or `AUTHENTICATION_FAILURE`, under any status.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class InvalidToken extends biginError<InvalidToken>()(
  "InvalidToken",
  { ...answered, code: Schema.Literal("INVALID_TOKEN", "AUTHENTICATION_FAILURE") },
  { category: "auth", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin refused the access token for ${place(this.ref)}. It has expired, was revoked, or belongs to another data centre: make a new one.`
  }
}

/**
 * Too many calls: the day's API credits or the calls at once. `429`; `retryAfter` where the answer says it.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class RateLimited extends biginError<RateLimited>()(
  "RateLimited",
  { ...unread, retryAfter: optional(wholeMillis) },
  { category: "throttling", transient: true, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin takes no more calls for now and did not handle ${place(this.ref)}. Try again${wait(this.retryAfter)}.`
  }
}

/**
 * A status of 500 or more without a documented code, often a gateway's HTML. Bigin may have done it.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class ServiceFault extends biginError<ServiceFault>()(
  "ServiceFault",
  { ...unread, retryAfter: optional(wholeMillis) },
  { category: "server", transient: true, mayHaveApplied: true }
) {
  override get message(): string {
    return `Bigin, or a gateway before it, answered ${this.status} for ${place(this.ref)}. It may have happened: look before asking again${wait(this.retryAfter)}.`
  }
}

/**
 * A success that does not confirm the attachment: another id than the one asked for, no id, an empty or unreadable body.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class UnconfirmedSuccess extends biginError<UnconfirmedSuccess>()("UnconfirmedSuccess", unread, {
  category: "protocol",
  transient: false,
  mayHaveApplied: true
}) {
  override get message(): string {
    return `Bigin answered ${this.status} for ${place(this.ref)} without confirming it. It may have happened: look at the record's list.`
  }
}

/**
 * An error with a code that nobody documented, kept whole.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class UnrecognizedCode extends biginError<UnrecognizedCode>()(
  "UnrecognizedCode",
  { ...answered, code: Schema.String },
  { category: "protocol", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin refused ${place(this.ref)} with the undocumented code ${JSON.stringify(this.code)}. Its wireMessage and details may say why.`
  }
}

/**
 * An answer that is not Bigin's protocol: a redirect, a proxy's page, an error without a code.
 *
 * @since 0.1.0
 * @category undocumented
 */
export class MalformedResponse extends biginError<MalformedResponse>()("MalformedResponse", unread, {
  category: "protocol",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `The answer ${this.status} for ${place(this.ref)} is not Bigin's. Check the origin and any proxy in between.`
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

/**
 * The schema of `UndocumentedError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UndocumentedError = Schema.Union(
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
)
