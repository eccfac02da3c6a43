/** Proxies: which requests go through one, and that a failure of a tunnel says that nothing was sent. */
import { HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, type Scope } from "effect"
import { NodeTransport } from "effect-bigin-node"
import * as http from "node:http"
import * as https from "node:https"
import * as net from "node:net"
import { certificate } from "../../bigin/test/certificates.ts"
import { bundled, running } from "./child.ts"
import { answering, type Served, serving, until } from "./servers.ts"
import { exchange, outcome, sendByClient } from "./ways.ts"

const localhost = certificate("localhost")
const other = certificate("bigin.example")

const target = answering((_, response) => response.end("hi"))
const secureTarget = serving(() => https.createServer(localhost, (_, response) => response.end("hi")), "https")

interface Proxy extends Served {
  /** Where tunnels were asked for, and with which credentials. */
  readonly asked: ReadonlyArray<string>
}

/** One that leads to where it is asked for, or does something else instead. */
const proxy = (
  instead?: (socket: net.Socket) => void,
  options?: https.ServerOptions
): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const make = options === undefined ? http.createServer() : https.createServer(options)
    const served = yield* serving(() =>
      make.on("connect", (request: http.IncomingMessage, front: net.Socket) => {
        asked.push([request.url, request.headers["proxy-authorization"]].join(" ").trim())
        front
          .on("error", () => {})
          .on("end", () => front.destroy())
          .resume()
        if (instead !== undefined) return instead(front)
        const back = net.connect(Number(request.url?.split(":")[1]), "127.0.0.1")
        back.on("error", () => front.destroy())
        front.on("close", () => back.destroy())
        front.write("HTTP/1.1 200 OK\r\n\r\n")
        front.pipe(back).pipe(front)
      })
    )
    return { ...served, asked }
  })

const refusing = (status: number) => proxy((socket) => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`))

describe.each([
  ["HttpClient", sendByClient],
  ["Exchange", exchange]
] as const)("over the %s, a proxy", (_, send) => {
  const ask = (origin: string, options: NodeTransport.Options) =>
    Effect.map(send(HttpClientRequest.get(origin)), ({ body }) => new TextDecoder().decode(body)).pipe(
      Effect.provide(NodeTransport.layerWith({ tls: { ca: localhost.cert }, ...options }))
    )

  it.scopedLive.each([
    ["http:", target],
    ["https:", secureTarget]
  ] as const)("leads to a server of %s", ([protocol, server]) =>
    Effect.gen(function* () {
      const { port } = yield* server
      const { asked, origin } = yield* proxy()
      assert.strictEqual(yield* ask(`${protocol}//localhost:${port}`, { proxy: origin }), "hi")
      assert.deepStrictEqual(asked, [`localhost:${port}`])
    })
  )

  it.scopedLive("keeps its tunnel for the requests that follow", () =>
    Effect.gen(function* () {
      const { port } = yield* secureTarget
      const { asked, origin } = yield* proxy()
      const request = HttpClientRequest.get(`https://localhost:${port}`)
      yield* Effect.all([send(request), Effect.sleep(5), send(request), Effect.sleep(5), send(request)]).pipe(
        Effect.provide(NodeTransport.layerWith({ tls: { ca: localhost.cert }, proxy: origin }))
      )
      assert.strictEqual(asked.length, 1)
    })
  )

  it.scopedLive("gets the user name and the password that its URL has", () =>
    Effect.gen(function* () {
      const { port } = yield* target
      const proxied = yield* proxy()
      yield* ask(`http://localhost:${port}`, { proxy: `http://me:p%40ss@127.0.0.1:${proxied.port}` })
      assert.deepStrictEqual(proxied.asked, [`localhost:${port} Basic ${btoa("me:p@ss")}`])
    })
  )

  it.scopedLive.each([403, 407, 502].flatMap((status) => [[status, "http:"] as const, [status, "https:"] as const]))(
    "that refuses with %d has sent nothing on to %s, and the failure says so",
    ([status, protocol]) =>
      Effect.gen(function* () {
        const { asked, origin } = yield* refusing(status)
        const failure = yield* Effect.flip(ask(`${protocol}//bigin.example`, { proxy: origin }))
        assert.containSubset(failure, {
          _tag: "RequestError",
          reason: "Transport",
          cause: {
            syscall: "connect",
            code: "UND_ERR_ABORTED",
            cause: { message: `Proxy response (${status}) !== 200 when HTTP Tunneling` }
          }
        })
        assert.strictEqual(asked.length, 1)
      })
  )

  it.scopedLive.each([
    ["is not there", Effect.map(Effect.scoped(proxy()), (proxy) => proxy), "ECONNREFUSED", 0],
    ["ends the connection", proxy((socket) => socket.destroy()), "ERR_PROXY_TUNNEL", 1],
    ["does not speak HTTP", proxy((socket) => socket.end("SSH-2.0-server\r\n")), undefined, 1],
    ["says nothing", proxy(() => {}), "UND_ERR_HEADERS_TIMEOUT", 1]
  ] as const)("that %s has sent nothing on, and is asked once", ([, server, code, times]) =>
    Effect.gen(function* () {
      const { asked, origin } = yield* server
      const failure = yield* Effect.flip(ask("https://bigin.example", { proxy: origin, connectTimeout: 100 }))
      const cause = { syscall: "connect", ...(code === undefined ? {} : { code }) }
      assert.containSubset(failure, { _tag: "RequestError", reason: "Transport", cause })
      assert.strictEqual(asked.length, times)
    })
  )

  it.scopedLive("that leads to a server with another's certificate has sent nothing on", () =>
    Effect.gen(function* () {
      let handled = 0
      const { port } = yield* serving(() => https.createServer(other, () => (handled += 1)))
      const { origin } = yield* proxy()
      const failure = yield* Effect.flip(ask(`https://localhost:${port}`, { proxy: origin, tls: { ca: other.cert } }))
      assert.containSubset(failure, {
        reason: "Transport",
        cause: { syscall: "connect", code: "ERR_TLS_CERT_ALTNAME_INVALID" }
      })
      assert.strictEqual(handled, 0)
    })
  )

  it.scopedLive("is left when the layer is closed, in whatever state", () =>
    Effect.gen(function* () {
      const silent = yield* proxy(() => {})
      const fiber = yield* Effect.fork(outcome(ask("https://bigin.example", { proxy: silent.origin })))
      yield* until(() => silent.asked.length === 1)
      yield* Fiber.interrupt(fiber)
      yield* until(() => silent.open() === 0)
    })
  )
})

