/** What an Exchange keeps of its contract (effect-bigin/Transport). */
import { type HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Stream } from "effect"
import { Transport } from "effect-bigin"
import { NodeTransport } from "effect-bigin-node"
import * as net from "node:net"
import { Agent, RetryAgent } from "undici"
import { answering, receiving, serving, until, writing } from "./servers.ts"
import { exchange, outcome, unlimited } from "./ways.ts"

const get = HttpClientRequest.get
const over = Effect.provide(NodeTransport.layer)
const overOne = Effect.provide(NodeTransport.layerWith({ connections: 1 }))

/** A deadline that a test ends, and what became of it. */
const deadline = () => {
  const seen = { begun: 0, stopped: 0 }
  let ring = () => {}
  return {
    seen,
    ring: Effect.sync(() => ring()),
    deadline: (onTimeout: () => void) => {
      seen.begun += 1
      ring = onTimeout
      return () => {
        seen.stopped += 1
        ring = () => {}
      }
    }
  }
}

/** How it ends where its time is over as soon as something is seen. */
const timedOut = <A, E, R>(
  run: (limits: Pick<Transport.Limits, "deadline">) => Effect.Effect<A, E, R>,
  isThere: () => boolean
) =>
  Effect.gen(function* () {
    const { ring, ...limits } = deadline()
    const fiber = yield* Effect.fork(run(limits))
    yield* until(() => isThere() && limits.seen.begun === 1)
    // what came with it is on its way
    yield* Effect.sleep(20)
    yield* ring
    const failure = yield* Effect.flip(Fiber.join(fiber))
    assert.isTrue(Cause.isTimeoutException(failure))
    assert.deepStrictEqual(limits.seen, { begun: 1, stopped: 1 })
  })

/** One that takes connections and says nothing. */
const silent = serving(() => net.createServer((socket) => socket.resume()), "https")

describe("the bound of an exchange", () => {
  const pieces = ["abc", "defg", "hij"]
  const inPieces = writing((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    const next = (index: number) => {
      const piece = pieces[index]
      socket.write(piece === undefined ? "0\r\n\r\n" : `${piece.length}\r\n${piece}\r\n`)
      if (piece !== undefined) setTimeout(() => next(index + 1), 5)
    }
    next(0)
  })
  const atOnce = answering((_, response) => response.end(pieces.join("")))

  it.scopedLive.each([
    ["at once", atOnce, 0, "", false],
    ["at once", atOnce, 9, "abcdefghi", false],
    ["at once", atOnce, 10, "abcdefghij", true],
    ["at once", atOnce, 11, "abcdefghij", true],
    ["in pieces", inPieces, 0, "", false],
    ["in pieces", inPieces, 3, "abc", false],
    ["in pieces", inPieces, 4, "abcd", false],
    ["in pieces", inPieces, 9, "abcdefghi", false],
    ["in pieces", inPieces, 10, "abcdefghij", true],
    ["in pieces", inPieces, 11, "abcdefghij", true]
  ] as const)("%s: %s", ([, server, most, body, isWhole]) =>
    Effect.gen(function* () {
      const { closed, origin } = yield* server
      const answer = yield* exchange(get(origin), { most })
      assert.strictEqual(new TextDecoder().decode(answer.body), body)
      assert.strictEqual(answer.isWhole, isWhole)
      // the rest has nowhere to go
      if (!isWhole) yield* until(() => closed() > 0)
    }).pipe(over)
  )

  it.scopedLive("reads no more than that of an answer that never ends", () =>
    Effect.gen(function* () {
      let written = 0
      const { closed, origin } = yield* answering((_, response) => {
        const piece = Buffer.alloc(65_536)
        const write = () => {
          do written += piece.length
          while (response.write(piece))
        }
        response.on("drain", write)
        write()
      })
      const answer = yield* exchange(get(origin), { most: 1_048_576 })
      assert.strictEqual(answer.body.length, 1_048_576)
      yield* until(() => closed() > 0)
      assert.isBelow(written, 32 * 1_048_576)
    }).pipe(over)
  )

  it.scopedLive("says of an answer without a body that it is whole", () =>
    Effect.gen(function* () {
      const { origin } = yield* answering((_, response) => response.writeHead(204).end())
      const { body, isWhole, status } = yield* exchange(get(origin), { most: 0 })
      assert.deepStrictEqual([status, body.length, isWhole], [204, 0, true])
    }).pipe(over)
  )
})

