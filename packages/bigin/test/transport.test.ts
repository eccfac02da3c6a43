import { HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Errors } from "effect-bigin"
import { transportError } from "../src/internal/request/transport.ts"

const ref = { module: "Contacts", recordId: "1", attachmentId: "2" }
const request = HttpClientRequest.del("https://www.zohoapis.com", {
  headers: { authorization: "Zoho-oauthtoken 1000" }
})

const requestError = (cause: unknown, reason: "Transport" | "Encode" | "InvalidUrl" = "Transport") =>
  transportError(new HttpClientError.RequestError({ request, reason, cause }), ref)

const failed = (reason: string) => new Errors.ConnectionFailed({ ref, reason })
const lost = (reason: string) => new Errors.ConnectionLost({ ref, reason })

const system = (code: string, syscall?: string) => Object.assign(new Error(code), { code, syscall })

describe("a failure of the transport", () => {
  it.each([
    ["a refused connection", system("ECONNREFUSED", "connect"), "ECONNREFUSED"],
    ["a host that is not found", system("ENOTFOUND", "getaddrinfo"), "ENOTFOUND"],
    ["a time-out while connecting", system("ETIMEDOUT", "connect"), "ETIMEDOUT"],
    ["undici's connect timeout", system("UND_ERR_CONNECT_TIMEOUT"), "UND_ERR_CONNECT_TIMEOUT"],
    ["a certificate of another host", system("ERR_TLS_CERT_ALTNAME_INVALID"), "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["a certificate that has expired", system("CERT_HAS_EXPIRED"), "CERT_HAS_EXPIRED"],
    ["a certificate signed by itself", system("DEPTH_ZERO_SELF_SIGNED_CERT"), "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["fetch's wrapping", new TypeError("fetch failed", { cause: system("ECONNREFUSED", "connect") }), "ECONNREFUSED"],
    [
      "every address of a host",
      new TypeError("fetch failed", {
        cause: Object.assign(
          new AggregateError([system("ECONNREFUSED", "connect"), system("ENETUNREACH", "connect")]),
          {
            code: "ECONNREFUSED"
          }
        )
      }),
      "ECONNREFUSED"
    ]
  ])("sent nothing: %s", (_, cause, reason) => {
    expect(requestError(cause)).toEqual(failed(reason))
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
    ["undici's closed socket", new TypeError("fetch failed", { cause: system("UND_ERR_SOCKET") }), "UND_ERR_SOCKET"],
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

  it("ends on causes that go in a circle or are endless", () => {
    const circle: { cause?: unknown; code: string } = { code: "ELOOP" }
    circle.cause = circle
    assert.strictEqual(requestError(circle).reason, "ELOOP")
    const endless: object = new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => ({ value: {}, configurable: true }),
        get: (_, key) => (key === "cause" ? { cause: endless } : undefined)
      }
    )
    assert.strictEqual(requestError(endless)._tag, "ConnectionLost")
  })
})
