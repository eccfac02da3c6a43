import { assert, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { request } from "node:http"
import { loopback, serve, type Options } from "../src/internal/server.ts"
import { list } from "./doors.ts"

const served = (options: Partial<Options> = {}) =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.make()
    const { origin } = yield* serve(fake, { ...loopback, ...options })
    return { fake, origin }
  })

const ask = (url: string, init?: RequestInit) => Effect.promise(() => fetch(url, init))
const authorized = { authorization: `Zoho-oauthtoken ${Fixtures.accessTokens.administrator}` }

describe("a page of another origin", () => {
  it.scoped("may ask where it is let, by the headers that it names, and asking first is no call", () =>
    Effect.gen(function* () {
      const { fake, origin } = yield* served({ cors: true })
      const before = yield* ask(`${origin}${list}`, {
        method: "OPTIONS",
        headers: { "access-control-request-method": "DELETE", "access-control-request-headers": "authorization" }
      })
      assert.strictEqual(before.status, 204)
      assert.strictEqual(before.headers.get("access-control-allow-headers"), "authorization")
      assert.include(before.headers.get("access-control-allow-methods") ?? "", "DELETE")
      assert.lengthOf(yield* fake.requests, 0)
      const answer = yield* ask(`${origin}${list}`, { headers: authorized })
      assert.strictEqual(answer.headers.get("access-control-allow-origin"), "*")
      assert.strictEqual(answer.status, 200)
    })
  )

  it.scoped("may not ask where nobody said so", () =>
    Effect.gen(function* () {
      const { origin } = yield* served()
      const answer = yield* ask(`${origin}${list}`, { headers: authorized })
      assert.isNull(answer.headers.get("access-control-allow-origin"))
    })
  )
})

describe("the address", () => {
  it.scoped("is the one that was asked for, and is told as a client reaches it", () =>
    Effect.gen(function* () {
      const { origin } = yield* served({ host: "localhost" })
      assert.match(origin, /^http:\/\/localhost:\d+$/)
      assert.strictEqual((yield* ask(`${origin}${list}`, { headers: authorized })).status, 200)
    })
  )

  it.scoped("that is taken fails with the system's error", () =>
    Effect.gen(function* () {
      const { origin } = yield* served()
      const error = yield* Effect.flip(served({ port: Number(new URL(origin).port) }))
      assert.strictEqual(error.code, "EADDRINUSE")
    })
  )
})

describe("a client that goes away in the middle of its request", () => {
  it.scopedLive("is no request, and the next one is answered", () =>
    Effect.gen(function* () {
      const { fake, origin } = yield* served()
      yield* Effect.async<void>((resume) => {
        const half = request(`${origin}${list}`, { method: "POST", headers: { "content-length": "100" } })
        half.on("error", () => resume(Effect.void))
        half.write("half", () => half.destroy(new Error("gone")))
      })
      assert.strictEqual((yield* ask(`${origin}${list}`, { headers: authorized })).status, 200)
      expect((yield* fake.requests).map(({ method }) => method)).toEqual(["GET"])
    })
  )
})
