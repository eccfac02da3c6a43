import { FetchHttpClient, HttpClient } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { BiginAuth, deleteAttachment } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"

const success = JSON.stringify({
  data: [{ code: "SUCCESS", details: { id: Fixtures.attachment.attachmentId }, message: "", status: "success" }]
})
const token = JSON.stringify({ access_token: "1000.minted", expires_in: 3600, token_type: "Bearer" })

/** A fetch that keeps the settings that it is called with. */
const recording = () => {
  const inits: Array<RequestInit & { readonly dispatcher?: unknown }> = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    inits.push(init ?? {})
    return new Response(String(url).includes("/oauth/") ? token : success)
  }
  return { inits, fetch: Layer.succeed(FetchHttpClient.Fetch, fetch) }
}

const auth = BiginAuth.layerRefreshToken({
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
})

// what undici's fetch takes beside the settings of the standard, such as a proxy
const dispatcher = { name: "a proxy" }
const requestInit = Layer.succeed(FetchHttpClient.RequestInit, {
  dispatcher,
  credentials: "omit",
  redirect: "follow",
  cache: "force-cache"
} as RequestInit) // the type of the standard knows no dispatcher

describe("a RequestInit of the caller's, merged with FetchHttpClient.layer", () => {
  it.effect("reaches the mint and the call, but for what the library asks of each", () =>
    Effect.gen(function* () {
      const { fetch, inits } = recording()
      const http = Layer.mergeAll(FetchHttpClient.layer, fetch, requestInit)
      yield* deleteAttachment(Fixtures.attachment).pipe(Effect.provide(Layer.provideMerge(auth, http)))
      assert.lengthOf(inits, 2)
      for (const init of inits) {
        expect(init).toMatchObject({ dispatcher, credentials: "omit", redirect: "manual", cache: "no-store" })
      }
    })
  )
})

describe("a RequestInit that is baked into the client", () => {
  it.effect("cannot be seen and is replaced: a redirect is not followed", () =>
    Effect.gen(function* () {
      const { fetch, inits } = recording()
      const http = Layer.provide(FetchHttpClient.layer, Layer.merge(fetch, requestInit))
      yield* deleteAttachment(Fixtures.attachment).pipe(Effect.provide(Layer.provideMerge(auth, http)))
      assert.lengthOf(inits, 2)
      for (const init of inits) {
        expect(init).toMatchObject({ redirect: "manual", cache: "no-store" })
        assert.notProperty(init, "dispatcher")
      }
    })
  )
})

describe("a client without any RequestInit", () => {
  it.effect("is asked for no redirect and no cache, and the caller's own calls are not", () =>
    Effect.gen(function* () {
      const { fetch, inits } = recording()
      const http = Layer.merge(FetchHttpClient.layer, fetch)
      yield* Effect.gen(function* () {
        yield* deleteAttachment(Fixtures.attachment)
        yield* HttpClient.get("https://example.org/")
      }).pipe(Effect.provide(Layer.provideMerge(auth, http)))
      const [mint, call, own] = inits
      for (const init of [mint, call]) expect(init).toMatchObject({ redirect: "manual", cache: "no-store" })
      assert.notProperty(own, "redirect")
      assert.notProperty(own, "cache")
    })
  )
})
