/** The same fake Bigin behind every transport that the library is promised to work over. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { BiginAuth } from "effect-bigin"
import { NodeTransport } from "effect-bigin-node"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

type Door = Layer.Layer<FakeBigin.FakeBigin | HttpClient.HttpClient | BiginAuth.BiginAuth>

/** Real HTTP on the loopback interface, through one of the clients. */
export const overTcp = (
  client: Layer.Layer<HttpClient.HttpClient>,
  options: { readonly accessToken?: string } = {}
): Door =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const fake = yield* FakeBigin.make()
      const { origin } = yield* FakeBigin.serve.pipe(Effect.provideService(FakeBigin.FakeBigin, fake))
      return Layer.mergeAll(
        client,
        Layer.succeed(FakeBigin.FakeBigin, fake),
        BiginAuth.layerToken({
          accessToken: Redacted.make(options.accessToken ?? Fixtures.accessTokens.administrator),
          apiOrigin: origin
        })
      )
    })
  )

/** In memory, as another token than the administrator's. */
export const inMemoryAs = (accessToken: string): Door =>
  Layer.merge(FakeBigin.layer, BiginAuth.layerToken({ accessToken: Redacted.make(accessToken) }))

export const clients = {
  FetchHttpClient: FetchHttpClient.layer,
  "NodeHttpClient (node:http)": NodeHttpClient.layer,
  "NodeHttpClient (undici)": NodeHttpClient.layerUndici,
  /** By its Exchange, in place of the HttpClient. */
  NodeTransport: NodeTransport.layer
} as const

export const tcpDoors: ReadonlyArray<readonly [name: string, door: Door]> = Object.entries(clients).map(
  ([name, client]) => [name, overTcp(client)] as const
)

export const doors: ReadonlyArray<readonly [name: string, door: Door]> = [["memory", FakeBigin.layer], ...tcpDoors]
