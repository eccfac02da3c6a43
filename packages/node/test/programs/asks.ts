/** Asks for URLS one after the other, and prints what it gets. */
import { HttpClient } from "@effect/platform"
import { Effect } from "effect"
import { NodeTransport } from "effect-bigin-node"

const { PROXY: proxy, URLS: urls = "" } = process.env

const answers = await Effect.runPromise(
  Effect.forEach(urls.split(" ").filter(Boolean), (url) =>
    Effect.flatMap(HttpClient.get(url), (response) => response.text)
  ).pipe(Effect.provide(NodeTransport.layerWith({ proxy, tls: { rejectUnauthorized: false } })))
)
console.log(JSON.stringify(answers))
