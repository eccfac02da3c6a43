/** Servers of a test's own on the loopback interface. Each ends with its scope, and all of its connections with it. */
import { Effect, type Scope } from "effect"
import * as http from "node:http"
import * as net from "node:net"

export interface Served {
  readonly port: number
  readonly origin: string
  /** How many connections there were. */
  readonly connections: () => number
  /** How many connections are open. undici makes a new one for a request that was called off, and then does not send it. */
  readonly open: () => number
  /** How many connections have ended. */
  readonly closed: () => number
}

/** Waits until something is seen: what is real takes real time. */
export const until = (seen: () => boolean): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    const look = () => (seen() ? resume(Effect.void) : void setTimeout(look, 1))
    look()
  })

export const serving = (
  make: () => net.Server,
  protocol: "http" | "https" = "http"
): Effect.Effect<Served, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sockets = new Set<net.Socket>()
    let connections = 0
    const server = make()
    server.on("connection", (socket: net.Socket) => {
      connections += 1
      sockets.add(socket)
      socket.on("error", () => {})
      socket.on("close", () => sockets.delete(socket))
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
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return {
      port,
      origin: `${protocol}://127.0.0.1:${port}`,
      connections: () => connections,
      open: () => sockets.size,
      closed: () => connections - sockets.size
    }
  })

/** One that speaks HTTP as it should. */
export const answering = (answer: http.RequestListener) =>
  serving(() => http.createServer({ keepAliveTimeout: 60_000 }, answer))

/** One that is told the head of each request and writes what it likes. It reads no body. */
export const writing = (answer: (socket: net.Socket, head: string) => void) =>
  serving(() =>
    net.createServer((socket) => {
      let text = ""
      socket.setEncoding("latin1").on("data", (piece: string) => {
        text += piece
        for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
          const head = text.slice(0, end)
          text = text.slice(end + 4)
          answer(socket, head)
        }
      })
    })
  )

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** One that keeps what it is sent, and says 200. */
export const receiving = Effect.gen(function* () {
  const received: Array<Received> = []
  const served = yield* answering((request, response) => {
    const pieces: Array<Buffer> = []
    request.on("data", (piece) => pieces.push(piece))
    request.on("error", () => {})
    request.on("end", () => {
      const { headers, method = "", url = "" } = request
      received.push({ method, url, headers, body: Buffer.concat(pieces) })
      response.end()
    })
  })
  return { ...served, received }
})
