/** The doors of a fake Bigin, and the plainest of clients. */
import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, Layer } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

/** What the requests of these tests are sent to. */
export const anywhere = "https://bigin.example"

export const memory = FakeBigin.layer

/** Over TCP, at whatever origin the server has. */
export const tcp = Layer.unwrapScoped(
  Effect.gen(function* () {
    const fake = yield* FakeBigin.make()
    const { origin } = yield* FakeBigin.serve.pipe(Effect.provideService(FakeBigin.FakeBigin, fake))
    const client = Layer.effect(
      HttpClient.HttpClient,
      Effect.map(
        HttpClient.HttpClient,
        HttpClient.mapRequest((request) => HttpClientRequest.setUrl(request, request.url.replace(anywhere, origin)))
      )
    )
    return Layer.merge(Layer.succeed(FakeBigin.FakeBigin, fake), Layer.provide(client, FetchHttpClient.layer))
  })
)

export const doors = [
  ["memory", memory],
  ["TCP", tcp]
] as const

export const list = "/bigin/v1/Contacts/2883756000000261075/Attachments"
export const path = `${list}/2883756000000261017`

export interface Asked {
  readonly method?: "DELETE" | "GET" | "POST"
  readonly path: string
  readonly token?: string
  readonly authorization?: string
  readonly type?: string
  readonly body?: string | Uint8Array
}

/** Asks, and gives the headers too. */
export const told = ({
  authorization,
  body = "",
  method = "DELETE",
  path,
  token = Fixtures.accessTokens.administrator,
  type
}: Asked) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const request = HttpClientRequest.make(method)(`${anywhere}${path}`, {
      headers: authorization === "" ? {} : { authorization: authorization ?? `Zoho-oauthtoken ${token}` }
    })
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body
    const response = yield* client.execute(
      bytes.length === 0 ? request : HttpClientRequest.bodyUint8Array(request, bytes, type)
    )
    return { status: response.status, headers: response.headers, body: yield* response.text }
  })

export const ask = (asked: Asked) => Effect.map(told(asked), ({ body, status }) => ({ status, body }))

/** The JSON of an answer. */
export const json = (asked: Asked) => Effect.map(told(asked), ({ body }) => JSON.parse(body) as unknown)
