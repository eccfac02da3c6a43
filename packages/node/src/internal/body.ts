/** The body of a request, as undici takes it. */
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
import * as Stream from "effect/Stream"
import { type Dispatcher, FormData } from "undici"

type Content = Exclude<Dispatcher.DispatchOptions["body"], undefined>

export interface Body {
  readonly content: Content
  /** Where it is made while it is sent. */
  readonly pieces?: Pieces
}

const empty: Body = { content: null }

/** Gives the body to what sends it; a Stream runs with what the fiber that sends it has. */
export const withBody = <A, E>(
  { body }: HttpClientRequest,
  send: (body: Body) => Effect.Effect<A, E>
): Effect.Effect<A, E> => {
  switch (body._tag) {
    case "Empty":
      return send(empty)
    case "Uint8Array":
      return send({ content: body.body })
    case "Raw":
      return send(rawBody(body.body))
    case "FormData":
      return send({ content: ownForm(body.formData) })
    case "Stream":
      return Effect.flatMap(Effect.runtime(), (runtime) => send(streamedBody(body.stream, runtime)))
  }
}

/** What fetch takes, and what Node streams. undici refuses the rest. */
const rawBody = (body: unknown): Body => {
  if (body instanceof URLSearchParams) return { content: body.toString() }
  if (body instanceof globalThis.FormData) return { content: ownForm(body) }
  if (isAsyncIterable(body)) return inPieces(new Pieces(body))
  // undici looks at what it is, whatever the type says
  return { content: body as Content }
}

const isAsyncIterable = (body: unknown): body is AsyncIterable<unknown> =>
  typeof body === "object" && body !== null && Symbol.asyncIterator in body

/** undici knows no FormData but its own, and tells the length of that. */
const ownForm = (form: globalThis.FormData): FormData => {
  const own = new FormData()
  for (const [name, value] of form) own.append(name, value)
  return own
}

const streamedBody = (stream: Stream.Stream<Uint8Array, unknown>, runtime: Runtime.Runtime<never>): Body => {
  const pieces: Pieces = new Pieces(
    Stream.toAsyncIterableRuntime(
      Stream.tapErrorCause(stream, (cause) => Effect.sync(() => pieces.fail(cause))),
      // in an uninterruptible region the stream ends with its request all the same
      Runtime.enableRuntimeFlag(runtime, RuntimeFlags.Interruption)
    )
  )
  return inPieces(pieces)
}

/** undici takes what can be iterated, which its type does not say. */
const inPieces = (pieces: Pieces): Body => ({ content: pieces as unknown as Content, pieces })

/** Pieces that undici asks for one by one, which end where the request ends, also while it waits for one. */
export class Pieces implements AsyncIterable<unknown>, AsyncIterator<unknown> {
  readonly #source: AsyncIterator<unknown>
  #isOver = false
  #stop: (() => void) | undefined
  /** Why there were no more. */
  failure: Cause.Cause<unknown> | undefined

  constructor(source: AsyncIterable<unknown>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#isOver) return Promise.resolve(done)
    return new Promise((resolve, reject) => {
      this.#stop = () => resolve(done)
      this.#source.next().then(resolve, (error) => {
        this.fail(Cause.fail(error))
        reject(error)
      })
    })
  }

  return(): Promise<IteratorResult<unknown>> {
    this.end()
    return Promise.resolve(done)
  }

  /** The first that is told is the whole truth. */
  fail(cause: Cause.Cause<unknown>): void {
    if (!this.#isOver) this.failure ??= cause
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stop?.()
    // whoever ends it waits for nothing, and a failure of what ends has nobody to go to
    this.#source.return?.().then(undefined, () => {})
  }
}

const done = { done: true, value: undefined } as const
