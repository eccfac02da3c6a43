/**
 * The same requests over four clients, and over the Exchange of the last. What they do alike is written once, and what they do
 * otherwise stands beside it: each of these is wanted, and the README tells it.
 */
import {
  Cookies,
  FileSystem,
  HttpBody,
  HttpClient,
  HttpClientRequest,
  type HttpClientResponse,
  HttpIncomingMessage
} from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Fiber, Option, type Scope, Stream } from "effect"
import { mkdtempSync, openAsBlob, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { gzipSync } from "node:zlib"
import { answering, receiving, until, writing } from "./servers.ts"
import { type ClientName, clientNames, clients, outcome, type Send, type WayName, wayNames, ways } from "./ways.ts"

interface Behaviour {
  readonly name: string
  readonly observe: (send: Send) => Effect.Effect<unknown, unknown, HttpClient.HttpClient | Scope.Scope>
  readonly expected: unknown
  /** Where it is another than elsewhere. */
  readonly but?: Partial<Record<WayName, unknown>>
}

interface ClientBehaviour {
  readonly name: string
  readonly observe: Effect.Effect<unknown, unknown, HttpClient.HttpClient | Scope.Scope>
  readonly expected: unknown
  readonly but?: Partial<Record<ClientName, unknown>>
}

const get = HttpClientRequest.get
const text = (body: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(body)

/** The body of what is answered by these bytes. */
const answeredBy =
  (bytes: string | Buffer, end = false) =>
  (send: Send) =>
    Effect.gen(function* () {
      const { origin } = yield* writing((socket) => {
        socket.write(bytes, "latin1")
        if (end) socket.end()
      })
      return yield* outcome(Effect.map(send(get(origin)), ({ body, status }) => `${status} ${text(body)}`))
    })

const headersOf =
  (lines: ReadonlyArray<string>, ...names: ReadonlyArray<string>) =>
  (send: Send) =>
    Effect.gen(function* () {
      const { origin } = yield* writing((socket) =>
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 0\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1")
      )
      return yield* outcome(Effect.map(send(get(origin)), ({ headers }) => names.map((name) => headers[name])))
    })

const statuses = (from: number, to: number) => (send: Send) =>
  Effect.gen(function* () {
    const { origin } = yield* writing((socket, head) =>
      socket.write(`HTTP/1.1 ${head.slice(5, 8)}\r\ncontent-length: 0\r\n\r\n`)
    )
    const asked = Array.from({ length: to - from + 1 }, (_, index) => from + index)
    const seen = yield* Effect.forEach(asked, (status) =>
      outcome(Effect.map(send(get(`${origin}/${status}`)), (seen) => seen.status))
    )
    return [...new Set(seen.map((status, index) => (status === asked[index] ? "as it was" : status)))]
  })

const answers: ReadonlyArray<Behaviour> = [
  {
    name: "every status from 200 to 599, without a reason",
    observe: statuses(200, 599),
    expected: ["as it was"],
    but: { fetch: ["as it was", "RequestError Transport"] }
  },
  { name: "statuses of 600 to 999", observe: statuses(600, 999), expected: ["as it was"] },
  { name: "names of headers in lower case", observe: headersOf(["X-Some: One"], "x-some"), expected: ["One"] },
  { name: "an empty header", observe: headersOf(["x-some:"], "x-some"), expected: [""] },
  { name: "a repeated header", observe: headersOf(["x-some: 1", "X-Some: 2"], "x-some"), expected: ["1, 2"] },
  {
    name: "a repeated set-cookie",
    observe: headersOf(["set-cookie: a=1", "set-cookie: b=2"], "set-cookie"),
    expected: ["a=1, b=2"],
    but: { fetch: ["b=2"] }
  },
  { name: "a header of Latin-1", observe: headersOf(["x-some: caf\xe9"], "x-some"), expected: ["café"] },
  {
    name: "a header by the name of a property that every object has",
    observe: headersOf(["__proto__: 1", "constructor: 2"], "constructor"),
    expected: ["2"]
  },
  {
    name: "200 headers",
    observe: headersOf(
      Array.from({ length: 200 }, (_, index) => `x-${index}: ${index}`),
      "x-0",
      "x-199"
    ),
    expected: ["0", "199"]
  },
  {
    name: "headers of more than 16 KiB",
    observe: headersOf([`x-some: ${"a".repeat(20_000)}`]),
    expected: "RequestError Transport"
  },
  { name: "an empty body", observe: answeredBy("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), expected: "200 " },
  {
    name: "a body with its length",
    observe: answeredBy("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"),
    expected: "200 hi"
  },
  {
    name: "a body in chunks",
    observe: answeredBy(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\n you\r\n0\r\n\r\n".replace(
        "3\r\n you",
        "4\r\n you"
      )
    ),
    expected: "200 hi you"
  },
  {
    name: "a body up to the end of the connection",
    observe: answeredBy("HTTP/1.1 200 OK\r\n\r\nhi", true),
    expected: "200 hi"
  },
  {
    name: "a body with trailers",
    observe: answeredBy(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-end\r\n\r\n2\r\nhi\r\n0\r\nx-end: 1\r\n\r\n"
    ),
    expected: "200 hi"
  },
  {
    name: "103 before the answer",
    observe: answeredBy("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"),
    expected: "200 hi"
  },
  {
    name: "102 before the answer",
    observe: answeredBy(
      "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
    ),
    expected: "200 hi"
  },
  {
    name: "100 before the answer",
    observe: answeredBy("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"),
    expected: "RequestError Transport",
    but: { node: "200 hi" }
  },
  {
    name: "101 that nobody asked for",
    observe: answeredBy("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n", true),
    expected: "RequestError Transport",
    but: { node: "101 " }
  },
  { name: "204", observe: answeredBy("HTTP/1.1 204 No Content\r\n\r\n"), expected: "204 " },
  { name: "205", observe: answeredBy("HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n"), expected: "205 " },
  {
    name: "304 with the length of what it does not send",
    observe: answeredBy("HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n"),
    expected: "304 ",
    but: { undici: "ResponseError Decode" }
  },
  {
    name: "a redirect",
    observe: answeredBy("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
    expected: "302 ",
    but: { fetch: "RequestError Transport" }
  },
  {
    name: "a gzip coded body",
    observe: (send) =>
      Effect.gen(function* () {
        const { origin } = yield* answering((_, response) =>
          response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("hi"))
        )
        const { body } = yield* send(get(origin))
        return text(body) === "hi" ? "undone" : "as it came"
      }),
    expected: "as it came",
    but: { fetch: "undone" }
  },
  {
    name: "bytes of all values",
    observe: (send) =>
      Effect.gen(function* () {
        const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
        const { origin } = yield* answering((_, response) => response.end(bytes))
        return bytes.equals((yield* send(get(origin))).body)
      }),
    expected: true
  },
  {
    name: "the answer to HEAD",
    observe: (send) =>
      Effect.gen(function* () {
        const { origin } = yield* answering((_, response) => response.writeHead(200, { "content-length": 100 }).end())
        const { body, headers, status } = yield* send(HttpClientRequest.head(origin))
        return [status, headers["content-length"], body.length]
      }),
    expected: [200, "100", 0]
  },
  {
    name: "a connection that ends before the answer",
    observe: answeredBy("", true),
    expected: "RequestError Transport"
  },
  {
    name: "a connection that ends after 103",
    observe: answeredBy("HTTP/1.1 103 Early Hints\r\n\r\n", true),
    expected: "RequestError Transport"
  },
  {
    name: "a connection that ends in the head",
    observe: answeredBy("HTTP/1.1 200 OK\r\nx-so", true),
    expected: "RequestError Transport"
  },
  {
    name: "a connection that ends in the body",
    observe: answeredBy("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhi", true),
    expected: "ResponseError Decode"
  },
  {
    name: "a connection that ends in a chunk",
    observe: answeredBy("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhi", true),
    expected: "ResponseError Decode"
  },
  {
    name: "an answer that is not HTTP",
    observe: answeredBy("SSH-2.0-server\r\n", true),
    expected: "RequestError Transport"
  }
]

/** What a server gets of a request, but for what is not of its making. */
const sent =
  (request: HttpClientRequest.HttpClientRequest, ...names: ReadonlyArray<string>) =>
  (send: Send) =>
    Effect.gen(function* () {
      const { origin, received } = yield* receiving
      const ended = yield* outcome(
        Effect.map(send(HttpClientRequest.setUrl(request, origin + request.url)), ({ status }) => status)
      )
      if (ended !== 200) return ended
      return received.map(({ body, headers, method, url }) => [
        `${method} ${url}`,
        ...names.map((name) => headers[name]),
        body.toString("latin1")
      ])
    })

const post = HttpClientRequest.post("/")
const withRaw = (body: unknown) => HttpClientRequest.setBody(post, HttpBody.raw(body))
const framing = ["content-type", "content-length", "transfer-encoding"] as const
const pieces = Stream.make("one", "two").pipe(Stream.encodeText)
const withStream = (stream: Stream.Stream<Uint8Array, unknown>, contentLength?: number) =>
  HttpClientRequest.setBody(post, HttpBody.stream(stream, "text/plain", contentLength))

const form = () => {
  const form = new FormData()
  form.append("name", "value")
  form.append("file", new File(["content"], "é.txt", { type: "text/plain" }))
  return form
}

/** A form as the server reads it, and whether it was told its length. */
const formSent = (send: Send) =>
  Effect.gen(function* () {
    const { origin, received } = yield* receiving
    yield* send(HttpClientRequest.bodyFormData(HttpClientRequest.post(origin), form()))
    const [request] = received
    const parsed = yield* Effect.promise(() =>
      new Response(request && new Uint8Array(request.body), {
        headers: { "content-type": request?.headers["content-type"] ?? "" }
      }).formData()
    )
    const file = parsed.get("file")
    return [
      parsed.get("name"),
      file instanceof File ? [file.name, file.type, yield* Effect.promise(() => file.text())] : file,
      request?.headers["content-length"] === undefined ? "in chunks" : "with its length"
    ]
  })

const changedFileSent = (send: Send) =>
  Effect.gen(function* () {
    const { origin } = yield* receiving
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-bigin-node-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    )
    const path = join(folder, "a.bin")
    writeFileSync(path, new Uint8Array(1_000_000))
    const form = new FormData()
    form.append("file", yield* Effect.promise(() => openAsBlob(path)))
    writeFileSync(path, new Uint8Array(10))
    return yield* outcome(send(HttpClientRequest.bodyFormData(HttpClientRequest.post(origin), form)))
  })

const requests: ReadonlyArray<Behaviour> = [
  {
    name: "a path and a query as they are",
    observe: sent(get("/a/b?c=d&e=%20")),
    expected: [["GET /a/b?c=d&e=%20", ""]]
  },
  {
    name: "urlParams behind a query",
    observe: sent(get("/a?b=c", { urlParams: { d: "e f", g: "ä" } })),
    expected: [["GET /a?b=c&d=e+f&g=%C3%A4", ""]]
  },
  {
    name: "a hash",
    observe: sent(get("/a", { hash: "top" })),
    expected: [["GET /a", ""]],
    but: { undici: [["GET /a#top", ""]] }
  },
  { name: "a path with letters that no URL has", observe: sent(get("/ä b/../c")), expected: [["GET /c", ""]] },
  { name: "a path with dots", observe: sent(get("/a/../.b/./c.d")), expected: [["GET /.b/c.d", ""]] },
  {
    name: "a path with dots, escaped and not",
    observe: sent(get("/a/./b/%2e%2e/c/.d")),
    expected: [["GET /a/c/.d", ""]]
  },
  { name: "a method of its own name", observe: sent(HttpClientRequest.options("/")), expected: [["OPTIONS /", ""]] },
  {
    name: "a header of Latin-1",
    observe: (send) => sent(get("/", { headers: { "x-some": "café" } }), "x-some")(send),
    expected: [["GET /", "caf\xe9", ""]]
  },
  {
    name: "DELETE without a body",
    observe: sent(HttpClientRequest.del("/"), ...framing),
    expected: [["DELETE /", undefined, undefined, undefined, ""]]
  },
  {
    name: "POST without a body",
    observe: sent(post, ...framing),
    expected: [["POST /", undefined, "0", undefined, ""]]
  },
  {
    name: "a text",
    observe: sent(HttpClientRequest.bodyText(post, "häh"), ...framing),
    expected: [["POST /", "text/plain", "4", undefined, "h\xc3\xa4h"]]
  },
  {
    name: "bytes",
    observe: sent(HttpClientRequest.bodyUint8Array(post, Uint8Array.of(0, 255), "a/b"), ...framing),
    expected: [["POST /", "a/b", "2", undefined, "\0\xff"]]
  },
  {
    name: "no bytes",
    observe: sent(HttpClientRequest.bodyUint8Array(post, new Uint8Array(), "a/b"), ...framing),
    expected: [["POST /", "a/b", "0", undefined, ""]]
  },
  {
    name: "JSON",
    observe: sent(HttpClientRequest.bodyUnsafeJson(post, { a: 1 }), ...framing),
    expected: [["POST /", "application/json", "7", undefined, '{"a":1}']]
  },
  {
    name: "urlParams as a body",
    observe: sent(HttpClientRequest.bodyUrlParams(post, { a: "b c" }), ...framing),
    expected: [["POST /", "application/x-www-form-urlencoded", "5", undefined, "a=b+c"]]
  },
  { name: "a raw text", observe: sent(withRaw("hi"), "content-length"), expected: [["POST /", "2", "hi"]] },
  {
    name: "a raw ArrayBuffer",
    observe: sent(withRaw(Uint8Array.of(104, 105).buffer), "content-length"),
    expected: [["POST /", "2", "hi"]],
    but: { node: "defect: TypeError" }
  },
  {
    name: "a raw Blob",
    observe: sent(withRaw(new Blob(["hi"], { type: "a/b" })), ...framing),
    expected: [["POST /", "a/b", "2", undefined, "hi"]],
    but: { node: "defect: TypeError" }
  },
  {
    name: "raw URLSearchParams",
    observe: sent(withRaw(new URLSearchParams({ a: "b" })), "content-length"),
    expected: [["POST /", "3", "a=b"]],
    but: { node: "defect: TypeError", undici: "RequestError Transport" }
  },
  {
    name: "a raw Readable",
    observe: (send) => sent(withRaw(Readable.from([Buffer.from("hi")])), "transfer-encoding")(send),
    expected: [["POST /", "chunked", "hi"]],
    but: { fetch: "RequestError Transport", node: "defect: TypeError" }
  },
  {
    name: "something raw that is no body",
    observe: sent(withRaw(Symbol.iterator)),
    expected: "RequestError Transport",
    but: { node: "defect: TypeError" }
  },
  {
    name: "a form",
    observe: formSent,
    expected: ["value", ["é.txt", "text/plain", "content"], "with its length"],
    but: { node: ["value", ["é.txt", "text/plain", "content"], "in chunks"], undici: "RequestError Transport" }
  },
  {
    name: "a form with a file that changes meanwhile",
    observe: changedFileSent,
    expected: "RequestError Encode",
    but: { fetch: "RequestError Transport", node: "RequestError Transport", undici: "RequestError Transport" }
  },
  {
    name: "a stream",
    observe: sent(withStream(pieces), ...framing),
    expected: [["POST /", "text/plain", undefined, "chunked", "onetwo"]]
  },
  {
    name: "a stream with its length",
    observe: sent(withStream(pieces, 6), ...framing),
    expected: [["POST /", "text/plain", "6", undefined, "onetwo"]],
    but: { fetch: [["POST /", "text/plain", undefined, "chunked", "onetwo"]] }
  },
  {
    name: "a stream of nothing",
    observe: sent(withStream(Stream.empty), ...framing),
    expected: [["POST /", "text/plain", "0", undefined, ""]]
  },
  {
    name: "a stream that is longer than its length",
    observe: sent(withStream(pieces, 5)),
    expected: "RequestError Transport",
    but: { fetch: [["POST /", "onetwo"]], node: 400 }
  },
  {
    name: "a stream that is shorter than its length",
    observe: sent(withStream(pieces, 7)),
    expected: "RequestError Transport",
    but: { fetch: [["POST /", "onetwo"]], node: "no end" }
  },
  {
    name: "a stream that fails",
    observe: sent(withStream(Stream.concat(pieces, Stream.fail("no")))),
    expected: "RequestError Encode",
    but: { fetch: "RequestError Transport", undici: "RequestError Transport" }
  },
  {
    name: "a stream that dies",
    observe: sent(withStream(Stream.concat(pieces, Stream.dieMessage("no")))),
    expected: "defect: RuntimeException",
    but: { fetch: "RequestError Transport", undici: "RequestError Transport" }
  },
  {
    name: "a header with a line in it",
    observe: sent(get("/", { headers: { "x-some": "a\r\nb: c" } })),
    expected: "RequestError Transport",
    but: { node: "defect: TypeError" }
  },
  {
    name: "a header by no name",
    observe: sent(get("/", { headers: { "x some": "a" } })),
    expected: "RequestError Transport",
    but: { node: "defect: TypeError" }
  },
  {
    name: "a header that is the connection's own",
    observe: sent(get("/", { headers: { "transfer-encoding": "chunked" } })),
    expected: "RequestError Transport",
    but: { node: [["GET /", ""]] }
  },
  {
    name: "an address that is none",
    observe: (send) => outcome(send(get("nowhere"))),
    expected: "RequestError InvalidUrl"
  },
  {
    name: "a protocol that is not HTTP",
    observe: (send) => outcome(send(get("ftp://127.0.0.1/"))),
    expected: "RequestError InvalidUrl",
    but: { fetch: "RequestError Transport", node: "defect: TypeError", undici: "RequestError Transport" }
  },
  {
    name: "a user name in the URL",
    observe: (send) =>
      Effect.gen(function* () {
        const { port, received } = yield* receiving
        const ended = yield* outcome(
          Effect.map(send(get(`http://me:secret@127.0.0.1:${port}/`)), ({ status }) => status)
        )
        return ended === 200 ? received[0]?.headers.authorization : ended
      }),
    expected: "RequestError InvalidUrl",
    but: { fetch: "RequestError Transport", node: "Basic bWU6c2VjcmV0", undici: undefined }
  }
]

const deletions = (origin: string, id: number) => HttpClientRequest.del(`${origin}/${id}`)

const answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"

/** Twenty deletions, one after the other, and how often each arrived where its connection ends about when it is sent. */
const overDyingConnections = (millis: number) => (send: Send) =>
  Effect.gen(function* () {
    const arrived: Array<string> = []
    const { origin } = yield* writing((socket, head) => {
      arrived.push(head.split(" ")[1] ?? "")
      socket.write(answer)
      setTimeout(() => socket.destroy(), millis)
    })
    const ends = yield* Effect.forEach(Array.from({ length: 20 }), (_, id) =>
      Effect.delay(outcome(Effect.asVoid(send(deletions(origin, id)))), millis)
    )
    const isOnce = ends.every((_, id) => arrived.filter((path) => path === `/${id}`).length <= 1)
    return [isOnce, ...new Set(ends.filter((end) => end !== undefined && end !== "RequestError Transport"))]
  })

const megabyte = new Uint8Array(1_048_576)

const connections: ReadonlyArray<Behaviour> = [
  {
    name: "one connection for requests that follow each other",
    observe: (send) =>
      Effect.gen(function* () {
        const { connections, origin } = yield* answering((request, response) =>
          request.resume().on("end", () => response.writeHead(400).end("no"))
        )
        for (const request of [
          get(origin),
          HttpClientRequest.bodyText(HttpClientRequest.post(origin), "hi"),
          deletions(origin, 1),
          get(origin)
        ])
          yield* Effect.delay(send(request), 5)
        return connections()
      }),
    expected: 1,
    but: { node: 4 }
  },
  {
    name: "twenty servers at once",
    observe: (send) =>
      Effect.gen(function* () {
        const servers = yield* Effect.all(
          Array.from({ length: 20 }, (_, index) => answering((_, response) => response.end(String(index))))
        )
        const seen = yield* Effect.forEach(servers, ({ origin }) => send(get(origin)), { concurrency: "unbounded" })
        return seen.every(({ body }, index) => text(body) === String(index))
      }),
    expected: true
  },
  {
    name: "a deletion on a connection that ends when it arrives",
    observe: (send) =>
      Effect.gen(function* () {
        let arrived = 0
        const { origin } = yield* writing((socket) => {
          arrived += 1
          if (arrived === 1) socket.write(answer)
          else socket.destroy()
        })
        yield* send(deletions(origin, 1))
        yield* Effect.sleep(10)
        return [yield* outcome(send(deletions(origin, 2))), arrived]
      }),
    expected: ["RequestError Transport", 2]
  },
  ...[0, 1, 2].map((millis): Behaviour => ({
    name: `deletions on connections that end ${millis} ms after each answer`,
    observe: overDyingConnections(millis),
    expected: [true]
  })),
  {
    name: "an answer before the upload was read",
    observe: (send) =>
      Effect.gen(function* () {
        const { origin } = yield* writing((socket) => {
          socket.pause()
          socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
        })
        const upload = Stream.take(Stream.forever(Stream.make(megabyte)), 64)
        const { body, status } = yield* send(HttpClientRequest.bodyStream(HttpClientRequest.post(origin), upload))
        return [status, text(body)]
      }),
    expected: [413, "no"],
    but: { node: "no end" }
  },
  {
    name: "an answer before the upload was read, and the end of the connection",
    observe: (send) =>
      Effect.gen(function* () {
        const { origin } = yield* writing((socket) => {
          socket.pause()
          socket.write("HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno")
          setTimeout(() => socket.destroy(), 100)
        })
        const upload = Stream.take(Stream.forever(Stream.make(megabyte)), 64)
        const { body, status } = yield* send(HttpClientRequest.bodyStream(HttpClientRequest.post(origin), upload))
        return [status, text(body)]
      }),
    expected: [413, "no"],
    but: { node: "RequestError Transport" }
  },
  {
    name: "64 MiB up, no faster than the server reads",
    observe: (send) =>
      Effect.gen(function* () {
        let made = 0
        let early = 0
        let size = 0
        const { origin } = yield* answering((request, response) => {
          setTimeout(() => {
            early = made
            request.on("data", (piece: Buffer) => (size += piece.length)).on("end", () => response.end())
          }, 200)
        })
        const upload = Stream.take(Stream.forever(Stream.make(megabyte)), 64).pipe(
          Stream.tap(() => Effect.sync(() => (made += 1)))
        )
        yield* send(HttpClientRequest.bodyStream(HttpClientRequest.post(origin), upload))
        return [early < 24, size]
      }),
    expected: [true, 64 * 1_048_576],
    but: { node: [false, 64 * 1_048_576] }
  },
  {
    name: "4 MiB down",
    observe: (send) =>
      Effect.gen(function* () {
        const { origin } = yield* answering((_, response) =>
          Readable.from(Array.from({ length: 4 }, () => megabyte)).pipe(response)
        )
        return (yield* send(get(origin))).body.length
      }),
    expected: 4 * 1_048_576
  },
  {
    name: "a call that is interrupted while it waits for the answer",
    observe: (send) =>
      Effect.gen(function* () {
        let arrived = 0
        const { closed, origin } = yield* writing(() => (arrived += 1))
        const fiber = yield* Effect.fork(send(get(origin)))
        yield* until(() => arrived === 1)
        const end = yield* outcome(Effect.flatten(Fiber.interrupt(fiber)))
        yield* until(() => closed() > 0)
        return end
      }),
    expected: "interrupted"
  },
  {
    name: "a call that is interrupted while it reads the answer",
    observe: (send) =>
      Effect.gen(function* () {
        let arrived = 0
        const { closed, origin } = yield* writing((socket) => {
          socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhi")
          arrived += 1
        })
        const fiber = yield* Effect.fork(send(get(origin)))
        yield* until(() => arrived === 1)
        yield* Effect.sleep(20)
        const end = yield* outcome(Effect.flatten(Fiber.interrupt(fiber)))
        yield* until(() => closed() > 0)
        return end
      }),
    expected: "interrupted"
  },
  {
    name: "a call that is interrupted while it sends a stream",
    observe: (send) =>
      Effect.gen(function* () {
        let ended = false
        const { closed, open, origin } = yield* writing(() => {})
        const upload = Stream.concat(Stream.make(megabyte), Stream.never).pipe(
          Stream.ensuring(Effect.sync(() => (ended = true)))
        )
        const fiber = yield* Effect.fork(send(HttpClientRequest.bodyStream(HttpClientRequest.post(origin), upload)))
        yield* until(() => open() === 1)
        yield* Effect.sleep(20)
        const end = yield* outcome(Effect.flatten(Fiber.interrupt(fiber)))
        yield* until(() => closed() > 0)
        yield* Effect.sleep(50)
        return [end, ended]
      }),
    expected: ["interrupted", true],
    but: { fetch: ["interrupted", false] }
  },
  {
    name: "a call that is interrupted before it is connected",
    observe: (send) =>
      Effect.gen(function* () {
        const { open, origin, received } = yield* receiving
        const fiber = yield* Effect.fork(send(get(origin)))
        yield* Effect.yieldNow()
        const end = yield* outcome(Effect.flatten(Fiber.interrupt(fiber)))
        yield* Effect.sleep(50)
        return [end, received.length, open() <= 1]
      }),
    expected: ["interrupted", 0, true]
  }
]

/** Of an answer that is read otherwise than whole and once. */
const reading: ReadonlyArray<ClientBehaviour> = [
  {
    name: "an answer read as text and as JSON",
    ...read("[1]", (response) => Effect.all([response.text, response.json, response.text])),
    expected: ["[1]", [1], "[1]"]
  },
  {
    name: "an answer read as a stream, and then as text",
    ...read("hi", (response) => Effect.zipRight(Stream.runDrain(response.stream), response.text)),
    expected: "ResponseError Decode",
    but: { node: "no end" }
  },
  { name: "an empty answer read as JSON", ...read("", (response) => response.json), expected: null },
  {
    name: "an answer read as JSON that is none",
    ...read("{", (response) => response.json),
    expected: "ResponseError Decode"
  },
  { name: "an answer read as urlParams", ...read("a=b", (response) => response.urlParamsBody), expected: [["a", "b"]] },
  {
    name: "a text with a byte order mark",
    ...read("\uFEFFhi", (response) => Effect.map(response.text, ({ length }) => length)),
    expected: 2,
    but: { node: 3 }
  },
  {
    name: "the stream of an empty answer",
    ...read("", (response) => Effect.map(Stream.runCollect(response.stream), Chunk.size)),
    expected: 0
  },
  {
    name: "the stream of a 204",
    ...read(undefined, (response) => Effect.map(Stream.runCollect(response.stream), Chunk.size)),
    expected: 0,
    but: { fetch: "ResponseError EmptyBody" }
  },
  {
    name: "cookies",
    ...read("", ({ cookies }) => Effect.succeed(Object.keys(Cookies.toRecord(cookies)))),
    expected: ["a", "b"]
  },
  {
    name: "an answer that is longer than MaxBodySize",
    ...read("x".repeat(1000), (response) =>
      response.text.pipe(
        Effect.map(({ length }) => length),
        HttpIncomingMessage.withMaxBodySize(Option.some(FileSystem.Size(10)))
      )
    ),
    expected: "ResponseError Decode",
    but: { fetch: 1000, undici: 1000 }
  },
  {
    name: "a stream of which one piece is read",
    observe: Effect.gen(function* () {
      const { closed, origin } = yield* answering((_, response) =>
        Readable.from(Array.from({ length: 64 }, () => megabyte)).pipe(response)
      )
      const response = yield* HttpClient.get(origin)
      yield* Stream.runDrain(Stream.take(response.stream, 1))
      yield* until(() => closed() > 0)
      return closed() > 0
    }),
    expected: true
  },
  {
    name: "64 MiB down, no faster than they are read",
    observe: Effect.gen(function* () {
      let made = 0
      const { origin } = yield* answering((_, response) => {
        const content = Array.from({ length: 64 }, () => megabyte)
        Readable.from(content)
          .on("data", () => (made += 1))
          .pipe(response)
      })
      const response = yield* HttpClient.get(origin)
      yield* Effect.sleep(200)
      const early = made
      const size = yield* Stream.runFold(response.stream, 0, (size, piece) => size + piece.length)
      return [early < 24, size]
    }),
    expected: [true, 64 * 1_048_576]
  },
  {
    name: "an answer that nobody reads, in a scope that ends",
    observe: Effect.gen(function* () {
      const { closed, origin } = yield* writing((socket) =>
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhi")
      )
      const client = HttpClient.withScope(yield* HttpClient.HttpClient)
      const { status } = yield* Effect.scoped(client.get(origin))
      yield* until(() => closed() > 0)
      return status
    }),
    expected: 200
  },
  {
    name: "a span of a call",
    observe: Effect.gen(function* () {
      const { origin, received } = yield* receiving
      yield* Effect.scoped(Effect.asVoid(HttpClient.get(origin)))
      return /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(String(received[0]?.headers["traceparent"]))
    }),
    expected: true
  }
]

function read<A, E>(
  body: string | undefined,
  look: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, E>
) {
  return {
    observe: Effect.gen(function* () {
      const { origin } = yield* answering((_, response) =>
        response
          .writeHead(
            body === undefined ? 204 : 200,
            [
              ["set-cookie", "a=1"],
              ["set-cookie", "b=2"]
            ].flat()
          )
          .end(body)
      )
      return yield* Effect.flatMap(HttpClient.get(origin), look)
    })
  }
}

const inTime = <A, E, R>(observe: Effect.Effect<A, E, R>) =>
  observe.pipe(
    Effect.timeoutTo({ duration: "5 seconds", onTimeout: () => "no end", onSuccess: (observed) => observed }),
    outcome
  )

const alike = [...answers, ...requests, ...connections]

describe.each(wayNames)("over %s", (way) => {
  it.scopedLive.each(alike)(
    "$name",
    ({ but = {}, expected, observe }) =>
      Effect.gen(function* () {
        const { layer, send } = ways[way]
        const observed = yield* inTime(Effect.provide(observe(send), layer))
        assert.deepStrictEqual(observed, way in but ? but[way] : expected)
      }),
    20_000
  )
})

describe.each(clientNames)("over %s", (client) => {
  it.scopedLive.each(reading)(
    "$name",
    ({ but = {}, expected, observe }) =>
      Effect.gen(function* () {
        const observed = yield* inTime(Effect.provide(observe, clients[client]))
        assert.deepStrictEqual(observed, client in but ? but[client] : expected)
      }),
    20_000
  )
})

describe("the README", () => {
  it("tells every difference, and no other", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
    const table = readme.split("<!-- differences -->")[1]?.trim().split("\n\n")[0] ?? ""
    const told = table
      .split("\n")
      .slice(2)
      .map((row) => row.split("|")[1]?.trim())
    const seen = [...alike, ...reading].flatMap(({ but, name }) => (but === undefined ? [] : [name]))
    assert.deepStrictEqual(told, seen)
  })
})
