/** How much of an answer is read, and what becomes of one that is longer. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import { Attachments, BiginAuth, deleteAttachment } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import type { ServerResponse } from "node:http"
import { brotliCompressSync, constants, deflateRawSync, gzipSync } from "node:zlib"
import { bundled, running } from "./child.ts"
import { clients } from "./doors.ts"
import { loopback } from "./loopback.ts"

const mebi = 1_048_576

/** How an answer is sent: until somebody ends it. */
type Sending = (response: ServerResponse) => void

const head = (response: ServerResponse, status: number, headers: Record<string, string | number>) =>
  response.writeHead(status, { "content-type": "text/html", ...headers })

const pouring = (response: ServerResponse, piece: Uint8Array, most: number) => {
  let sent = 0
  const pour = () => {
    while (!response.destroyed && sent < most) {
      sent += piece.length
      if (!response.write(piece)) {
        response.once("drain", pour)
        return
      }
    }
    if (sent >= most) response.end()
  }
  pour()
}

const letters = new Uint8Array(65_536).fill(0x61)

const page =
  (status: number, length?: number): Sending =>
  (response) => {
    head(response, status, length === undefined ? {} : { "content-length": length })
    pouring(response, letters, length ?? Number.POSITIVE_INFINITY)
  }

const refusal = JSON.stringify({ code: "NO_PERMISSION", details: {}, message: "no", status: "error" })

/** One byte in a chunk of its own: a page's worth of spaces, and then Bigin's refusal. */
const dripping: Sending = (response) => {
  head(response, 403, {})
  response.flushHeaders()
  response.socket?.write([...(" ".repeat(50_000) + refusal)].map((byte) => `1\r\n${byte}\r\n`).join(""))
  response.socket?.end("0\r\n\r\n")
}

/** A byte now and then, for ever. */
const trickling: Sending = (response) => {
  head(response, 502, {})
  const dripping = setInterval(() => response.write("a"), 2)
  response.on("close", () => clearInterval(dripping))
}

const coded =
  (status: number, coding: string, bytes: Uint8Array): Sending =>
  (response) => {
    head(response, status, { "content-encoding": coding, "content-length": bytes.length })
    response.end(bytes)
  }

const zeros = Buffer.alloc(64 * mebi)
const member = gzipSync(zeros)
/** Nearly a gigabyte in less than a mebibyte. */
const gzipBomb = Buffer.concat(Array.from({ length: 15 }, () => member))
const block = deflateRawSync(zeros, { finishFlush: constants.Z_FULL_FLUSH })
const rawBomb = Buffer.concat([...Array.from({ length: 8 }, () => block), deflateRawSync(Buffer.alloc(0))])
const zlibBomb = Buffer.concat([Buffer.from([0x78, 0x9c]), rawBomb])
const brotliBomb = brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })

interface Case {
  readonly operation: "call" | "list" | "download" | "mint"
  readonly name: string
  readonly send: Sending
  readonly tag: string
}

const operations = ["call", "list", "download", "mint"] as const

const tagOf = (operation: Case["operation"], status: number): string => {
  if (operation === "mint") return "TokenUnreachable"
  if (status >= 500) return "ServiceFault"
  return status < 300 && operation === "call" ? "UnconfirmedSuccess" : "MalformedResponse"
}

const cases: ReadonlyArray<Case> = operations.flatMap((operation) => {
  const one = (name: string, status: number, send: Sending): Case => ({
    operation,
    name: `${name} under ${status}`,
    send,
    tag: tagOf(operation, status)
  })
  return [
    ...(operation === "list" ? [200, 502] : [200, 302, 404, 502]).flatMap((status) => [
      one("a page of 64 MB", status, page(status, 64_000_000)),
      one("a page without an end", status, page(status))
    ]),
    // a token's timeout is 30 seconds
    ...(operation === "mint"
      ? []
      : [
          { ...one("one byte after the other", 403, dripping), tag: "NoPermission" },
          { ...one("a byte now and then", 502, trickling), tag: "RequestTimedOut" }
        ]),
    one("a gzip bomb", 400, coded(400, "gzip", gzipBomb)),
    ...(operation === "call"
      ? [
          one("a gzip bomb", 200, coded(200, "gzip", gzipBomb)),
          one("a bomb of raw deflate", 502, coded(502, "deflate", rawBomb)),
          one("a bomb of deflate", 400, coded(400, "deflate", zlibBomb)),
          one("a bomb of brotli", 502, coded(502, "br", brotliBomb))
        ]
      : [])
  ]
})

