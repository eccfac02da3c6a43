/** An HttpClient that answers every DELETE at once with Bigin's success: what is left to measure is the library. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"

/** Made once: a Response of the platform for each call would cost more than the call. */
const response = HttpClientResponse.fromWeb(
  HttpClientRequest.del("/"),
  new Response(null, { headers: { "content-type": "application/json" } })
)

const success = (request: HttpClientRequest.HttpClientRequest): HttpClientResponse.HttpClientResponse => {
  const id = request.url.slice(request.url.lastIndexOf("/") + 1)
  const body = `{"data":[{"code":"SUCCESS","details":{"id":"${id}"},"message":"record deleted","status":"success"}]}`
  return Object.create(response, { request: { value: request }, text: { value: Effect.succeed(body) } })
}

export const instantClient: HttpClient.HttpClient = HttpClient.makeWith<never, never, HttpClientError, never>(
  Effect.map(success),
  Effect.succeed
)
