/** Who is measured, and how many requests are under way at a time. */

export interface Client {
  /** Of the folder `variants`. */
  readonly file: string
  readonly name: string
  readonly kind: Kind
  /** A run for each. */
  readonly concurrency: ReadonlyArray<number>
  /** What the library does and this client leaves to its caller, and what it does that a deletion is better off without. */
  readonly doesLess: string
}

/** Those of the kind "none" answer at once, without a network: what is left is what a program of Effect costs by itself. */
export type Kind = "promise" | "effect" | "library" | "none"

/** How many at a time, where a client has one run; a quick measurement has no others. */
export const usual = 10

const one = [usual]
const all = [1, usual, 100]

const of =
  (kind: Kind) =>
  (file: string, name: string, doesLess: string, concurrency: ReadonlyArray<number> = one): Client => ({
    file,
    name,
    kind,
    concurrency,
    doesLess
  })
const promise = of("promise")
const effect = of("effect")
const library = of("library")
const none = of("none")

const plain = "no typed failure, no bound"
const oneFailure = "one failure for every status, no bound"
const fiveMinutes = "a timeout of 5 minutes"
const repeats = "repeats a DELETE whose answer is lost"
const byHand = "no bound, the id is not compared, no failure tells whether the deletion may have happened"
const closes = "a connection for each request, its default"

/** Every other is divided by it. */
export const bare = promise("undiciRequest", "undici.request", `${plain}, ${fiveMinutes}`, all)

/** Without the bare one, which runs before and after each. */
export const clients: ReadonlyArray<Client> = [
  promise("fetch", "fetch", `${plain}, ${fiveMinutes}`, all),
  promise("nodeHttp", "node:http", `${plain}, no timeout`, all),
  promise("axios", "axios", `${oneFailure}, no timeout`, all),
  promise("got", "got", `${oneFailure}, no timeout; ${repeats}`),
  promise("ky", "ky", `${oneFailure}, a timeout of 10 seconds; ${repeats}`),
  promise("zohoSdk", "Zoho's CRM SDK", `a refusal is a value of another class, no bound, no timeout; ${repeats}`),

  effect("fetchPlain", "Effect, FetchHttpClient", `${plain}, ${fiveMinutes}`),
  effect("nodePlain", "Effect, NodeHttpClient.layer", `${plain}, no timeout; ${closes}`),
  effect("undiciPlain", "Effect, NodeHttpClient.layerUndici", `${plain}, ${fiveMinutes}`),
  effect("fetchIdiomatic", "Effect by hand, FetchHttpClient", byHand),
  effect("nodeIdiomatic", "Effect by hand, NodeHttpClient.layer", `${byHand}; ${closes}`),
  effect("undiciIdiomatic", "Effect by hand, NodeHttpClient.layerUndici", byHand),

  library("nodeTransportSuccess", "deleteAttachment, NodeTransport.layer", "", all),
  library("nodeTransportFailure", "deleteAttachment, NodeTransport.layer: InvalidData", ""),
  library("fetchSuccess", "deleteAttachment, FetchHttpClient", "", all),
  library("fetchFailure", "deleteAttachment, FetchHttpClient: InvalidData", ""),
  library("nodeSuccess", "deleteAttachment, NodeHttpClient.layer", closes),
  library("nodeFailure", "deleteAttachment, NodeHttpClient.layer: InvalidData", closes),
  library("undiciSuccess", "deleteAttachment, NodeHttpClient.layerUndici", ""),
  library("undiciFailure", "deleteAttachment, NodeHttpClient.layerUndici: InvalidData", ""),

  none("instantPlain", "no network: Effect", plain),
  none("instantSuccess", "no network: deleteAttachment", ""),
  none("instantFailure", "no network: deleteAttachment, InvalidData", "")
]
