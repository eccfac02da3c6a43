/** A real proxy on loopback: what carries its dispatcher to the calls has to carry it to the mints as well. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { type Dispatcher, ProxyAgent } from "@effect/platform-node/Undici"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import { BiginAuth, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import * as http from "node:http"
import { connect, type Socket } from "node:net"

/** No resolver knows them: who reaches them went through the proxy. */
const accountsOrigin = "http://accounts.invalid"
const apiOrigin = "http://api.invalid"

/** Leads every request to one server, by a tunnel or request by request, and keeps what it was asked for. */
const proxyTo = (port: number) =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const sockets = new Set<Socket>()
    const proxy = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      const { pathname, search } = new URL(request.url ?? "")
      const { headers, method } = request
      const onward = http.request({ host: "127.0.0.1", port, path: pathname + search, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      request.pipe(onward)
    })
    proxy.on("connection", (socket) => sockets.add(socket))
    proxy.on("connect", ({ method, url }, front) => {
      asked.push(`${method} ${url}`)
      const back = connect(port, "127.0.0.1")
      for (const socket of [front, back]) socket.on("error", () => {})
      front.write("HTTP/1.1 200 OK\r\n\r\n")
      front.pipe(back).pipe(front)
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void proxy.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.sync(() => {
          proxy.close()
          for (const socket of sockets) socket.destroy()
        })
    )
    const address = proxy.address()
    return { asked, uri: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}` }
  })

const scoped = (dispatcher: Dispatcher) =>
  Effect.acquireRelease(Effect.succeed(dispatcher), () => Effect.promise(() => dispatcher.destroy()))

/** The types of a browser's RequestInit leave the dispatcher out. */
const requestInit = (dispatcher: Dispatcher) =>
  Layer.scoped(
    FetchHttpClient.RequestInit,
    Effect.map(scoped(dispatcher), (open) => ({ dispatcher: open }) as RequestInit)
  )

const clients = {
  "FetchHttpClient, merged with a RequestInit": (dispatcher: Dispatcher) =>
    Layer.merge(FetchHttpClient.layer, requestInit(dispatcher)),
  "NodeHttpClient's undici, over a Dispatcher": (dispatcher: Dispatcher) =>
    Layer.provide(
      NodeHttpClient.layerUndiciWithoutDispatcher,
      Layer.scoped(NodeHttpClient.Dispatcher, scoped(dispatcher))
    )
} as const

const auth = BiginAuth.layerRefreshToken({
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken),
  accountsOrigin,
  apiOrigin
})

/** A mint, a deletion that is refused for its token, a mint and a deletion: how it went, and what the proxy was asked for. */
const through = (client: (dispatcher: Dispatcher) => Layer.Layer<HttpClient.HttpClient>, proxyTunnel: boolean) =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.make()
    yield* fake.inject({
      fault: FakeBigin.answerWith(Fixtures.undocumented.InvalidToken),
      when: ({ method }) => method === "DELETE"
    })
    const { origin } = yield* Effect.provideService(FakeBigin.serve, FakeBigin.FakeBigin, fake)
    const { asked, uri } = yield* proxyTo(Number(new URL(origin).port))
    const live = Layer.provideMerge(auth, client(new ProxyAgent({ uri, proxyTunnel })))
    const result = yield* Effect.either(Effect.provide(deleteAttachment(Fixtures.attachment), live))
    return { result, asked, requests: (yield* fake.requests).map(({ method }) => method) }
  }).pipe(Effect.scoped, Logger.withMinimumLogLevel(LogLevel.None))

describe.each(Object.entries(clients))("a proxy, over %s,", (_, client) => {
  it.live("tunnels the mints and the calls", () =>
    Effect.gen(function* () {
      const { asked, requests, result } = yield* through(client, true)
      assert.strictEqual(result._tag, "Right")
      assert.deepStrictEqual(requests, ["POST", "DELETE", "POST", "DELETE"])
      assert.sameMembers([...new Set(asked)], ["CONNECT accounts.invalid:80", "CONNECT api.invalid:80"])
    })
  )

  it.live("is sent the mints and the calls where it builds no tunnel", () =>
    Effect.gen(function* () {
      const { asked, result } = yield* through(client, false)
      assert.strictEqual(result._tag, "Right")
      const mint = `POST ${accountsOrigin}/oauth/v2/token`
      const { attachmentId, module, recordId } = Fixtures.attachment
      const deletion = `DELETE ${apiOrigin}/bigin/v1/${module}/${recordId}/Attachments/${attachmentId}`
      assert.deepStrictEqual(asked, [mint, deletion, mint, deletion])
    })
  )
})

describe("a proxy in a RequestInit that is baked into the client", () => {
  it.live("is asked for nothing", () =>
    Effect.gen(function* () {
      const baked = (dispatcher: Dispatcher) => Layer.provide(FetchHttpClient.layer, requestInit(dispatcher))
      const { asked, requests, result } = yield* through(baked, true)
      assert.strictEqual(result._tag, "Left")
      assert.deepStrictEqual([asked, requests], [[], []])
    })
  )
})
