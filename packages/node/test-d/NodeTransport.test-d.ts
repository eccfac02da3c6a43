import type { HttpClient } from "@effect/platform"
import type { Layer } from "effect"
import { NodeTransport } from "effect-bigin-node"
import type { Dispatcher } from "undici"
import { describe, expectTypeOf, it } from "vitest"

describe("NodeTransport", () => {
  it("is a layer of an HttpClient, which needs nothing and does not fail", () => {
    expectTypeOf(NodeTransport.layer).toEqualTypeOf<Layer.Layer<HttpClient.HttpClient>>()
    expectTypeOf(NodeTransport.layerWith).returns.toEqualTypeOf<Layer.Layer<HttpClient.HttpClient>>()
  })

  it("takes an undici Dispatcher", () => {
    expectTypeOf(NodeTransport.make).parameters.toEqualTypeOf<[Dispatcher]>()
    expectTypeOf(NodeTransport.make).returns.toEqualTypeOf<HttpClient.HttpClient>()
  })

  it("takes durations as Effect does, and no option that is of one connection alone", () => {
    expectTypeOf<{ connectTimeout: "3 seconds"; bodyTimeout: 5 }>().toExtend<NodeTransport.Options>()
    expectTypeOf<{ ca: string; servername: string }>().toExtend<NodeTransport.Tls>()
    expectTypeOf<"host">().not.toExtend<keyof NodeTransport.Tls>()
  })
})
