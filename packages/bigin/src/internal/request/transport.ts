/** What a failure of the transport proves: that nothing was sent, or not even that. */
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
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
  const causes = causesOf(error.cause)
  const reason = causes.map((cause) => part(cause, "code")).find(isCode) ?? causes.map(nameOf).find(isName)
  // a body that breaks off while it is read may have been sent in part
  if (error._tag === "RequestError" && error.reason === "Encode") return { reason: reason ?? error.reason, sent: true }
  return {
    reason: reason ?? "unknown",
    sent: error._tag === "ResponseError" || !isBeforeSending(error.cause, hasBody(error.request))
  }
}

/** An error, its causes, and the errors of an AggregateError, such as one for each address that was tried. */
const causesOf = (root: unknown): ReadonlyArray<unknown> => {
  const found = new Set([root])
  // a set gives what is added while it is walked
  for (const error of found) {
    for (const cause of [part(error, "cause"), ...errorsOf(error)]) {
      if (found.size < mostCauses) found.add(cause)
    }
  }
  return [...found]
}

/** Causes may go in a circle, or have no end. */
const mostCauses = 100

const errorsOf = (error: unknown): ReadonlyArray<unknown> => {
  const errors = part(error, "errors")
  const length = part(errors, "length")
  return typeof length === "number"
    ? Array.from({ length: Math.min(length, mostCauses) }, (_, index) => part(errors, String(index)))
    : []
}

/** An own property of an error, which may be anything: a getter that throws and a revoked proxy have none. */
const part = (error: unknown, key: string): unknown => {
  try {
    return own(error, key)
  } catch {
    return undefined
  }
}

/** Of several addresses every one has to have failed before sending. Of an error and its cause the first that tells decides. */
const isBeforeSending = (root: unknown, withBody: boolean): boolean => {
  let left = mostCauses
  const isBefore = (error: unknown, isOfFetch: boolean): boolean => {
    left -= 1
    if (left < 0) return false
    const told = tellsBeforeSending(error, isOfFetch, withBody)
    if (told !== undefined) return told
    const errors = errorsOf(error)
    if (errors.length > 0) return errors.every((one) => isBefore(one, isOfFetch))
    const cause = part(error, "cause")
    return cause !== undefined && isBefore(cause, isOfFetch || isFetchFailed(error))
  }
  return isBefore(root, false)
}

/** What one error alone tells; undefined where it does not. ETIMEDOUT and ECONNRESET alone do not. */
const tellsBeforeSending = (error: unknown, isOfFetch: boolean, withBody: boolean): boolean | undefined => {
  const syscall = part(error, "syscall")
  const code = part(error, "code")
  if (syscall === "connect" || syscall === "getaddrinfo") return true
  // So node:http tells of a handshake that failed, since the request waited to be written. A body is written later too.
  if (syscall === "write" && code === "EPROTO") return !isOfFetch && !withBody
  // a connection that was read from or written to was there, whatever caused its end
  if (syscall === "read" || syscall === "write" || syscall === "writev" || syscall === "shutdown") return false
  if (typeof code !== "string") return undefined
  if (connectTimeouts.has(code) || refusedCertificate.test(code) || isRefusalOfProxy(error, code)) return true
  return code.startsWith("ERR_SSL_") ? isOfFetch && !withBody && !laterTlsFaults.has(code) : undefined
}

/** The first is undici's, the second Node's for a host with several addresses (nodejs.org/api/errors.html). */
const connectTimeouts: ReadonlySet<string> = new Set(["UND_ERR_CONNECT_TIMEOUT", "ERR_SOCKET_CONNECTION_TIMEOUT"])

/** By undici's ProxyAgent over HTTP, which has no code of its own for it, and over SOCKS 5; by the proxy of Node's own agents. */
const isRefusalOfProxy = (error: unknown, code: string): boolean =>
  code === "ERR_PROXY_TUNNEL" ||
  code.startsWith("UND_ERR_SOCKS5") ||
  (code === "UND_ERR_ABORTED" && refusedTunnel.test(text(part(error, "message"))))

const refusedTunnel = /^Proxy response \(\d+\) !== 200 when HTTP Tunneling$/

/**
 * Over a connection that stood, node:http and undici fail with the very object that they fail with in the handshake. fetch does
 * so only while it sends a body, or over HTTP/2, which Node 20 to 24 speak where a dispatcher of the caller's allows it. There
 * these came after a request that was handled, or are alerts that may come at any time (RFC 8446, section 6.2).
 */
const laterTlsFaults: ReadonlySet<string> = new Set([
  "ERR_SSL_BAD_RECORD_TYPE",
  "ERR_SSL_CIPHER_OPERATION_FAILED",
  "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
  "ERR_SSL_INVALID_AAD",
  "ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC",
  "ERR_SSL_SSLV3_ALERT_UNEXPECTED_MESSAGE",
  "ERR_SSL_TLSV1_ALERT_DECODE_ERROR",
  "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR",
  "ERR_SSL_TLSV1_ALERT_RECORD_OVERFLOW",
  "ERR_SSL_UNEXPECTED_EOF_WHILE_READING",
  "ERR_SSL_UNEXPECTED_MESSAGE",
  "ERR_SSL_UNEXPECTED_RECORD"
])

/** The TypeError with which Node's fetch fails before there is an answer. Of another realm it is no TypeError of this one. */
const isFetchFailed = (error: unknown): boolean => part(error, "message") === "fetch failed"

const hasBody = (request: HttpClientRequest): boolean => part(part(request, "body"), "_tag") !== "Empty"

const text = (value: unknown): string => (typeof value === "string" ? value : "")

/** The form of a platform's code; nothing else of an error's text is trusted not to hold a secret. */
const isCode = (code: unknown): code is string => typeof code === "string" && /^[A-Z][A-Z0-9_]{2,47}$/.test(code)

/** A DOMException has no code but a name, such as the NotReadableError of a file that changed while it was sent. */
const nameOf = (error: unknown): unknown => {
  try {
    // by its tag, since one of another realm is no DOMException of this one; what else has it may have any name
    const isDomException = Object.prototype.toString.call(error) === "[object DOMException]"
    return isDomException ? (error as { readonly name?: unknown }).name : undefined
  } catch {
    return undefined
  }
}

const isName = (name: unknown): name is string => typeof name === "string" && /^[A-Z][A-Za-z]{2,40}Error$/.test(name)

/** How Node's names for a certificate that was not accepted begin (nodejs.org/api/tls.html, "X509 certificate error codes"). */
const refusedCertificate =
  /^(CERT|CRL|DEPTH_ZERO_SELF_SIGNED|ERR_TLS_CERT|ERROR_IN_(CERT|CRL)|HOSTNAME|INVALID_(CA|PURPOSE)|PATH_LENGTH|SELF_SIGNED|UNABLE_TO)(_|$)/
