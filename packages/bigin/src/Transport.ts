/**
 * A client that keeps the deadline and the bound of a call itself. This library runs a fiber around somebody else's client; around
 * such a client it needs none. Nothing but speed depends on it.
 *
 * A client offers it as an `Exchange` under `TypeId`, beside all that an HttpClient has. `NodeTransport` of effect-bigin-node does.
 * Calls that read an answer to its end use it; a download, which is read piece by piece, uses the HttpClient.
 *
 * A client that is wrapped, by `HttpClient.mapRequest` for example, is another client: it has no Exchange, and works all the same.
 * `Throttle.layer` hands the Exchange on.
 *
 * @example
 * ```ts
 * import { HttpClient } from "@effect/platform"
 * import { Transport } from "effect-bigin"
 *
 * // a client of your own, that nobody else has yet
 * const withExchange = (client: HttpClient.HttpClient, exchange: Transport.Exchange): Transport.Transport =>
 *   Object.assign(client, { [Transport.TypeId]: exchange })
 * ```
 *
 * @since 0.1.0
 */
export * from "./models/transport.ts"
