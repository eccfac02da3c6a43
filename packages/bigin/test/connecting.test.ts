/** What the failures of real connections prove: that nothing was sent, or not even that. */
import { FetchHttpClient, FileSystem, type HttpClient } from "@effect/platform"
import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { Agent, type Dispatcher, fetch as undiciFetch, ProxyAgent } from "@effect/platform-node/Undici"
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted, type Scope } from "effect"
import { Attachments, BiginAuth, type Errors } from "effect-bigin"
import { NodeTransport } from "effect-bigin-node"
import { Fixtures } from "effect-bigin-testing"
import { openAsBlob } from "node:fs"
import * as http from "node:http"
import * as http2 from "node:http2"
import * as https from "node:https"
import type { AddressInfo } from "node:net"
import * as net from "node:net"
import * as tls from "node:tls"
import { certificate } from "./certificates.ts"
import { clients as httpClients } from "./doors.ts"

const good = certificate("localhost")

type TlsOptions = Pick<tls.SecureContextOptions, "ca" | "maxVersion">

/** The clients, with their own settings of TLS. */
const clients = {
  FetchHttpClient: (options: TlsOptions) => withDispatcher(new Agent({ connect: options })),
  "NodeHttpClient (node:http)": (options: TlsOptions) =>
    Layer.provide(NodeHttpClient.layerWithoutAgent, NodeHttpClient.makeAgentLayer(options)),
  "NodeHttpClient (undici)": (options: TlsOptions) => overDispatcher(new Agent({ connect: options })),
  NodeTransport: (options: TlsOptions) => NodeTransport.layerWith({ tls: options })
} as const

type Client = keyof typeof clients

/** NodeTransport knows of every fault whether it was still connecting; the others don't tell. */
const unlessConnecting = (client: Client) => (client === "NodeTransport" ? "ConnectionFailed" : "ConnectionLost")

const scoped = (dispatcher: Dispatcher) =>
  Effect.acquireRelease(Effect.succeed(dispatcher), () => Effect.promise(() => dispatcher.destroy()))

/** Node's fetch over a dispatcher, which the types of a browser's RequestInit leave out. */
const withDispatcher = (dispatcher: Dispatcher) =>
  Layer.merge(
    FetchHttpClient.layer,
    Layer.scoped(
      FetchHttpClient.RequestInit,
      Effect.map(scoped(dispatcher), (open) => ({ dispatcher: open }) as RequestInit)
    )
  )

const overDispatcher = (dispatcher: Dispatcher) =>
  Layer.provide(
    NodeHttpClient.layerUndiciWithoutDispatcher,
    Layer.scoped(NodeHttpClient.Dispatcher, scoped(dispatcher))
  )

interface Served {
  readonly port: number
  /** How many requests it has got. */
  readonly handled: () => number
  readonly onRequest: (listener: () => void) => void
}

/** A server on loopback, whose connections end with the scope. It is given what to call for each request. */
const serve = (make: (handle: () => void) => net.Server): Effect.Effect<Served, never, Scope.Scope> =>
  Effect.gen(function* () {
    let count = 0
    const listeners: Array<() => void> = []
    const server = make(() => {
      count += 1
      for (const listener of listeners) listener()
    })
    const sockets = new Set<net.Socket>()
    server.on("connection", (socket: net.Socket) => {
      sockets.add(socket)
      socket.on("error", () => {})
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.sync(() => {
          server.close()
          for (const socket of sockets) socket.destroy()
        })
    )
    const { port } = server.address() as AddressInfo // of a server that listens on a port
    return { port, handled: () => count, onRequest: (listener) => listeners.push(listener) }
  })

const answering =
  (options: https.ServerOptions) =>
  (handle: () => void): net.Server =>
    https.createServer(options, (request, response) => {
      handle()
      request.resume()
      response.end(Fixtures.success(Fixtures.attachment.attachmentId).body)
    })

const onHello = (then: (socket: net.Socket) => void) => (): net.Server =>
  net.createServer((socket) => socket.once("data", () => then(socket)))

const alert = (description: number) => Buffer.of(21, 3, 3, 0, 2, 2, description)

const file = { fileName: "a.bin", content: new Uint8Array(8_000_000) }

const calls = {
  deletion: Attachments.deleteAttachment(Fixtures.attachment),
  upload: Attachments.uploadAttachment(Fixtures.record, file)
} as const

const failureOf = (
  call: keyof typeof calls,
  client: Layer.Layer<HttpClient.HttpClient>,
  origin: string
): Effect.Effect<Errors.DeleteAttachmentError> =>
  Effect.flip(Effect.asVoid(calls[call])).pipe(
    Effect.provide(
      Layer.merge(client, BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin: origin }))
    ),
    // none of these succeeds
    Effect.orDieWith(() => new Error("it succeeded"))
  )