describe("the environment", () => {
  /** What a process of its own asks, and what it gets: over a proxy or directly. */
  const asking = (env: Record<string, string>, ...urls: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const { code, output } = yield* running(yield* bundled("asks"), { ...env, URLS: urls.join(" ") })
      assert.strictEqual(code, 0, output)
      return JSON.parse(output)
    })

  it.scopedLive.each([
    ["HTTP_PROXY", "http:", true],
    ["http_proxy", "http:", true],
    ["HTTP_PROXY", "https:", true],
    ["HTTPS_PROXY", "https:", true],
    ["https_proxy", "https:", true],
    ["HTTPS_PROXY", "http:", false]
  ] as const)(
    "%s counts for %s: %s",
    ([name, protocol, counts]) =>
      Effect.gen(function* () {
        const { port } = yield* protocol === "http:" ? target : secureTarget
        const { asked, origin } = yield* proxy()
        const answers = yield* asking({ [name]: origin }, `${protocol}//localhost:${port}/`)
        assert.deepStrictEqual(answers, ["hi"])
        assert.strictEqual(asked.length, counts ? 1 : 0)
      }),
    20_000
  )

  it.scopedLive(
    "NO_PROXY leaves hosts out",
    () =>
      Effect.gen(function* () {
        const { port } = yield* target
        const { asked, origin } = yield* proxy()
        const urls = [`http://localhost:${port}/`, `http://127.0.0.1:${port}/`]
        assert.deepStrictEqual(yield* asking({ HTTP_PROXY: origin, NO_PROXY: "localhost" }, ...urls), ["hi", "hi"])
        assert.deepStrictEqual(asked, [`127.0.0.1:${port}`])
      }),
    20_000
  )

  it.scopedLive(
    "none of it counts where the layer says so",
    () =>
      Effect.gen(function* () {
        const { port } = yield* target
        const { asked, origin } = yield* proxy()
        assert.deepStrictEqual(yield* asking({ HTTP_PROXY: origin, PROXY: "none" }, `http://localhost:${port}/`), [
          "hi"
        ])
        assert.deepStrictEqual(asked, [])
      }),
    20_000
  )

  it.scopedLive(
    "a proxy that is no URL is a defect of the layer that does not print it",
    () =>
      Effect.gen(function* () {
        const { code, output } = yield* running(yield* bundled("asks"), { HTTP_PROXY: "//me:secret@", URLS: "" })
        assert.notStrictEqual(code, 0)
        assert.include(output, "NodeTransport: the URL of the proxy is not valid")
        assert.notInclude(output, "secret")
      }),
    20_000
  )
})
