/** What a client may offer, and what this library asks of it; `Transport.ts` is what callers read. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { TimeoutException } from "effect/Cause"
import type * as Effect from "effect/Effect"

/**
 * The key under which a client has its `Exchange`. It is the same in every copy of this package, so a package that implements
 * it needs this one for its types alone.
 *
 * @since 0.1.0
 * @category symbols
 */
export const TypeId: unique symbol = Symbol.for("effect-bigin/Transport")

/**
 * The type of that key.
 *
 * @since 0.1.0
 * @category symbols
 */
export type TypeId = typeof TypeId

/**
 * What an exchange has to keep.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limits {
  /** How many bytes of a body are read at most. */
  readonly most: number
  /**
   * Begins the time of the exchange: `onTimeout` is called once when it is over, unless what this gives was called before. It
   * counts on the caller's Clock. To be called when the request is handed to the network, and not before.
   */
  readonly deadline: (onTimeout: () => void) => () => void
}

/**
 * An answer as it came.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly status: number
  /** By their names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** As the bytes came, their content-coding not undone: no more than `most` of them. */
  readonly body: Uint8Array
  /** Whether these are all bytes that there were. */
  readonly isWhole: boolean
}

/**
 * Sends a request and reads its answer.
 *
 * 1. `request` is run where the exchange begins, last before the network. What is wrapped around the exchange, such as a
 *    throttle, waits before it. Where it is interrupted nothing is sent.
 * 2. It follows no redirect, answers from no cache, and repeats nothing.
 * 3. It reads no more than `most` bytes. Of a longer body it ends the request and gives what it has, with `isWhole` false.
 * 4. It fails with a TimeoutException when the deadline is over, and then ends the request. It does so in an uninterruptible
 *    region too.
 * 5. It ends the request where it is interrupted, and in an uninterruptible region goes on.
 * 6. Where it can tell that nothing was sent, it says so in the `cause` of its RequestError: by the `syscall` "connect", or by one
 *    of the codes of Node and undici for that.
 *
 * @since 0.1.0
 * @category models
 */
export type Exchange = (
  request: Effect.Effect<HttpClientRequest>,
  limits: Limits
) => Effect.Effect<Answer, HttpClientError | TimeoutException>

/**
 * A client that keeps the deadline and the bound of a call itself.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transport extends HttpClient.HttpClient {
  readonly [TypeId]: Exchange
}

/**
 * Whether a client has an `Exchange` under `TypeId`.
 *
 * @example
 * ```ts
 * import { HttpClient } from "@effect/platform"
 * import { Effect } from "effect"
 * import { Transport } from "effect-bigin"
 *
 * const kind = Effect.map(HttpClient.HttpClient, (client) =>
 *   Transport.isTransport(client) ? "keeps the deadline itself" : "a fiber keeps the deadline"
 * )
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isTransport = (client: HttpClient.HttpClient): client is Transport => TypeId in client
