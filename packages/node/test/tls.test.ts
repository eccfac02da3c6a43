/** TLS with real servers: whom the client trusts, and that it sends nothing to others. */
import { HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { NodeTransport } from "effect-bigin-node"
import * as https from "node:https"
import * as net from "node:net"
import type { TLSSocket } from "node:tls"
import { certificate } from "../../bigin/test/certificates.ts"
import { serving } from "./servers.ts"
import { exchange, sendByClient } from "./ways.ts"

const localhost = certificate("localhost")
const other = certificate("bigin.example")
const expired = certificate("localhost", 2020, 2021)

const secure = (options: https.ServerOptions) =>
  Effect.gen(function* () {
    let handled = 0
    const { port } = yield* serving(
      () =>
        https.createServer(options, (request, response) => {
          handled += 1
          const { authorized } = request.socket as TLSSocket // of a server of https
          response.end(authorized ? "with a certificate" : "hi")
        }),
      "https"
    )
    return { origin: `https://localhost:${port}`, handled: () => handled }
  })

const failing = (make: () => net.Server) =>
  Effect.map(serving(make), ({ port }) => ({ origin: `https://localhost:${port}`, handled: () => 0 }))

describe.each([
  ["HttpClient", sendByClient],
  ["Exchange", exchange]
] as const)("over the %s", (_, send) => {
  const ask = (origin: string, tls: NodeTransport.Tls) =>
    Effect.map(send(HttpClientRequest.get(origin)), ({ body }) => new TextDecoder().decode(body)).pipe(
      Effect.provide(NodeTransport.layerWith({ tls }))
    )

  it.scopedLive.each([
    ["of an authority that it is given", secure(localhost), { ca: localhost.cert }, "hi"],
    [
      "of another name, where it is told that name",
      secure(other),
      { ca: other.cert, servername: "bigin.example" },
      "hi"
    ],
    ["that it is told not to look at", secure(expired), { rejectUnauthorized: false }, "hi"],
    [
      "that asks for one in turn",
      secure({ ...localhost, requestCert: true, ca: other.cert }),
      { ca: localhost.cert, ...other },
      "with a certificate"
    ]
  ] as const)("it asks a server with a certificate %s", ([, server, tls, expected]) =>
    Effect.gen(function* () {
      const { origin } = yield* server
      assert.strictEqual(yield* ask(origin, tls), expected)
    })
  )

  const plain = () => net.createServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 No\r\n\r\n")))

  it.scopedLive.each([
    ["with a certificate that signs itself", secure(localhost), {}, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["with a certificate of another name", secure(other), { ca: other.cert }, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["with a certificate that has expired", secure(expired), { ca: expired.cert }, "CERT_HAS_EXPIRED"],
    [
      "of another version",
      secure({ ...localhost, minVersion: "TLSv1.3" }),
      { ca: localhost.cert, maxVersion: "TLSv1.2" },
      "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"
    ],
    ["that speaks no TLS", failing(plain), {}, "ERR_SSL_WRONG_VERSION_NUMBER"],
    ["that ends the handshake", failing(() => net.createServer((socket) => socket.destroy())), {}, "ECONNRESET"]
  ] as const)("it sends nothing to a server %s, and says so", ([, server, tls, code]) =>
    Effect.gen(function* () {
      const { handled, origin } = yield* server
      const failure = yield* Effect.flip(ask(origin, tls))
      assert.containSubset(failure, { _tag: "RequestError", reason: "Transport", cause: { syscall: "connect", code } })
      assert.strictEqual(handled(), 0)
    })
  )
})
