/** A request and its whole answer, with no more between them and undici than they need. */
import { type HttpClientError, ResponseError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Answer, Exchange, Limits } from "effect-bigin/Transport"
import type { Dispatcher } from "undici"
import { type Body, withBody } from "./body.ts"
import { Call, hasNoBody, joined, type RawHeaders, running } from "./call.ts"
import { emptyResponse } from "./response.ts"
import { type Target, targetOf } from "./target.ts"

type Outcome = Effect.Effect<Answer, HttpClientError | Cause.TimeoutException>

export const exchangeOver =
  (dispatcher: Dispatcher): Exchange =>
  (request, limits) =>
    Effect.flatMap(request, (request) => {
      const target = targetOf(request)
      return Either.isLeft(target)
        ? Effect.fail(target.left)
        : withBody(request, (body) => exchange(dispatcher, request, target.right, body, limits))
    })

const exchange = (
  dispatcher: Dispatcher,
  request: HttpClientRequest,
  target: Target,
  body: Body,
  limits: Limits
): Outcome =>
  running((resume) => {
    const reading = new Reading(request, body, limits.most, resume)
    reading.dispatch(dispatcher, target)
    reading.begin(limits)
    return reading
  })

const nothing = new Uint8Array()

class Reading extends Call {
  readonly #most: number
  #resume: ((outcome: Outcome) => void) | undefined
  #stopTime: (() => void) | undefined
  #status = 0
  #headers: Record<string, string> = {}
  /** From the second piece on the room for the body doubles, so that no byte is copied more often than twice. */
  #room: Uint8Array = nothing
  #size = 0

  constructor(request: HttpClientRequest, body: Body, most: number, resume: (outcome: Outcome) => void) {
    super(request, body)
    this.#most = most
    this.#resume = resume
  }

  begin({ deadline }: Limits): void {
    if (!this.isOver) this.#stopTime = deadline(() => this.#timeOut())
  }

  onResponseStart(_: unknown, status: number, headers: RawHeaders): void {
    // an answer in between
    if (status < 200) return
    this.#status = status
    this.#headers = joined(headers)
    if (hasNoBody(status)) this.onResponseEnd()
  }

  onResponseData(_: unknown, piece: Uint8Array): void {
    if (this.isOver) return
    const left = this.#most - this.#size
    this.#add(piece.length > left ? piece.subarray(0, left) : piece)
    if (piece.length > left) {
      this.#answer(false)
      this.callOff()
    }
  }

  onResponseEnd(): void {
    if (this.end()) this.#answer(true)
  }

  protected override onOver(): void {
    this.#stopTime?.()
    this.#stopTime = undefined
  }

  /** Nothing of what it held is held any longer. */
  #end(outcome: Outcome): void {
    const resume = this.#resume
    this.#resume = undefined
    this.#room = nothing
    this.#headers = {}
    resume?.(outcome)
  }

  protected override onFailure(error: unknown): void {
    this.#end(Effect.failCause(this.#status === 0 ? this.failureOf(error) : Cause.fail(this.#brokenOff(error))))
  }

  #brokenOff(cause: unknown): ResponseError {
    const { request } = this
    return new ResponseError({
      request,
      response: emptyResponse(request, this.#status, this.#headers),
      reason: "Decode",
      cause
    })
  }

  #timeOut(): void {
    if (this.isOver) return
    this.#end(Effect.fail(new Cause.TimeoutException("the time of the exchange is over")))
    this.callOff()
  }

  #answer(isWhole: boolean): void {
    this.#end(
      Effect.succeed({
        status: this.#status,
        headers: this.#headers,
        body: this.#size === this.#room.length ? this.#room : this.#room.subarray(0, this.#size),
        isWhole
      })
    )
  }

  /** One piece is all that most answers have: it stays where undici left it. */
  #add(piece: Uint8Array): void {
    if (this.#size === 0) {
      this.#room = piece
      this.#size = piece.length
      return
    }
    const size = this.#size + piece.length
    if (size > this.#room.length) {
      const room = new Uint8Array(Math.max(size, Math.min(this.#most, 2 * this.#room.length)))
      room.set(this.#room.subarray(0, this.#size))
      this.#room = room
    }
    this.#room.set(piece, this.#size)
    this.#size = size
  }
}