describe("the deadline of an exchange", () => {
  it.scopedLive("begins once and is stopped once where an answer comes", () =>
    Effect.gen(function* () {
      const { origin } = yield* receiving
      const { seen, ...limits } = deadline()
      yield* exchange(get(origin), limits)
      assert.deepStrictEqual(seen, { begun: 1, stopped: 1 })
    }).pipe(over)
  )

  it.scopedLive("is stopped where the exchange fails", () =>
    Effect.gen(function* () {
      const { origin } = yield* writing((socket) => socket.destroy())
      const { seen, ...limits } = deadline()
      assert.strictEqual(yield* outcome(exchange(get(origin), limits)), "RequestError Transport")
      assert.deepStrictEqual(seen, { begun: 1, stopped: 1 })
    }).pipe(over)
  )

  it.scopedLive("is stopped where the exchange is interrupted", () =>
    Effect.gen(function* () {
      const { open, origin } = yield* writing(() => {})
      const { seen, ...limits } = deadline()
      const fiber = yield* Effect.fork(exchange(get(origin), limits))
      yield* until(() => open() === 1)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(seen, { begun: 1, stopped: 1 })
    }).pipe(over)
  )

  it.scopedLive("does not begin where nothing is dispatched", () =>
    Effect.gen(function* () {
      const { seen, ...limits } = deadline()
      assert.strictEqual(yield* outcome(exchange(get("nowhere"), limits)), "RequestError InvalidUrl")
      assert.strictEqual(
        yield* outcome(exchange(get("http://a/", { headers: { "a b": "" } }), limits)),
        "RequestError Transport"
      )
      assert.deepStrictEqual(seen, { begun: 0, stopped: 0 })
    }).pipe(over)
  )

  const half = writing((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhi"))

  it.scopedLive.each([
    ["while it waits for an answer", writing(() => {})],
    ["in the middle of a body", half]
  ] as const)("ends the request %s", ([, server]) =>
    Effect.gen(function* () {
      const { closed, open, origin } = yield* server
      yield* timedOut(
        (limits) => exchange(get(origin), limits),
        () => open() === 1
      )
      yield* until(() => closed() > 0)
    }).pipe(over)
  )

  it.scopedLive("ends it in an uninterruptible region too", () =>
    Effect.gen(function* () {
      const { closed, open, origin } = yield* writing(() => {})
      yield* timedOut(
        (limits) => Effect.uninterruptible(exchange(get(origin), limits)),
        () => open() === 1
      )
      yield* until(() => closed() > 0)
    }).pipe(over)
  )

  it.scopedLive("ends the stream that it sends in an uninterruptible region too", () =>
    Effect.gen(function* () {
      let ended = false
      let arrived = 0
      const { origin } = yield* writing(() => (arrived += 1))
      const upload = Stream.ensuring(
        Stream.concat(Stream.make(new Uint8Array(10)), Stream.never),
        Effect.sync(() => (ended = true))
      )
      const request = HttpClientRequest.bodyStream(HttpClientRequest.post(origin), upload)
      yield* timedOut(
        (limits) => Effect.uninterruptible(exchange(request, limits)),
        () => arrived === 1
      )
      yield* until(() => ended)
    }).pipe(over)
  )

  it.scopedLive("ends it while it is connecting", () =>
    Effect.gen(function* () {
      const { open, origin } = yield* silent
      yield* timedOut(
        (limits) => exchange(get(origin), limits),
        () => open() === 1
      )
    }).pipe(over)
  )

  it.scopedLive("ends it while it waits for a connection, and then it is never sent", () =>
    Effect.gen(function* () {
      const arrived: Array<string | undefined> = []
      let answer: (() => void) | undefined
      const { connections, origin } = yield* answering((request, response) => {
        arrived.push(request.url)
        answer = () => response.end()
      })
      const first = yield* Effect.fork(exchange(get(`${origin}/1`)))
      yield* until(() => arrived.length === 1)
      yield* timedOut(
        (limits) => exchange(get(`${origin}/2`), limits),
        () => true
      )
      const third = yield* Effect.fork(exchange(get(`${origin}/3`)))
      answer?.()
      yield* Fiber.join(first)
      yield* until(() => arrived.length === 2)
      answer?.()
      yield* Fiber.join(third)
      assert.deepStrictEqual(arrived, ["/1", "/3"])
      assert.strictEqual(connections(), 1)
    }).pipe(overOne)
  )
})

describe("an exchange that is interrupted", () => {
  it.scopedLive("while its request is made sends nothing", () =>
    Effect.gen(function* () {
      const { connections, origin } = yield* receiving
      const client = NodeTransport.make(yield* scopedAgent)
      if (!Transport.isTransport(client)) return assert.fail("it has no Exchange")
      const request = Effect.as(Effect.never, get(origin))
      const fiber = yield* Effect.fork(client[Transport.TypeId](request, unlimited))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.strictEqual(connections(), 0)
    })
  )

  it.scopedLive("in an uninterruptible region goes on to its end", () =>
    Effect.gen(function* () {
      const answers: Array<() => void> = []
      const { origin } = yield* answering((_, response) => answers.push(() => response.end("hi")))
      let status = 0
      const fiber = yield* Effect.fork(
        Effect.uninterruptible(Effect.map(exchange(get(origin)), (answer) => (status = answer.status)))
      )
      yield* until(() => answers.length === 1)
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.sleep(20)
      assert.strictEqual(status, 0)
      for (const answer of answers) answer()
      yield* Fiber.join(interrupting)
      assert.strictEqual(status, 200)
    }).pipe(over)
  )
})

const scopedAgent = Effect.acquireRelease(
  Effect.sync(() => new Agent()),
  (agent) => Effect.promise(() => agent.destroy())
)

/** What the cause of a failure tells. */
const told = <A>(self: Effect.Effect<A, unknown, HttpClient.HttpClient>) =>
  Effect.map(Effect.flip(self), (failure) => {
    const { cause } = failure as { readonly cause?: { readonly syscall?: string; readonly code?: string } } // of a RequestError
    return { syscall: cause?.syscall, code: cause?.code }
  })

describe("a failure", () => {
  const refused = Effect.map(Effect.scoped(receiving), ({ origin }) => origin)

  it.scopedLive.each([
    ["a port that nobody listens on", refused, {}, "ECONNREFUSED"],
    ["a host that has no address", Effect.succeed("http://nowhere.invalid"), {}, "ENOTFOUND"],
    [
      "a host that is silent in the handshake",
      Effect.map(silent, ({ origin }) => origin),
      {},
      "UND_ERR_CONNECT_TIMEOUT"
    ],
    [
      "a header that HTTP does not allow",
      Effect.succeed("http://127.0.0.1:1"),
      { "x-some": "\n" },
      "UND_ERR_INVALID_ARG"
    ],
    [
      "a header that undici does not send",
      Effect.succeed("http://127.0.0.1:1"),
      { expect: "100-continue" },
      "UND_ERR_NOT_SUPPORTED"
    ]
  ] as const)("says that nothing was sent: %s", ([, origin, headers, code]) =>
    Effect.gen(function* () {
      const request = get(yield* origin, { headers })
      assert.deepStrictEqual(yield* told(exchange(request)), { syscall: "connect", code })
    }).pipe(Effect.provide(NodeTransport.layerWith({ connectTimeout: 50 })))
  )

  it.scopedLive("says that nothing was sent by a layer that was closed", () =>
    Effect.gen(function* () {
      const { connections, origin } = yield* receiving
      const context = yield* Effect.scoped(Layer.build(NodeTransport.layer))
      const failure = yield* told(Effect.provide(exchange(get(origin)), context))
      assert.deepStrictEqual(failure, { syscall: "connect", code: "UND_ERR_DESTROYED" })
      assert.strictEqual(connections(), 0)
    }).pipe(over)
  )

  it.scopedLive.each([
    ["ends", (socket: net.Socket) => socket.end()],
    ["is reset", (socket: net.Socket) => socket.resetAndDestroy()]
  ] as const)("says no such thing where a connection %s after the request", ([, end]) =>
    Effect.gen(function* () {
      const { origin } = yield* writing(end)
      assert.notStrictEqual((yield* told(exchange(get(origin)))).syscall, "connect")
    }).pipe(over)
  )

  it.scopedLive("does not say it of a deletion that arrived over a connection that had been used before", () =>
    Effect.gen(function* () {
      let arrived: Array<string> = []
      const { origin } = yield* writing((socket, head) => {
        arrived.push(head.split(" ")[1] ?? "")
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        setImmediate(() => socket.destroy())
      })
      for (let id = 0; id < 200; id++) {
        arrived = []
        const ended = yield* Effect.exit(told(exchange(HttpClientRequest.del(`${origin}/${id}`))))
        assert.isAtMost(arrived.length, 1)
        if (Exit.isSuccess(ended) && ended.value.syscall === "connect") assert.deepStrictEqual(arrived, [])
        if (id % 3 === 0) yield* Effect.promise(() => new Promise((resume) => setImmediate(resume)))
      }
    }).pipe(over)
  )

  it.scopedLive("is what a dispatcher gets that would repeat a request", () =>
    Effect.gen(function* () {
      let arrived = 0
      const { origin } = yield* writing((socket) => {
        arrived += 1
        socket.destroy()
      })
      const agent = yield* scopedAgent
      const client = NodeTransport.make(new RetryAgent(agent, { minTimeout: 1, methods: ["DELETE"] }))
      if (!Transport.isTransport(client)) return assert.fail("it has no Exchange")
      const request = HttpClientRequest.del(origin)
      assert.strictEqual(
        yield* outcome(client[Transport.TypeId](Effect.succeed(request), unlimited)),
        "RequestError Transport"
      )
      assert.strictEqual(yield* outcome(client.execute(request)), "RequestError Transport")
      assert.strictEqual(arrived, 2)
    })
  )
})
