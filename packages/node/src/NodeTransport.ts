/**
 * An HttpClient for Node over undici's dispatch, without what lies above it: no Readable, no AbortController, no URL for a call.
 *
 * It has an Exchange beside it (effect-bigin/Transport): effect-bigin finds that, and lets it keep the deadline and the bound of
 * its calls, which saves the fiber around each. Every other program finds an HttpClient.
 *
 * It speaks HTTP/1.1 and sends what it is given, once: it follows no redirect, keeps no cookie, answers from no cache, undoes no
 * content-coding and repeats nothing.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Dispatcher } from "undici"
import { clientOver } from "./internal/client.ts"
import { connectionsOf, type Tls } from "./internal/dispatcher.ts"
import { exchangeOver } from "./internal/exchange.ts"

export type { Tls } from "./internal/dispatcher.ts"

/**
 * How connections are made and kept. Each has a default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The most connections to one origin; calls that find none free wait for one. Unlimited unless given. */
  readonly connections?: number | undefined
  /** How long a connection may take until it stands, TLS or the tunnel of a proxy included: 10 seconds unless given. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /** How long the head of an answer may take after the request was sent: 5 minutes unless given. */
  readonly headersTimeout?: Duration.DurationInput | undefined
  /** How long the body of an answer may pause: 5 minutes unless given. */
  readonly bodyTimeout?: Duration.DurationInput | undefined
  /** How long a connection without a request is kept: 4 seconds unless given, or as long as the server says that it keeps it. */
  readonly keepAliveTimeout?: Duration.DurationInput | undefined
  /**
   * For servers, not for a proxy, as Node's `tls.connect` takes it: `ca`, `cert`, `key`, `servername`, `rejectUnauthorized`,
   * `checkServerIdentity`, `minVersion` and the rest of a SecureContext.
   */
  readonly tls?: Tls | undefined
  /**
   * Which proxy to go through:
   *
   * - `"environment"`, unless given: what HTTP_PROXY, HTTPS_PROXY and NO_PROXY say, in lower or upper case.
   * - `"none"`: no proxy, whatever the environment says.
   * - The URL of one, with a user name and a password where it asks for them.
   */
  readonly proxy?: "environment" | "none" | (string & {}) | undefined
}

/**
 * Over an undici Dispatcher of your own, whose end is yours too. A dispatcher that repeats requests, such as RetryAgent, fails instead.
 *
 * It has an Exchange (effect-bigin/Transport) beside what its type says, under the key `Symbol.for("effect-bigin/Transport")`.
 *
 * @example
 * ```ts
 * import { HttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { NodeTransport } from "effect-bigin-node"
 * import { getGlobalDispatcher } from "undici"
 *
 * const shared = Layer.sync(HttpClient.HttpClient, () => NodeTransport.make(getGlobalDispatcher()))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (dispatcher: Dispatcher): HttpClient.HttpClient =>
  Object.assign(clientOver(dispatcher), { [TypeId]: exchangeOver(dispatcher) })

/** Where effect-bigin looks for the Exchange, in every copy of it. */
const TypeId = Symbol.for("effect-bigin/Transport")

/**
 * With connections of its own. Where the scope of the layer ends, they end and the requests on them fail. A proxy that is no URL
 * is a defect, a TypeError.
 *
 * @example
 * ```ts
 * import { NodeTransport } from "effect-bigin-node"
 *
 * const http = NodeTransport.layerWith({ connections: 10, connectTimeout: "3 seconds", proxy: "none" })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options): Layer.Layer<HttpClient.HttpClient> =>
  Layer.scoped(
    HttpClient.HttpClient,
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() =>
          connectionsOf({
            connections: options.connections,
            connectTimeout: Duration.decode(options.connectTimeout ?? "10 seconds"),
            headersTimeout: Duration.decode(options.headersTimeout ?? "5 minutes"),
            bodyTimeout: Duration.decode(options.bodyTimeout ?? "5 minutes"),
            keepAliveTimeout: Duration.decode(options.keepAliveTimeout ?? "4 seconds"),
            tls: options.tls ?? {},
            proxy: options.proxy ?? "environment"
          })
        ),
        ({ destroy }) => Effect.promise(destroy)
      ),
      ({ dispatcher }) => make(dispatcher)
    )
  )

/**
 * `layerWith` its defaults.
 *
 * @example
 * ```ts
 * import { Layer } from "effect"
 * import { BiginAuth } from "effect-bigin"
 * import { NodeTransport } from "effect-bigin-node"
 *
 * const live = Layer.provideMerge(BiginAuth.layerConfig, NodeTransport.layer)
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<HttpClient.HttpClient> = layerWith({})
