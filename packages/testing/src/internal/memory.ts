/** The door in memory: a client that never leaves the process. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import type { Reply } from "../Fixtures.ts"
import type { Outcome, WireRequest } from "./model.ts"

export const memoryClient = (handle: (request: WireRequest) => Effect.Effect<Outcome>): HttpClient.HttpClient =>
  HttpClient.make((request, url) =>
    Effect.flatMap(
      handle({
        method: request.method,
        url: `${url.pathname}${url.search}`,
        headers: request.headers,
        body: request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      }),
      (outcome) =>
        outcome._tag === "Broken"
          ? Effect.fail(
              new HttpClientError.RequestError({
                request,
                reason: "Transport",
                // as node:http tells it
                cause: Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })
              })
            )
          : Effect.succeed(HttpClientResponse.fromWeb(request, webResponse(outcome.reply)))
    )
  )

/** A Response takes neither a body under the statuses that have none nor a status that HTTP does not have. */
const webResponse = ({ body, headers, status }: Reply): Response => {
  const hasNoBody = status === 204 || status === 205 || status === 304
  return Object.defineProperty(new Response(hasNoBody ? null : body, { headers }), "status", { value: status })
}
