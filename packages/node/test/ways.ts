/** The clients, and the ways in, by which the same requests are sent. */
import { FetchHttpClient, HttpClient, type HttpClientError, type HttpClientRequest } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { Cause, Effect, Exit, type Layer } from "effect"
import { Transport } from "effect-bigin"
import { NodeTransport } from "effect-bigin-node"

export const clients = {
  fetch: FetchHttpClient.layer,
  node: NodeHttpClient.layer,
  undici: NodeHttpClient.layerUndici,
  transport: NodeTransport.layer
} as const satisfies { readonly [name: string]: Layer.Layer<HttpClient.HttpClient> }

export type ClientName = keyof typeof clients

export const clientNames = Object.keys(clients) as ReadonlyArray<ClientName> // the keys of a constant

export interface Seen {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: Uint8Array
}

export type Send = (
  request: HttpClientRequest.HttpClientRequest
) => Effect.Effect<Seen, HttpClientError.HttpClientError | Cause.TimeoutException, HttpClient.HttpClient>

/** A request, and its answer read to the end. */
export const sendByClient: Send = (request) =>
  Effect.flatMap(HttpClient.execute(request), (response) =>
    Effect.map(response.arrayBuffer, (body) => ({
      status: response.status,
      headers: { ...response.headers },
      body: new Uint8Array(body)
    }))
  )

/** No bound and no deadline. */
export const unlimited: Transport.Limits = { most: Infinity, deadline: () => () => {} }

export const exchange = (
  request: HttpClientRequest.HttpClientRequest,
  limits: Partial<Transport.Limits> = {}
): Effect.Effect<Transport.Answer, HttpClientError.HttpClientError | Cause.TimeoutException, HttpClient.HttpClient> =>
  Effect.flatMap(HttpClient.HttpClient, (client) =>
    Transport.isTransport(client)
      ? client[Transport.TypeId](Effect.succeed(request), { ...unlimited, ...limits })
      : Effect.dieMessage("it has no Exchange")
  )

/** By the name of a client, and the Exchange of the last. */
export const ways = {
  fetch: { layer: clients.fetch, send: sendByClient },
  node: { layer: clients.node, send: sendByClient },
  undici: { layer: clients.undici, send: sendByClient },
  transport: { layer: clients.transport, send: sendByClient },
  exchange: { layer: clients.transport, send: exchange }
} as const satisfies {
  readonly [name: string]: { readonly layer: Layer.Layer<HttpClient.HttpClient>; readonly send: Send }
}

export type WayName = keyof typeof ways

export const wayNames = Object.keys(ways) as ReadonlyArray<WayName> // the keys of a constant

/** How it ended, in a word or two: its value, or what kind of failure it was. */
export const outcome = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A | string, never, R> =>
  Effect.map(Effect.exit(self), (exit) => {
    if (Exit.isSuccess(exit)) return exit.value
    if (Cause.isInterruptedOnly(exit.cause)) return "interrupted"
    const failure = Cause.failureOption(exit.cause)
    return failure._tag === "Some" ? nameOf(failure.value) : `defect: ${defectOf(exit.cause)}`
  })

const defectOf = (cause: Cause.Cause<unknown>) => String(Cause.squash(cause)).replace(/[ :].*/s, "")

const nameOf = (failure: unknown): string => {
  const { _tag, reason } = failure as { readonly _tag?: string; readonly reason?: string } // what failures here may have
  return reason === undefined ? (_tag ?? String(failure)) : `${_tag} ${reason}`
}
