/** The HttpClient, whose answers are read piece by piece. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Dispatcher } from "undici"
import { type Body, withBody } from "./body.ts"
import { Call, calledOff, hasNoBody, type RawHeaders, running } from "./call.ts"
import { Response, type Source } from "./response.ts"
import { targetOfUrl } from "./target.ts"

type Pull = Source["pull"]
type Outcome = Effect.Effect<Response, HttpClientError>

export const clientOver = (dispatcher: Dispatcher): HttpClient.HttpClient =>
  HttpClient.make((request, url, signal) => {
    const target = targetOfUrl(request, url)
    return Either.isLeft(target)
      ? Effect.fail(target.left)
      : withBody(request, (body): Outcome =>
          running((resume) => {
            const streaming = new Streaming(request, body, signal, resume)
            streaming.dispatch(dispatcher, target.right)
            return streaming
          })
        )
  })

/** How many bytes wait to be read before the server has to. */
const enough = 65_536

/**
 * Keeps what came until it is read. It never knows its response: of one that nobody holds any more, @effect/platform aborts the
 * signal.
 */
class Streaming extends Call implements Source {
  readonly #signal: AbortSignal
  readonly #abort = () => this.callOff()
  #resume: ((outcome: Outcome) => void) | undefined
  #pieces: Array<Uint8Array> = []
  #size = 0
  #most = 0
  #hasEnded = false
  #failure: unknown = calledOff
  /** Called when there is something new. */
  #wake: (() => void) | undefined

  constructor(request: HttpClientRequest, body: Body, signal: AbortSignal, resume: (outcome: Outcome) => void) {
    super(request, body)
    this.#signal = signal
    this.#resume = resume
    signal.addEventListener("abort", this.#abort)
  }

  override dispatch(...args: Parameters<Call["dispatch"]>): void {
    if (this.#signal.aborted) this.callOff()
    else super.dispatch(...args)
  }

  onResponseStart(_: unknown, status: number, headers: RawHeaders): void {
    // an answer in between
    if (status < 200) return
    const resume = this.#resume
    this.#resume = undefined
    resume?.(Effect.succeed(new Response(this.request, status, headers, this)))
    if (hasNoBody(status)) this.onResponseEnd()
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Uint8Array): void {
    if (this.isOver) return
    this.#pieces.push(piece)
    this.#size += piece.length
    if (this.#size >= Math.max(enough, this.#most)) controller.pause()
    this.#wake?.()
  }

  onResponseEnd(): void {
    if (!this.end()) return
    this.#hasEnded = true
    this.#wake?.()
  }

  get pull(): Pull {
    return Effect.suspend(
      () =>
        this.#take() ??
        Effect.async((resume) => {
          this.#wake = () => {
            const taken = this.#take()
            if (taken !== undefined) resume(taken)
          }
        })
    )
  }

  all(most: number): Effect.Effect<Uint8Array, unknown> {
    return Effect.async((resume) => {
      const look = () => {
        if (this.#size > most) {
          this.callOff()
          resume(Effect.fail(tooLong(most)))
        } else if (this.isOver) {
          resume(this.#hasEnded ? Effect.succeed(concatenated(this.#pieces, this.#size)) : Effect.fail(this.#failure))
          this.#wake = undefined
          this.#pieces = []
        }
      }
      this.#most = most
      this.#wake = look
      this.controller?.resume()
      look()
    })
  }

  protected override onOver(): void {
    this.#signal.removeEventListener("abort", this.#abort)
  }

  protected override onFailure(error: unknown): void {
    this.#failure = error
    this.#resume?.(Effect.failCause(this.failureOf(error)))
    this.#resume = undefined
    this.#wake?.()
  }

  protected override onCalledOff(): void {
    this.onFailure(calledOff)
  }

  #take(): Pull | undefined {
    if (this.#size > 0) {
      const pieces = Chunk.unsafeFromArray(this.#pieces)
      this.#pieces = []
      this.#size = 0
      this.#wake = undefined
      this.controller?.resume()
      return Effect.succeed(pieces)
    }
    if (!this.isOver) return undefined
    return Effect.fail(this.#hasEnded ? Option.none() : Option.some(this.#failure))
  }
}

/** A cause of the failure, and no failure of its own. */
const tooLong = (most: number): unknown => new RangeError(`the body is longer than ${most} bytes`)

const concatenated = (pieces: ReadonlyArray<Uint8Array>, size: number): Uint8Array => {
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return only
  const all = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