const everyClient = Object.keys(clients) as ReadonlyArray<Client> // the keys of a constant

const fails = (
  call: keyof typeof calls,
  client: Client,
  server: (handle: () => void) => net.Server,
  options: TlsOptions = {}
) =>
  Effect.gen(function* () {
    const { handled, port } = yield* serve(server)
    const error = yield* failureOf(call, clients[client](options), `https://localhost:${port}`)
    return { error, handled: handled() }
  })

describe.each(everyClient)("over %s", (client) => {
  const ofOtherName = certificate("bigin.example")
  const expired = certificate("localhost", 2020, 2021)

  describe.each(["deletion", "upload"] as const)("a %s", (call) => {
    it.scoped.each([
      ["signed by itself", good, {}, "DEPTH_ZERO_SELF_SIGNED_CERT"],
      ["of another host", ofOtherName, { ca: ofOtherName.cert }, "ERR_TLS_CERT_ALTNAME_INVALID"],
      ["that has expired", expired, { ca: expired.cert }, "CERT_HAS_EXPIRED"]
    ] as const)("sends nothing to a server with a certificate %s", ([, served, options, reason]) =>
      Effect.gen(function* () {
        const { error, handled } = yield* fails(call, client, answering(served), options)
        expect(error).toMatchObject({ _tag: "ConnectionFailed", reason })
        assert.strictEqual(handled, 0)
      })
    )
  })

  const handshakes = [
    ["another version of TLS", answering({ ...good, minVersion: "TLSv1.3" }), { maxVersion: "TLSv1.2" }],
    ["HTTP without TLS", onHello((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")), {}],
    ["an alert in the handshake", onHello((socket) => socket.end(alert(40))), {}]
  ] as const

  it.scoped.each(handshakes)("a deletion fails on %s as far as the client tells", ([, server, options]) =>
    Effect.gen(function* () {
      const { error } = yield* fails("deletion", client, server, options)
      expect(error).toMatchObject(
        {
          FetchHttpClient: { _tag: "ConnectionFailed", reason: expect.stringMatching(/^ERR_SSL_/) },
          "NodeHttpClient (node:http)": { _tag: "ConnectionFailed", reason: "EPROTO" },
          // the very object that comes after a request was handled
          "NodeHttpClient (undici)": { _tag: "ConnectionLost", reason: expect.stringMatching(/^ERR_SSL_/) },
          // it knows that it was still connecting
          NodeTransport: { _tag: "ConnectionFailed", reason: expect.stringMatching(/^ERR_SSL_/) }
        }[client]
      )
    })
  )

  it.scoped.each(handshakes)(
    "an upload, which has a body, may have been sent for all that %s tells, unless the client knows",
    ([, server, options]) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* fails("upload", client, server, options)).error._tag, unlessConnecting(client))
      })
  )

  it.scoped.each([
    ["closes", onHello((socket) => socket.end())],
    ["resets the connection", onHello((socket) => socket.resetAndDestroy())]
  ] as const)("a server that %s in the handshake does not tell, unless the client knows", ([, server]) =>
    Effect.gen(function* () {
      expect((yield* fails("deletion", client, server)).error).toMatchObject({
        _tag: unlessConnecting(client),
        reason: "ECONNRESET"
      })
    })
  )

  it.scoped.each([
    ["deletion", "an alert", alert(80)],
    ["deletion", "a text without TLS", Buffer.from("HTTP/1.1 502 Bad Gateway\r\n\r\n")],
    ["upload", "an alert", alert(80)],
    ["upload", "a text without TLS", Buffer.from("HTTP/1.1 502 Bad Gateway\r\n\r\n")]
  ] as const)("%s that was handled: lost to %s", ([call, , fault]) =>
    Effect.gen(function* () {
      const behind = yield* serve((handle) =>
        tls.createServer(good, (socket) => {
          socket.on("error", () => {})
          socket.once("data", handle)
        })
      )
      const { error } = yield* fails(call, client, afterRequest(behind, fault), { ca: good.cert })
      assert.strictEqual(error._tag, "ConnectionLost")
      assert.strictEqual(behind.handled(), 1)
    })
  )
})

