/** An HttpClient that answers every DELETE at once, as the server of these benchmarks does: what is left to measure is the library. */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type Answer, answerTo } from "./answers.ts"

/** A Response of the platform for each call would cost more than the call. */
class InstantResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly request: HttpClientRequest
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: Effect.Effect<string>

  constructor(request: HttpClientRequest, { body, status }: Answer) {
    super()
    this.request = request
    this.status = status
    this.headers = Headers.unsafeFromRecord({
      "content-type": "application/json",
      // every answer here is ASCII
      "content-length": String(body.length)
    })
    this.text = Effect.succeed(body)
  }

  get json() {
    return Effect.map(this.text, (text): unknown => JSON.parse(text))
  }
  get arrayBuffer() {
    return Effect.map(this.text, (text) => new TextEncoder().encode(text).buffer)
  }
  get stream() {
    return Stream.encodeText(Stream.fromEffect(this.text))
  }
  get urlParamsBody() {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }
  get formData() {
    return Effect.succeed(new FormData())
  }
  get cookies() {
    return Cookies.empty
  }
  get remoteAddress() {
    return Option.none()
  }
  toJSON() {
    return { request: this.request, status: this.status }
  }
}

export const instantClient: HttpClient.HttpClient = HttpClient.makeWith<never, never, HttpClientError, never>(
  Effect.map((request) => new InstantResponse(request, answerTo(request.url))),
  Effect.succeed
)
