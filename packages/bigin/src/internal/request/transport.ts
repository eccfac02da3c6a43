/** What a failure of the transport proves: that nothing was sent, or not even that. */
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { Ref } from "../../errors/fields.ts"
import { ConnectionFailed, ConnectionLost } from "../../errors/undocumented.ts"
import { own } from "../answer/json.ts"

/** What the platform's error proves, as the class that says so. */
export const transportError = (error: HttpClientError, ref: Ref): ConnectionFailed | ConnectionLost => {
  const { reason, sent } = reasonOf(error)
  return sent ? new ConnectionLost({ ref, reason }) : new ConnectionFailed({ ref, reason })
}

/** Keeps the platform's code and never the platform's error, which prints the request and its token. */
export const reasonOf = (error: HttpClientError): { readonly reason: string; readonly sent: boolean } => {
  if (error._tag === "RequestError" && error.reason === "InvalidUrl") return { reason: error.reason, sent: false }
  // a body that breaks off while it is read may have been sent in part
  if (error._tag === "RequestError" && error.reason === "Encode") return { reason: error.reason, sent: true }
  const causes = causesOf(error.cause)
  return {
    reason: causes.map((cause) => own(cause, "code")).find(isCode) ?? "unknown",
    sent: error._tag === "ResponseError" || causes.some(isAfterConnecting) || !isBeforeSending(error.cause)
  }
}

/** An error, its causes, and the errors of an AggregateError, such as one for each address that was tried. */
const causesOf = (root: unknown): ReadonlyArray<unknown> => {
  const found = new Set([root])
  // a set gives what is added while it is walked; the bound is for causes without an end
  for (const error of found) {
    for (const cause of [own(error, "cause"), ...errorsOf(error)]) {
      if (found.size < 100) found.add(cause)
    }
  }
  return [...found]
}

const errorsOf = (error: unknown): ReadonlyArray<unknown> => {
  const errors = own(error, "errors")
  return Array.isArray(errors) ? errors : []
}

/**
 * ETIMEDOUT and ECONNRESET alone do not tell: only what failed while connecting does. Of several addresses every one has
 * to have failed so.
 */
const isBeforeSending = (error: unknown, depth = 0): boolean => {
  if (depth > 10) return false
  const syscall = own(error, "syscall")
  const code = own(error, "code")
  if (syscall === "connect" || syscall === "getaddrinfo" || code === "UND_ERR_CONNECT_TIMEOUT") return true
  if (typeof code === "string" && certificateCodes.has(code)) return true
  const errors = errorsOf(error)
  if (errors.length > 0) return errors.every((one) => isBeforeSending(one, depth + 1))
  const cause = own(error, "cause")
  return cause !== undefined && isBeforeSending(cause, depth + 1)
}

/** A connection that was read from or written to was there, whatever else is in the chain. */
const isAfterConnecting = (cause: unknown): boolean => {
  const syscall = own(cause, "syscall")
  return syscall === "read" || syscall === "write" || syscall === "writev" || syscall === "shutdown"
}

/** The form of a platform's code; nothing else of an error's text is trusted not to hold a secret. */
const isCode = (code: unknown): code is string => typeof code === "string" && /^[A-Z][A-Z0-9_]{2,47}$/.test(code)

/** Node's names for a certificate that was not accepted (nodejs.org/api/tls.html, "X509 certificate error codes"). */
const certificateCodes: ReadonlySet<string> = new Set([
  "CERT_CHAIN_TOO_LONG",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "CRL_HAS_EXPIRED",
  "CRL_NOT_YET_VALID",
  "CRL_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "ERROR_IN_CRL_LAST_UPDATE_FIELD",
  "ERROR_IN_CRL_NEXT_UPDATE_FIELD",
  "ERR_TLS_CERT_ALTNAME_FORMAT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
  "UNABLE_TO_GET_CRL",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
])
