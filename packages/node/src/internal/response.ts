/** An answer as @effect/platform has it. */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import { ResponseError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as IncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { joined, type RawHeaders } from "./call.ts"

/** Where the body of an answer comes from, once. */
export interface Source {
  /** The pieces that are there, as soon as there are any. It fails with none at the end. */
  readonly pull: Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<unknown>>
  all(most: number): Effect.Effect<Uint8Array, unknown>
}

export class Response extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [IncomingMessage.TypeId]: IncomingMessage.TypeId = IncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly request: HttpClientRequest
  readonly status: number
  readonly headers: Headers.Headers
  readonly #setCookie: ReadonlyArray<string>
  #source: Source | undefined
  #cookies: Cookies.Cookies | undefined
  #bytes: Effect.Effect<Uint8Array, ResponseError> | undefined

  constructor(request: HttpClientRequest, status: number, headers: RawHeaders, source: Source) {
    super()
    this.request = request
    this.status = status
    this.#setCookie = [headers["set-cookie"] ?? []].flat()
    this.headers = Headers.unsafeFromRecord(joined(headers))
    this.#source = source
  }

  get cookies(): Cookies.Cookies {
    return (this.#cookies ??= Cookies.fromSetCookie(this.#setCookie))
  }

  get remoteAddress(): Option.Option<string> {
    return Option.none()
  }

  get stream(): Stream.Stream<Uint8Array, ResponseError> {
    return Stream.unwrap(
      Effect.map(this.#take, ({ pull }) =>
        Stream.repeatEffectChunkOption(
          Effect.mapError(pull, (error) => Option.map(error, (cause) => this.#fault(cause)))
        )
      )
    )
  }

  get text(): Effect.Effect<string, ResponseError> {
    return Effect.map(this.#all, (bytes) => utf8.decode(bytes))
  }

  get json(): Effect.Effect<unknown, ResponseError> {
    return this.#parsed((text) => (text === "" ? null : JSON.parse(text)))
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, ResponseError> {
    return this.#parsed((text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, ResponseError> {
    return Effect.flatMap(this.#all, (bytes) =>
      Effect.tryPromise({
        try: () =>
          new globalThis.Response(new Uint8Array(bytes), {
            headers: { "content-type": this.headers["content-type"] ?? "" }
          }).formData(),
        catch: (cause) => this.#fault(cause)
      })
    )
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, ResponseError> {
    // of its own, however large the buffer is that a piece lies in
    return Effect.map(this.#all, (bytes) => new Uint8Array(bytes).buffer)
  }

  toJSON(): unknown {
    return IncomingMessage.inspect(this, {
      _id: "@effect/platform/HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status
    })
  }

  /** However often it is asked for, in whatever form, it is read once. */
  get #all(): Effect.Effect<Uint8Array, ResponseError> {
    return (this.#bytes ??= Effect.runSync(
      Effect.cached(
        Effect.zipWith(this.#take, IncomingMessage.MaxBodySize, (source, most) =>
          Effect.mapError(source.all(Option.match(most, { onNone: () => Infinity, onSome: Number })), (cause) =>
            this.#fault(cause)
          )
        ).pipe(Effect.flatten)
      )
    ))
  }

  #parsed<A>(parse: (text: string) => A): Effect.Effect<A, ResponseError> {
    return Effect.tryMap(this.text, { try: parse, catch: (cause) => this.#fault(cause) })
  }

  get #take(): Effect.Effect<Source, ResponseError> {
    return Effect.suspend(() => {
      const source = this.#source
      if (source === undefined) return Effect.fail(this.#fault(new TypeError("the body was read before")))
      this.#source = undefined
      return Effect.succeed(source)
    })
  }

  #fault(cause: unknown): ResponseError {
    return new ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }
}

const utf8 = new TextDecoder()

/** An answer whose body did not come. */
export const emptyResponse = (request: HttpClientRequest, status: number, headers: RawHeaders): Response =>
  new Response(request, status, headers, nothing)

const nothing: Source = {
  pull: Effect.fail(Option.none()),
  all: () => Effect.succeed(new Uint8Array())
}
