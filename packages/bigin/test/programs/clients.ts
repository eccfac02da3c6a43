/** The clients that the library is promised to work over, by the name that a test gives in CLIENT. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type { Layer } from "effect"
import { NodeTransport } from "effect-bigin-node"

const clients: { readonly [name: string]: Layer.Layer<HttpClient.HttpClient> } = {
  fetch: FetchHttpClient.layer,
  node: NodeHttpClient.layer,
  undici: NodeHttpClient.layerUndici,
  transport: NodeTransport.layer
}

export const clientNames = Object.keys(clients)

export const client: Layer.Layer<HttpClient.HttpClient> = clients[process.env["CLIENT"] ?? ""] ?? FetchHttpClient.layer
