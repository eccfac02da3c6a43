/** The door over TCP: a server on a free port of the loopback interface. Needs Node. */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import { bytesOf, headersOf } from "./bytes.ts"
import type { Handler, Outcome, WireRequest } from "./model.ts"

export const serve = ({ handle, left }: Handler): Effect.Effect<{ readonly origin: string }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const server = createServer()
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.once("error", (error) => resume(Effect.die(error)))
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const address = server.address()
    // a string is the address of a pipe, and null that of a server that does not listen; this one does, on a port
    const port = typeof address === "object" && address !== null ? address.port : 0
    const authority = `127.0.0.1:${port}`
    const fork = yield* FiberSet.makeRuntime<never>()
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const fiber = fork(
        Effect.gen(function* () {
          const bytes = yield* Effect.promise(() => buffer(request))
          const wire: WireRequest = {
            method: request.method ?? "",
            url: request.url ?? "",
            origin: `http://${request.headers.host ?? authority}`,
            headers: flat(request.headers),
            bytes: new Uint8Array(bytes),
            body: new TextDecoder().decode(bytes)
          }
          send(response, yield* handle(wire))
          yield* Effect.onInterrupt(finished(response), () => left(wire))
        }).pipe(
          // a fault that throws, a status that HTTP does not have: the client is cut off, and the test is told why
          Effect.catchAllDefect((defect) =>
            Effect.zipRight(
              Effect.logError("FakeBigin could not answer", defect),
              Effect.sync(() => response.destroy())
            )
          )
        )
      )
      // the client went away: whatever is still under way for it ends
      response.on("close", () => {
        if (!response.writableFinished) fiber.unsafeInterruptAsFork(fiber.id())
      })
    })
    return { origin: `http://${authority}` }
  })

const finished = (response: ServerResponse): Effect.Effect<void> =>
  Effect.async((resume) => {
    response.once("finish", () => resume(Effect.void))
  })

const send = (response: ServerResponse, outcome: Outcome): void => {
  const reply = outcome._tag === "Whole" ? outcome.reply : outcome.part
  if (reply === undefined) {
    response.destroy()
    return
  }
  const body = bytesOf(reply)
  response.writeHead(reply.status, headersOf(reply))
  if (outcome._tag === "Whole") {
    response.end(body)
  } else {
    const isOver = outcome._tag === "Broken"
    // half of a body may be nothing, which alone would not send the headers
    response.flushHeaders()
    response.write(body.subarray(0, body.length / 2), () => isOver && response.destroy())
  }
}

const flat = (headers: IncomingMessage["headers"]): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]))