describe.each(["fetch", "node", "undici"])("a process of 96 MB over %s", (client) => {
  it.live(
    "survives every long answer and says by its status what it is",
    () =>
      Effect.gen(function* () {
        const sent = new Map<string, number>()
        const { origin, until } = yield* loopback((request, response) => {
          let form = ""
          request.on("data", (chunk) => (form += chunk))
          request.on("end", () => {
            const number =
              /client_id=(\d+)/.exec(form)?.[1] ?? /^\/bigin\/v1\/Contacts\/(\d+)\//.exec(request.url ?? "")?.[1]
            const found = cases[Number(number) - 1]
            if (found === undefined || response.socket === null) return response.destroy()
            const { socket } = response
            const begun = socket.bytesWritten
            response.on("close", () => sent.set(`${found.operation}: ${found.name}`, socket.bytesWritten - begun))
            return found.send(response)
          })
        })
        const program = yield* bundled("sizes")
        const { code, output } = yield* running(
          program,
          {
            BIGIN_ORIGIN: origin,
            CLIENT: client,
            CASES: cases
              .map(
                ({ operation, tag }, index) => `${operation} ${index + 1} ${tag === "RequestTimedOut" ? 300 : 30_000}`
              )
              .join("\n")
          },
          ["--max-old-space-size=96"]
        )
        assert.strictEqual(code, 0, output)
        const { most, tags, unhandled } = JSON.parse(output)
        assert.deepStrictEqual(
          cases.map(({ name, operation }, index) => `${operation}: ${name}: ${tags[index].split(":")[0]}`),
          cases.map(({ name, operation, tag }) => `${operation}: ${name}: ${tag}`)
        )
        assert.deepStrictEqual(unhandled, [])
        // the rest was not read
        yield* until(() => sent.size === cases.length)
        for (const [name, bytes] of sent) {
          assert.isBelow(bytes, (name.startsWith("list") ? 16 : 1) * mebi + 16 * mebi, name)
        }
        assert.isBelow(most.arrayBuffers, 96 * mebi)
        assert.isBelow(most.rss, 300 * mebi)
      }).pipe(Effect.scoped),
    60_000
  )
})

describe.each(Object.entries(clients))("an answer over %s", (_, client) => {
  const ref = Fixtures.attachment
  const success = Fixtures.success(ref.attachmentId).body
  const rows = JSON.stringify({ data: [], info: { more_records: false } })

  /** What an operation makes of a body, whose length is told or not. */
  const reading = <A, E, R>(
    operation: Effect.Effect<A, E, R>,
    body: string,
    options: { readonly isTold: boolean; readonly status?: number }
  ) =>
    Effect.gen(function* () {
      const { origin } = yield* loopback((_, response) => {
        response.writeHead(options.status ?? 200, {
          "content-type": "application/json",
          ...(options.isTold ? { "content-length": Buffer.byteLength(body) } : {})
        })
        response.end(body)
      })
      return yield* operation.pipe(
        Effect.provide([client, BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin: origin })])
      )
    }).pipe(Effect.scoped)

  const list = Stream.runDrain(Attachments.listAttachments(ref))

  it.live.each([true, false])("of just a mebibyte is read, and of one byte more is not (length told: %s)", (isTold) =>
    Effect.gen(function* () {
      const call = deleteAttachment(ref)
      assert.deepStrictEqual(yield* reading(call, success.padStart(mebi), { isTold }), ref)
      assert.strictEqual(
        (yield* Effect.flip(reading(call, success.padStart(mebi + 1), { isTold })))._tag,
        "UnconfirmedSuccess"
      )
      assert.strictEqual(
        (yield* Effect.flip(reading(call, refusal.padEnd(mebi), { isTold, status: 403 })))._tag,
        "NoPermission"
      )
      const error = yield* Effect.flip(reading(call, refusal.padEnd(mebi + 1), { isTold, status: 403 }))
      assert.strictEqual(error._tag, "MalformedResponse")
      const failed = yield* Effect.flip(reading(call, refusal.padEnd(2 * mebi), { isTold, status: 503 }))
      assert.strictEqual(failed._tag, "ServiceFault")
    })
  )

  it.live.each([true, false])(
    "that is a page of a list may have 16 mebibytes (length told: %s)",
    (isTold) =>
      Effect.gen(function* () {
        yield* reading(list, rows.padStart(16 * mebi), { isTold })
        const error = yield* Effect.flip(reading(list, rows.padStart(16 * mebi + 1), { isTold }))
        assert.strictEqual(error._tag, "MalformedResponse")
      }),
    20_000
  )

  it.live("that is split anywhere is the same text", () =>
    Effect.gen(function* () {
      const body = JSON.stringify({ code: "ELSE", details: { name: "ß→𝄞" }, message: "→", status: "error" })
      const bytes = Buffer.from(body)
      const { origin } = yield* loopback((_, response) => {
        response.writeHead(400, {})
        for (const byte of bytes) response.write(Uint8Array.of(byte))
        response.end()
      })
      const error = yield* deleteAttachment(ref).pipe(
        Effect.flip,
        Effect.provide([client, BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin: origin })])
      )
      assert.deepInclude(error, { _tag: "UnrecognizedCode", wireMessage: "→", details: { name: "ß→𝄞" } })
    }).pipe(Effect.scoped)
  )
})
