import { HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Errors } from "effect-bigin"
import * as FastCheck from "effect/FastCheck"
import { runInNewContext } from "node:vm"
import { transportError } from "../src/internal/request/transport.ts"

const ref = { module: "Contacts", recordId: "1", attachmentId: "2" }
const request = HttpClientRequest.del("https://www.zohoapis.com", {
  headers: { authorization: "Zoho-oauthtoken 1000" }
})

const requestError = (cause: unknown, reason: "Transport" | "Encode" | "InvalidUrl" = "Transport") =>
  transportError(new HttpClientError.RequestError({ request, reason, cause }), ref)

const uploadError = (cause: unknown) =>
  transportError(
    new HttpClientError.RequestError({
      request: HttpClientRequest.bodyText(request, "a body"),
      reason: "Transport",
      cause
    }),
    ref
  )

const failed = (reason: string) => new Errors.ConnectionFailed({ ref, reason })
const lost = (reason: string) => new Errors.ConnectionLost({ ref, reason })

const fetchFailed = (cause: unknown) => new TypeError("fetch failed", { cause })

const tunnelRefused = Object.assign(new Error("Proxy response (403) !== 200 when HTTP Tunneling"), {
  code: "UND_ERR_ABORTED"
})

/** As `system`, made by the intrinsics of another realm, down to its array of errors. */
const foreign = (code: string, syscall: string): unknown =>
  runInNewContext(`
    const error = Object.assign(new Error("no"), { code: ${code}, syscall: ${syscall} })
    Object.assign(new TypeError("fetch failed"), { cause: { errors: [error, error] } })
  `)

const system = (code: string, syscall?: string) => Object.assign(new Error(code), { code, syscall })

/** nodejs.org/api/tls.html, "X509 certificate error codes", with those of the host's name and of chains. */
const certificateCodes = [
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
]

