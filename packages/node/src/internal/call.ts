/** One request on its way through a dispatcher. */
import { type HttpClientError, RequestError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { Dispatcher } from "undici"
import type { Body } from "./body.ts"
import { isOfBlob, nothingSent } from "./failure.ts"
import type { Target } from "./target.ts"

type Controller = Dispatcher.DispatchController

/** The headers of an answer, as undici gives them: by their names in lower case. */
export type RawHeaders = Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseStart"]>>[2]

/** It may be called off at any moment: while it waits for a connection, while it is sent, while its answer is read. */
export abstract class Call implements Dispatcher.DispatchHandler {
  readonly request: HttpClientRequest
  readonly #body: Body
  #isOver = false
  #hasBegun = false
  /** While it is under way: what a call that is over still holds is kept until a full collection. */
  protected controller: Controller | undefined

  constructor(request: HttpClientRequest, body: Body) {
    this.request = request
    this.#body = body
  }

  protected get isOver(): boolean {
    return this.#isOver
  }

  dispatch(dispatcher: Dispatcher, { origin, path }: Target): void {
    const { headers, method } = this.request
    try {
      dispatcher.dispatch({ origin, path, method, headers: flat(headers), body: this.#body.content }, this)
    } catch (error) {
      this.onResponseError(this.controller, error)
    }
  }

  /** Just before anything is written. A connection whose request was called off meanwhile stays for the next. */
  onRequestStart(controller: Controller): void {
    if (this.#isOver) throw calledOff
    if (this.#hasBegun) throw new Error("a dispatcher may not repeat a request")
    this.#hasBegun = true
    this.controller = controller
  }

  onRequestUpgrade(controller: Controller, _status: number, _headers: RawHeaders, socket: { destroy(): void }): void {
    socket.destroy()
    this.onResponseError(controller, new Error("the server changed to another protocol"))
  }

  onResponseError(_controller: Controller | undefined, error: unknown): void {
    if (this.end()) this.onFailure(error)
  }

  /** Ends it here and on the wire. */
  callOff(): void {
    const { controller } = this
    if (!this.end()) return
    controller?.abort(calledOff)
    this.onCalledOff()
  }

  /** False where it was over already. */
  protected end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    this.controller = undefined
    this.#body.pieces?.end()
    this.onOver()
    return true
  }

  /** Where no answer had begun. */
  protected failureOf(error: unknown): Cause.Cause<HttpClientError> {
    const { request } = this
    const { pieces } = this.#body
    if (pieces?.failure !== undefined) {
      return Cause.map(pieces.failure, (cause) => new RequestError({ request, reason: "Encode", cause }))
    }
    const reason = isOfBlob(error) ? "Encode" : "Transport"
    const cause = this.#hasBegun ? error : nothingSent(error)
    return Cause.fail(new RequestError({ request, reason, cause }))
  }

  /** Nothing more will come, whatever the reason. */
  protected abstract onOver(): void

  protected abstract onFailure(error: unknown): void

  protected onCalledOff(): void {}
}

/**
 * Begins a call, which is called off where its fiber is interrupted. What Effect.async gives back would do that too, but would keep
 * each call alive until a full collection, and so does whatever holds it here when it is over: a fifth of the time went there.
 */
export const running = <A, E>(begin: (resume: (outcome: Effect.Effect<A, E>) => void) => Call): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) => {
    let call: Call | undefined
    const begun = Effect.async<A, E>((resume) => {
      call = begin(resume)
    })
    return Effect.matchCauseEffect(restore(begun), {
      onFailure: (cause) => {
        // one that failed is over, and stays as it is
        call?.callOff()
        call = undefined
        return Effect.failCause(cause)
      },
      onSuccess: (answer) => {
        call = undefined
        return Effect.succeed(answer)
      }
    })
  })

export const calledOff = new Error("the request was called off")

/** A 304 may tell the length of what it leaves out (RFC 9110, section 8.6), which undici would wait for. */
export const hasNoBody = (status: number): boolean => status === 204 || status === 304

/** An array, since a proxy's agent adds to the record that it is given. */
const flat = (headers: HttpClientRequest["headers"]): Array<string> => {
  const all: Array<string> = []
  for (const name in headers) all.push(name, headers[name] ?? "")
  return all
}

/** What came several times is one text, as fetch gives it. */
export const joined = (headers: RawHeaders): Record<string, string> => {
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === "object") headers[name] = value.join(", ")
  }
  // the arrays are gone
  return headers as Record<string, string>
}
