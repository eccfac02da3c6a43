/** A server of a test's own on the loopback interface, which answers as no server should. */
import { Effect } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"

export interface Loopback {
  readonly origin: string
  /** How many connections are open. */
  readonly open: () => number
  /** Waits until it has seen something: what is real takes real time. */
  readonly until: (seen: () => boolean) => Effect.Effect<void>
}

export const loopback = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<{ server: ReturnType<typeof createServer>; open: () => number }>((resume) => {
        let open = 0
        const server = createServer({ keepAliveTimeout: 60_000 }, answer)
        server.on("connection", (socket) => {
          open += 1
          socket.on("error", () => {})
          socket.on("close", () => (open -= 1))
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed({ server, open: () => open })))
      }),
      ({ server }) =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    ),
    ({ open, server }): Loopback => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      return {
        origin: `http://127.0.0.1:${port}`,
        open,
        until: (seen) =>
          Effect.async<void>((resume) => {
            const look = () => (seen() ? resume(Effect.void) : void setTimeout(look, 1))
            look()
          })
      }
    }
  )
