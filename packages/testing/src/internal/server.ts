/** The door over TCP. Needs Node. */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { buffer } from "node:stream/consumers"
import type { Reply } from "../Fixtures.ts"
import { bytesOf, headersOf } from "./bytes.ts"
import type { Handler, Outcome, WireRequest } from "./model.ts"

export interface Options {
  readonly host: string
  /** 0 takes one that is free. */
  readonly port: number
  /** Whether pages of any origin may ask, as browsers want it said. */
  readonly cors: boolean
  /** Requests whose path begins so are answered apart, and not recorded. */
  readonly control?: {
    readonly path: string
    readonly answer: (request: WireRequest) => Effect.Effect<Reply>
  }
}

export const loopback: Options = { host: "127.0.0.1", port: 0, cors: false }

/** Fails where the system does not let it listen, with the system's error. */
export const serve = (
  handler: Handler,
  options: Options
): Effect.Effect<{ readonly origin: string }, NodeJS.ErrnoException, Scope.Scope> =>
  Effect.gen(function* () {
    const server = createServer()
    const port = yield* Effect.acquireRelease(listening(server, options), () => closed(server))
    const authority = `${reachable(options.host)}:${port}`
    const fork = yield* FiberSet.makeRuntime<never>()
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const fiber = fork(
        answered(handler, options, authority, request, response).pipe(
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

const listening = (server: Server, { host, port }: Options): Effect.Effect<number, NodeJS.ErrnoException> =>
  Effect.async((resume) => {
    server.once("error", (error) => resume(Effect.fail(error)))
    server.listen(port, host, () => {
      const address = server.address()
      // a string is the address of a pipe, and null that of a server that does not listen; this one does, on a port
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const closed = (server: Server): Effect.Effect<void> =>
  Effect.async((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/** A host as URLs write it. Those that stand for all of a machine's are reached at its loopback. */
const reachable = (host: string): string => {
  if (host === "0.0.0.0") return "127.0.0.1"
  if (host === "::") return "[::1]"
  return host.includes(":") ? `[${host}]` : host
}

const answered = (
  { handle, left }: Handler,
  { control, cors }: Options,
  authority: string,
  request: IncomingMessage,
  response: ServerResponse
): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (cors) allowOrigins(request, response)
    if (cors && request.method === "OPTIONS") {
      response.writeHead(204).end()
      return
    }
    const bytes = yield* Effect.option(Effect.tryPromise(() => buffer(request)))
    // the client went away before all of its request had come
    if (bytes._tag === "None") return
    const wire: WireRequest = {
      method: request.method ?? "",
      url: request.url ?? "",
      origin: `http://${request.headers.host ?? authority}`,
      headers: flat(request.headers),
      bytes: new Uint8Array(bytes.value),
      body: new TextDecoder().decode(bytes.value)
    }
    if (control !== undefined && wire.url.startsWith(`${control.path}/`)) {
      send(response, { _tag: "Whole", reply: yield* control.answer(wire) })
      return
    }
    send(response, yield* handle(wire))
    yield* Effect.onInterrupt(finished(response), () => left(wire))
  })

/** A star stands for no Authorization: that has to be allowed by its name. */
const allowOrigins = (request: IncomingMessage, response: ServerResponse): void => {
  response.setHeader("access-control-allow-origin", "*")
  response.setHeader("access-control-expose-headers", "*")
  response.setHeader("access-control-allow-methods", "GET, POST, DELETE")
  response.setHeader("access-control-allow-headers", request.headers["access-control-request-headers"] ?? "*")
}

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
