/**
 * A client that keeps the deadline and the bound of a call itself, which saves the fiber that this library otherwise runs around
 * somebody else's client: about half of what `undici.request` costs. Nothing but speed depends on it.
 *
 * A client offers it as an `Exchange` under `TypeId`, beside all that an HttpClient has. `NodeTransport` of effect-bigin-node does.
 * Calls that read an answer to its end use it; a download, which is read piece by piece, uses the HttpClient.
 *
 * A client that is wrapped, by `HttpClient.mapRequest` for example, is another client: it has lost the Exchange and works as any
 * other. `Throttle.layer` hands it on.
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