describe.each(Object.entries(httpClients))("over %s", (_, client) => {
  it.scoped("an upload of a file that changes meanwhile is told by the name of what the platform throws", () =>
    Effect.gen(function* () {
      const fileSystem = yield* FileSystem.FileSystem
      const path = yield* fileSystem.makeTempFileScoped()
      yield* fileSystem.writeFile(path, new Uint8Array(1_000_000))
      const content = yield* Effect.promise(() => openAsBlob(path))
      yield* fileSystem.writeFile(path, new Uint8Array(10))
      const { port } = yield* serve((handle) => http.createServer((request) => request.resume().on("end", handle)))
      const error = yield* Effect.flip(
        Effect.asVoid(Attachments.uploadAttachment(Fixtures.record, { fileName: "a.bin", content }))
      ).pipe(
        Effect.provide(
          Layer.merge(
            client,
            BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin: `http://localhost:${port}` })
          )
        )
      )
      expect(error).toMatchObject({ _tag: "ConnectionLost", reason: "NotReadableError" })
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

/** Hands everything on to a server, and once that has got a request what is not of TLS to the client. */
const afterRequest = (behind: Served, fault: Uint8Array) => (): net.Server =>
  net.createServer((front) => {
    const back = net.connect(behind.port, "127.0.0.1")
    back.on("error", () => {})
    back.pipe(front, { end: false })
    front.pipe(back)
    behind.onRequest(() => front.end(fault))
  })

describe("fetch over HTTP/2", () => {
  it.scoped("says of a deletion that was handled what it says of a handshake, so not every fault tells", () =>
    Effect.gen(function* () {
      const behind = yield* serve((handle) => http2.createSecureServer(good, handle).on("sessionError", () => {}))
      const { port } = yield* serve(afterRequest(behind, alert(80)))
      const client = withDispatcher(new Agent({ allowH2: true, connect: { ca: good.cert, allowH2: true } }))
      const error = yield* failureOf(
        "deletion",
        Layer.merge(client, Layer.succeed(FetchHttpClient.Fetch, undiciFetch as typeof fetch)),
        `https://localhost:${port}`
      )
      assert.strictEqual(error._tag, "ConnectionLost")
      assert.strictEqual(behind.handled(), 1)
    })
  )
})

describe.each(["FetchHttpClient", "NodeHttpClient (undici)"] as const)("a proxy, over %s,", (client) => {
  const through = (port: number, options: TlsOptions = {}) => {
    const dispatcher = new ProxyAgent({ uri: `http://localhost:${port}`, requestTls: options })
    return client === "FetchHttpClient" ? withDispatcher(dispatcher) : overDispatcher(dispatcher)
  }

  it.scoped.each([403, 407, 502] as const)("that refuses CONNECT with a %d has sent nothing on", (status) =>
    Effect.gen(function* () {
      const { port } = yield* serve(() =>
        http
          .createServer()
          .on("connect", (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`))
      )
      for (const call of ["deletion", "upload"] as const) {
        for (const origin of ["https://bigin.example", "http://bigin.example"]) {
          const error = yield* failureOf(call, through(port), origin)
          expect(error).toMatchObject({ _tag: "ConnectionFailed", reason: "UND_ERR_ABORTED" })
        }
      }
    })
  )

  it.scoped("that does not speak HTTP does not tell", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(onHello((socket) => socket.end("SSH-2.0-server\r\n")))
      assert.strictEqual((yield* failureOf("deletion", through(port), "https://bigin.example"))._tag, "ConnectionLost")
    })
  )

  it.scoped("that leads to a server with another's certificate has sent nothing on", () =>
    Effect.gen(function* () {
      const other = certificate("bigin.example")
      const server = yield* serve(answering(other))
      const { port } = yield* serve(() =>
        http.createServer().on("connect", (_, front) => {
          const back = net.connect(server.port, "127.0.0.1")
          back.on("error", () => {})
          front.on("error", () => {})
          front.write("HTTP/1.1 200 OK\r\n\r\n")
          front.pipe(back).pipe(front)
        })
      )
      const error = yield* failureOf("deletion", through(port, { ca: other.cert }), "https://localhost")
      expect(error).toMatchObject({ _tag: "ConnectionFailed", reason: "ERR_TLS_CERT_ALTNAME_INVALID" })
      assert.strictEqual(server.handled(), 0)
    })
  )
})
