import type { HttpClient } from "@effect/platform/HttpClient"
import type { Layer } from "effect"
import { Throttle } from "effect-bigin"
import { describe, expectTypeOf, it } from "vitest"

describe("Throttle.layer", () => {
  it("is a Layer from HttpClient to HttpClient that adds no error", () => {
    expectTypeOf(Throttle.layer).toEqualTypeOf<
      (limits: Throttle.Limits) => Layer.Layer<HttpClient, never, HttpClient>
    >()
  })

  it("takes either limit, both or none", () => {
    expectTypeOf(Throttle.layer).toBeCallableWith({})
    expectTypeOf(Throttle.layer).toBeCallableWith({ concurrent: 5 })
    expectTypeOf(Throttle.layer).toBeCallableWith({ concurrent: 5, perSecond: 0.5 })
  })

  it("refuses a limit that it does not know", () => {
    // @ts-expect-error
    void Throttle.layer({ perMinute: 5 })
  })
})
