/** The door in memory: a client that never leaves the process. */
import type { HttpBody } from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import type { Reply } from "../Fixtures.ts"
import { bytesOf, headersOf } from "./bytes.ts"
import type { Handler, Outcome, WireRequest } from "./model.ts"

export const memoryClient = ({ handle, left }: Handler): HttpClient.HttpClient =>
  HttpClient.make((request, url, signal) =>
    Effect.gen(function* () {
      const { bytes, headers } = yield* sent(request)
      const wire: WireRequest = {
        method: request.method,
        url: `${url.pathname}${url.search}`,
        headers,
        bytes,
        body: new TextDecoder().decode(bytes)
      }
      const outcome = yield* handle(wire)
      const reply = outcome._tag === "Whole" ? outcome.reply : outcome.part
      if (reply === undefined) {
        return yield* new HttpClientError.RequestError({ request, reason: "Transport", cause: hangUp() })
      }
      const run = Runtime.runFork(yield* Effect.runtime())
      const body = bodyOf(reply, outcome._tag, signal, () => void run(left(wire)))
      return HttpClientResponse.fromWeb(request, webResponse(reply, body))
    })
  )

/** As node:http tells it. */
const hangUp = (): Error => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })

/** The bytes that a transport would send, and the headers with those that it would add. */
const sent = (request: HttpClientRequest) =>
  Effect.gen(function* () {
    const { body, headers } = request
    if (body._tag === "Empty") return { bytes: new Uint8Array(), headers }
    if (body._tag === "Uint8Array") return { bytes: body.body, headers }
    const web = new Response(yield* bodyInit(body))
    const bytes = yield* Effect.tryPromise({
      try: () => web.arrayBuffer(),
      catch: (cause) => new HttpClientError.RequestError({ request, reason: "Transport", cause })
    })
    return { bytes: new Uint8Array(bytes), headers: { ...headers, ...Object.fromEntries(web.headers) } }
  })

const bodyInit = (
  body: Extract<HttpBody, { readonly _tag: "FormData" | "Raw" | "Stream" }>
): Effect.Effect<BodyInit> => {
  switch (body._tag) {
    case "FormData":
      return Effect.succeed(body.formData)
    case "Raw":
      return Effect.succeed(body.body as BodyInit) // as FetchHttpClient takes it
    case "Stream":
      return Stream.toReadableStreamEffect(body.stream)
  }
}

const pieceLength = 65_536

/** Comes in pieces as they are pulled. Half of it is all that comes where the connection breaks or falls silent. */
const bodyOf = (
  reply: Reply,
  end: Outcome["_tag"],
  signal: AbortSignal,
  left: () => void
): ReadableStream<Uint8Array> => {
  const all = bytesOf(reply)
  const bytes = end === "Whole" ? all : all.subarray(0, all.length / 2)
  let offset = 0
  let ended = false
  const next = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const piece = bytes.subarray(offset, offset + pieceLength)
    offset += piece.length
    if (piece.length > 0) controller.enqueue(piece)
    ended = end === "Whole" ? offset === bytes.length : end === "Broken" && piece.length === 0
    if (!ended) return
    if (end === "Whole") controller.close()
    // not before the last piece was taken: an error drops what is waiting
    else controller.error(hangUp())
  }
  return new ReadableStream(
    {
      start: (controller) => {
        signal.addEventListener("abort", () => {
          if (ended) return
          ended = true
          controller.error(signal.reason)
          left()
        })
        if (bytes.length === 0) next(controller)
      },
      pull: next,
      cancel: () => {
        ended = true
        left()
      }
    },
    { highWaterMark: 0 }
  )
}

/** A Response takes neither a body under the statuses that have none nor a status that HTTP does not have. */
const webResponse = (reply: Reply, body: ReadableStream<Uint8Array>): Response => {
  const { status } = reply
  const hasNoBody = status === 204 || status === 205 || status === 304
  return Object.defineProperty(new Response(hasNoBody ? null : body, { headers: headersOf(reply) }), "status", {
    value: status
  })
}
