/** The end of the layer's scope is the end of its connections and of the requests on them, whatever they are at. */
import { type HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { NodeTransport } from "effect-bigin-node"
import * as net from "node:net"
import { receiving, serving, until, writing } from "./servers.ts"
import { exchange, outcome, sendByClient } from "./ways.ts"

const get = HttpClientRequest.get

const stages = {
  "wait for an answer": writing(() => {}),
  "read an answer": writing((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhi")),
  "are in the handshake": serving(() => net.createServer((socket) => socket.resume()), "https")
} as const

/** Runs what uses the layer, closes the layer, and gives how it ended. */
const closedUnder = <A, E>(
  options: NodeTransport.Options,
  use: Effect.Effect<A, E, HttpClient.HttpClient>,
  isThere: () => boolean
) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(NodeTransport.layerWith(options), scope)
    const fiber = yield* Effect.fork(outcome(Effect.provide(use, context)))
    yield* until(isThere)
    yield* Effect.sleep(20)
    const before = performance.now()
    yield* Scope.close(scope, Exit.void)
    const end = yield* Fiber.join(fiber)
    assert.isBelow(performance.now() - before, 1_000)
    return end
  })

const failed: ReadonlyArray<unknown> = ["RequestError Transport", "ResponseError Decode"]

describe.each([
  ["HttpClient", sendByClient],
  ["Exchange", exchange]
] as const)("a layer that is closed under calls of its %s", (_, send) => {
  it.scopedLive.each(Object.entries(stages))("ends those that %s", ([, server]) =>
    Effect.gen(function* () {
      const { open, origin } = yield* server
      const calls = Effect.all(
        Array.from({ length: 50 }, () => outcome(send(get(origin)))),
        { concurrency: "unbounded" }
      )
      const ends = yield* closedUnder({}, calls, () => open() === 50)
      assert.isTrue(Array.isArray(ends) && ends.every((end) => failed.includes(end)), String(ends))
      yield* until(() => open() === 0)
    })
  )

  it.scopedLive("ends those that wait for a connection, and never sends them", () =>
    Effect.gen(function* () {
      let arrived = 0
      const { open, origin } = yield* writing(() => (arrived += 1))
      const calls = Effect.all(
        Array.from({ length: 50 }, () => outcome(send(get(origin)))),
        { concurrency: "unbounded" }
      )
      const ends = yield* closedUnder({ connections: 2 }, calls, () => arrived === 2)
      assert.isTrue(Array.isArray(ends) && ends.every((end) => failed.includes(end)), String(ends))
      yield* until(() => open() === 0)
      assert.strictEqual(arrived, 2)
    })
  )

  it.scopedLive("ends the stream that one of them sends", () =>
    Effect.gen(function* () {
      let ended = false
      const { open, origin } = yield* writing(() => {})
      const upload = Stream.concat(Stream.make(new Uint8Array(100_000)), Stream.never).pipe(
        Stream.ensuring(Effect.sync(() => (ended = true)))
      )
      const call = send(HttpClientRequest.bodyStream(HttpClientRequest.post(origin), upload))
      assert.strictEqual(yield* closedUnder({}, call, () => open() === 1), "RequestError Transport")
      yield* until(() => open() === 0 && ended)
    })
  )
})

describe("a layer that is closed", () => {
  it.scopedLive("ends the connections that nobody uses", () =>
    Effect.gen(function* () {
      let status = 0
      const { open, origin } = yield* receiving
      const use = Effect.map(sendByClient(get(origin)), (seen) => void (status = seen.status))
      yield* closedUnder({}, use, () => status === 200)
      yield* until(() => open() === 0)
    })
  )
})
