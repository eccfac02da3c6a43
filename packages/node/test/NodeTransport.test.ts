import { HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { BiginAuth, deleteAttachment, Transport } from "effect-bigin"
import { NodeTransport } from "effect-bigin-node"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

describe("NodeTransport.layer", () => {
  it.scoped("deletes with effect-bigin", () =>
    Effect.gen(function* () {
      const { origin } = yield* FakeBigin.serve
      const auth = BiginAuth.layerToken({
        accessToken: Redacted.make(Fixtures.accessTokens.administrator),
        apiOrigin: origin
      })
      const deleted = yield* deleteAttachment(Fixtures.attachment).pipe(
        Effect.provide(Layer.provideMerge(auth, NodeTransport.layer))
      )
      assert.deepStrictEqual({ ...deleted }, Fixtures.attachment)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.scoped("is an HttpClient", () =>
    Effect.gen(function* () {
      const { origin } = yield* FakeBigin.serve
      const response = yield* HttpClient.get(`${origin}/nowhere`)
      assert.strictEqual(response.status, 404)
      assert.include(yield* response.text, "INVALID_URL_PATTERN")
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, NodeTransport.layer)))
  )

  it.scoped("has an Exchange that effect-bigin finds", () =>
    Effect.gen(function* () {
      const { origin } = yield* FakeBigin.serve
      const client = yield* HttpClient.HttpClient
      if (!Transport.isTransport(client)) return assert.fail("it has none")
      const answer = yield* client[Transport.TypeId](Effect.succeed(HttpClientRequest.get(`${origin}/nowhere`)), {
        most: 1_000,
        deadline: () => () => {}
      })
      assert.strictEqual(answer.status, 404)
      assert.isTrue(answer.isWhole)
      assert.include(new TextDecoder().decode(answer.body), "INVALID_URL_PATTERN")
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, NodeTransport.layer)))
  )
})