describe("a failure of the transport", () => {
  it.each([
    ["a refused connection", system("ECONNREFUSED", "connect"), "ECONNREFUSED"],
    ["a host that is not found", system("ENOTFOUND", "getaddrinfo"), "ENOTFOUND"],
    ["a time-out while connecting", system("ETIMEDOUT", "connect"), "ETIMEDOUT"],
    ["undici's connect timeout", system("UND_ERR_CONNECT_TIMEOUT"), "UND_ERR_CONNECT_TIMEOUT"],
    ["node's connect timeout", system("ERR_SOCKET_CONNECTION_TIMEOUT"), "ERR_SOCKET_CONNECTION_TIMEOUT"],
    [
      "a TLS handshake, under fetch",
      fetchFailed(system("ERR_SSL_WRONG_VERSION_NUMBER")),
      "ERR_SSL_WRONG_VERSION_NUMBER"
    ],
    ["a TLS handshake, over node:http", system("EPROTO", "write"), "EPROTO"],
    [
      "whatever happened where the transport says that it was connecting",
      Object.assign(system("ECONNRESET", "connect"), { cause: system("ECONNRESET", "read") }),
      "ECONNRESET"
    ],
    ["a proxy that refused CONNECT, over undici", tunnelRefused, "UND_ERR_ABORTED"],
    [
      "a proxy that refused CONNECT, over fetch",
      fetchFailed(Object.assign(new DOMException("Request was cancelled.", "Error"), { cause: tunnelRefused })),
      "UND_ERR_ABORTED"
    ],
    ["a proxy of Node's own agents that refused CONNECT", system("ERR_PROXY_TUNNEL"), "ERR_PROXY_TUNNEL"],
    ["a proxy that speaks SOCKS 5", system("UND_ERR_SOCKS5_REPLY_5"), "UND_ERR_SOCKS5_REPLY_5"],
    ["a certificate of another host", system("ERR_TLS_CERT_ALTNAME_INVALID"), "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["a certificate that has expired", system("CERT_HAS_EXPIRED"), "CERT_HAS_EXPIRED"],
    ["a certificate signed by itself", system("DEPTH_ZERO_SELF_SIGNED_CERT"), "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["fetch's wrapping", fetchFailed(system("ECONNREFUSED", "connect")), "ECONNREFUSED"],
    ["an error of another realm", foreign('"ECONNREFUSED"', '"connect"'), "ECONNREFUSED"],
    [
      "every address of a host",
      fetchFailed(
        Object.assign(new AggregateError([system("ECONNREFUSED", "connect"), system("ENETUNREACH", "connect")]), {
          code: "ECONNREFUSED"
        })
      ),
      "ECONNREFUSED"
    ]
  ])("sent nothing: %s", (_, cause, reason) => {
    expect(requestError(cause)).toEqual(failed(reason))
  })

  it.each(certificateCodes)("sent nothing: a certificate that was not accepted with %s", (code) => {
    expect(requestError(system(code))).toEqual(failed(code))
  })

  it("sent nothing: InvalidUrl", () => {
    expect(requestError(new Error("no"), "InvalidUrl")).toEqual(failed("InvalidUrl"))
  })

  it("may have sent the request where its body broke off: Encode", () => {
    expect(requestError(new Error("no"), "Encode")).toEqual(lost("Encode"))
  })

  it.each([
    ["a reset", system("ECONNRESET"), "ECONNRESET"],
    ["a reset while reading", system("ECONNRESET", "read"), "ECONNRESET"],
    ["a time-out of nobody knows what", system("ETIMEDOUT"), "ETIMEDOUT"],
    ["a broken pipe", system("EPIPE", "write"), "EPIPE"],
    ["undici's closed socket", fetchFailed(system("UND_ERR_SOCKET")), "UND_ERR_SOCKET"],
    ["a fault of TLS that nothing wraps", system("ERR_SSL_WRONG_VERSION_NUMBER"), "ERR_SSL_WRONG_VERSION_NUMBER"],
    [
      "alert 80, also under fetch",
      fetchFailed(system("ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR")),
      "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"
    ],
    ["a fault of TLS that another wraps", new Error("no", { cause: system("ERR_SSL_X") }), "ERR_SSL_X"],
    ["a write under fetch", fetchFailed(system("EPROTO", "write")), "EPROTO"],
    ["EPROTO while reading", system("EPROTO", "read"), "EPROTO"],
    ["an abort that no proxy is the reason of", system("UND_ERR_ABORTED"), "UND_ERR_ABORTED"],
    [
      "a file that changed while it was sent",
      fetchFailed(new DOMException("no", "NotReadableError")),
      "NotReadableError"
    ],
    ["a DOMException with a name of its own", new DOMException("no", "token 1000.abc"), "unknown"],
    [
      "an Error with the name of a DOMException",
      Object.assign(new Error("no"), { name: "NotReadableError" }),
      "unknown"
    ],
    [
      "a code, before any name",
      Object.assign(new DOMException("no", "AbortError"), { cause: system("ECONNRESET", "read") }),
      "ECONNRESET"
    ],
    ["a browser's error", new TypeError("Failed to fetch"), "unknown"],
    [
      "one address refused, another lost while reading",
      new AggregateError([system("ECONNRESET", "read"), system("ECONNREFUSED", "connect")]),
      "ECONNRESET"
    ],
    [
      "one address refused, another of which nothing is known",
      new AggregateError([system("ECONNREFUSED", "connect"), system("ECONNRESET")]),
      "ECONNREFUSED"
    ],
    [
      "a write that failed because of an older connection",
      Object.assign(new Error("no", { cause: system("ECONNREFUSED", "connect") }), { code: "EPIPE", syscall: "write" }),
      "EPIPE"
    ],
    ["nothing at all", undefined, "unknown"],
    ["a text", "ECONNREFUSED", "unknown"],
    ["a code that is a sentence", Object.assign(new Error("no"), { code: "token 1000.abc was sent" }), "unknown"]
  ])("may have sent the request: %s", (_, cause, reason) => {
    expect(requestError(cause)).toEqual(lost(reason))
  })

  it("may have sent the request where the answer broke off, whatever the cause says", () => {
    const response = HttpClientResponse.fromWeb(request, new Response("half"))
    const error = new HttpClientError.ResponseError({
      request,
      response,
      reason: "Decode",
      cause: system("ECONNRESET", "connect")
    })
    expect(transportError(error, ref)).toEqual(lost("ECONNRESET"))
  })

  it.each([
    ["an alert in the handshake, under fetch", fetchFailed(system("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"))],
    ["a write that failed", system("EPROTO", "write")]
  ])("may have sent a part of the body: %s", (_, cause) => {
    assert.strictEqual(uploadError(cause)._tag, "ConnectionLost")
  })

  it.each([
    ["a refused connection", system("ECONNREFUSED", "connect")],
    ["a certificate", system("CERT_HAS_EXPIRED")],
    ["a proxy that refused CONNECT", tunnelRefused]
  ])("sent no part of a body either: %s", (_, cause) => {
    assert.strictEqual(uploadError(cause)._tag, "ConnectionFailed")
  })

  it("names what broke a body off, where that has a name: Encode", () => {
    expect(requestError(system("ENOENT", "open"), "Encode")).toEqual(lost("ENOENT"))
    expect(requestError(new DOMException("no", "NotReadableError"), "Encode")).toEqual(lost("NotReadableError"))
    expect(requestError(system("ECONNREFUSED", "connect"), "Encode")).toEqual(lost("ECONNREFUSED"))
  })
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no")
      }
    }
  )
  const throwingGetters = Object.defineProperties(
    {},
    Object.fromEntries(
      ["code", "syscall", "cause", "errors", "message", "name"].map((key) => [
        key,
        {
          get: () => {
            throw new Error("no")
          }
        }
      ])
    )
  )
  const circle: { cause?: unknown; errors?: unknown } = new Error("no")
  circle.cause = circle
  circle.errors = [circle, circle]
  const endless: object = new Proxy(
    {},
    {
      getOwnPropertyDescriptor: () => ({ value: {}, configurable: true }),
      get: (_, key) => (key === "cause" ? { cause: endless } : undefined)
    }
  )
  // each of its ten levels holds the one below it a hundred times
  const wide = Array.from({ length: 10 }).reduce<unknown>(
    (below) => ({ errors: Array.from({ length: 100 }).fill(below) }),
    system("ECONNREFUSED", "connect")
  )

  const hostile: ReadonlyArray<readonly [name: string, cause: unknown]> = [
    ["a proxy that is revoked", revoked()],
    ["errors that are revoked", { errors: revoked() }],
    ["one that is revoked among errors", new AggregateError([system("ECONNREFUSED", "connect"), revoked()])],
    ["a proxy that throws", throwing],
    ["getters that throw", throwingGetters],
    ["a circle", circle],
    ["no end", endless],
    ["more errors than can be looked at", wide],
    ["errors without an end", { errors: { length: Number.POSITIVE_INFINITY } }],
    ["a number of errors that is none", { errors: { length: Symbol("many") } }],
    ["a message that is no text", { code: "UND_ERR_ABORTED", message: Object.create(null) as unknown }],
    ["a symbol", Symbol("no")],
    ["a function", () => {}],
    ["a DOMException that is none", { [Symbol.toStringTag]: "DOMException", name: Symbol("no") }]
  ]

  it.each(hostile)("is never a defect: %s", (_, cause) => {
    for (const given of [cause, fetchFailed(cause), new AggregateError([cause, cause])]) {
      assert.strictEqual(requestError(given)._tag, "ConnectionLost")
    }
  })

  it("proves nothing by what is not there, whatever else is", () => {
    const codes = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "ERR_SSL_X", "NotACode", 7, undefined]
    const leaf = FastCheck.record(
      { code: FastCheck.constantFrom(...codes), syscall: FastCheck.constantFrom("read", "write", "open", undefined) },
      { requiredKeys: [] }
    )
    const { tree } = FastCheck.letrec((tie) => ({
      tree: FastCheck.oneof(
        leaf,
        FastCheck.anything(),
        FastCheck.record({ cause: tie("tree"), message: FastCheck.string() }),
        FastCheck.record({ errors: FastCheck.array(tie("tree"), { maxLength: 3 }) })
      )
    }))
    FastCheck.assert(
      FastCheck.property(tree, (cause) => {
        assert.strictEqual(requestError(cause)._tag, "ConnectionLost")
      })
    )
  })
})
