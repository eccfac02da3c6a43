/** Requests ask for no coding; what comes coded all the same is undone or named, and never taken for what it is not. */
import { HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream, Layer } from "effect"
import { Attachments, BiginAuth, deleteAttachment } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib"
import { readAnswer } from "../src/internal/request/body.ts"
import { bundled, running } from "./child.ts"
import { clients } from "./doors.ts"
import { loopback } from "./loopback.ts"

const ref = Fixtures.attachment
const success = Fixtures.success(ref.attachmentId).body
const plain = Buffer.from(success)

const auth = (origin: string) =>
  BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.administrator), apiOrigin: origin })

/** The call, answered by these bytes under this coding. */
const answered = (
  coding: string,
  bytes: Uint8Array,
  {
    client,
    isTold = true,
    status = 200
  }: { client: (typeof clients)["FetchHttpClient"]; isTold?: boolean; status?: number }
) =>
  Effect.gen(function* () {
    const { origin } = yield* loopback((_, response) => {
      response.writeHead(status, {
        "content-type": "application/json",
        "content-encoding": coding,
        ...(isTold ? { "content-length": bytes.length } : {})
      })
      response.end(status === 204 ? undefined : bytes)
    })
    return yield* Effect.either(deleteAttachment(ref)).pipe(Effect.provide([client, auth(origin)]))
  }).pipe(
    Effect.scoped,
    Effect.map((outcome) => (outcome._tag === "Right" ? "Success" : outcome.left._tag))
  )

const cut = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 12)
/** One of which the last piece holds what the JSON ends with. */
const cutEarly = (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)

describe.each(Object.entries(clients))("an answer over %s", (name, client) => {
  it.live.each([
    ["gzip", gzipSync(plain)],
    ["x-gzip", gzipSync(plain)],
    ["GZIP", gzipSync(plain)],
    [" gzip ", gzipSync(plain)],
    ["gzip", Buffer.concat([gzipSync(plain.subarray(0, 20)), gzipSync(plain.subarray(20))])],
    ["deflate", deflateSync(plain)],
    ["deflate", deflateRawSync(plain)],
    ["Deflate", deflateSync(plain, { level: 0 })],
    ["identity", plain],
    ["Identity", plain]
  ] as const)("is undone: %s", ([coding, bytes]) =>
    Effect.gen(function* () {
      for (const isTold of [true, false]) {
        assert.strictEqual(yield* answered(coding, bytes, { client, isTold }), "Success")
        assert.strictEqual(yield* answered(coding, bytes, { client, isTold, status: 502 }), "UnconfirmedSuccess")
      }
    })
  )

  it.live.each([
    ["of another id", gzipSync(Fixtures.success("1").body), "UnconfirmedSuccess"],
    ["of a refusal", gzipSync(Fixtures.documented("NoPermission").body), "NoPermission"],
    ["of nothing", gzipSync(""), "UnconfirmedSuccess"]
  ] as const)("is read as what it holds: gzip %s", ([, bytes, tag]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* answered("gzip", bytes, { client }), tag)
    })
  )

  it.live.each([
    ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0xff, 0xfe])],
    ["compress", Buffer.from([0x1f, 0x9d, 0x90, 0xff])],
    ["gzip, gzip", gzipSync(gzipSync(plain))],
    ["gzip, br", brotliCompressSync(gzipSync(plain))],
    ["br", brotliCompressSync(plain)],
    ["gzip", cutEarly(gzipSync(plain))],
    ["gzip", cut(gzipSync(plain))],
    ["deflate", gzipSync(plain)],
    ["gzip", deflateSync(plain)],
    ["gzip", brotliCompressSync(plain)],
    ["br", gzipSync(plain)],
    ["gzip", Buffer.from([0x1f, 0x8b])],
    ["deflate", Buffer.from([0x78, 0x9c])]
  ] as const)("is a failure or the very success, and no defect: %s", ([coding, bytes]) =>
    Effect.gen(function* () {
      const isUndone = ["Success"]
      const isNot = ["UnconfirmedSuccess", "ConnectionLost"]
      const tag = yield* answered(coding, bytes, { client })
      // fetch undoes more by itself, and takes what was cut behind the last byte of the text for whole
      const canBe = name.startsWith("Fetch") ? [...isUndone, ...isNot] : isNot
      assert.include(canBe, tag)
    })
  )

  it.live.each(["gzip", "br", "deflate", "zstd", "gzip, br"])(
    "bears a header that lies, where a proxy has undone it: %s",
    (coding) =>
      Effect.gen(function* () {
        // fetch tries, and fails
        const lie =
          name.startsWith("Fetch") && coding !== "zstd" ? ["ConnectionLost", "UnconfirmedSuccess"] : ["Success"]
        assert.include(lie, yield* answered(coding, plain, { client }))
      })
  )

  it.live("may bear one and have no body", () =>
    Effect.gen(function* () {
      for (const coding of ["gzip", "br", "deflate"]) {
        assert.strictEqual(yield* answered(coding, plain, { client, isTold: false, status: 204 }), "UnconfirmedSuccess")
      }
    })
  )
})

describe.each(Object.entries(clients))("a request over %s", (_, client) => {
  it.live("asks for no coding, and says who asks: each operation, and a mint", () =>
    Effect.gen(function* () {
      const seen: Array<readonly [string, string | undefined, string | undefined]> = []
      const { origin } = yield* loopback((request, response) => {
        const { "accept-encoding": accepted, "user-agent": agent } = request.headers
        seen.push([`${request.method} ${request.url?.split("?")[0]}`, accepted?.toString(), agent])
        request.resume()
        response.writeHead(200, { "content-type": "application/json" })
        response.end(
          request.url?.includes("/oauth/") ? JSON.stringify({ access_token: "1000.minted", expires_in: 3600 }) : success
        )
      })
      const { clientId, clientSecret, refreshToken } = Fixtures.client
      yield* Effect.gen(function* () {
        yield* deleteAttachment(ref)
        yield* Effect.ignore(Stream.runDrain(Attachments.listAttachments(ref)))
        yield* Effect.ignore(Stream.runDrain(Attachments.downloadAttachment(ref)))
        yield* Effect.ignore(Attachments.uploadAttachment(ref, { fileName: "a", content: new Uint8Array(3) }))
      }).pipe(
        Effect.provide(
          Layer.provideMerge(
            BiginAuth.layerRefreshToken({
              clientId,
              clientSecret: Redacted.make(clientSecret),
              refreshToken: Redacted.make(refreshToken),
              accountsOrigin: origin,
              apiOrigin: origin
            }),
            client
          )
        )
      )
      const attachments = "/bigin/v1/Contacts/2883756000000261075/Attachments"
      assert.deepStrictEqual(
        seen,
        [
          "POST /oauth/v2/token",
          `DELETE ${attachments}/${ref.attachmentId}`,
          `GET ${attachments}`,
          `GET ${attachments}/${ref.attachmentId}`,
          `POST ${attachments}`
        ].map((line) => [line, "identity", "effect-bigin/0.1.0"] as const)
      )
    }).pipe(Effect.scoped)
  )
})

describe("the reading of an answer", () => {
  const mebi = 1_048_576

  /** As a client gives it that has undone nothing. */
  const read = (coding: string | undefined, bytes: Uint8Array, status = 200) =>
    readAnswer(
      HttpClientResponse.fromWeb(
        HttpClientRequest.del("https://www.zohoapis.com"),
        new Response(status === 204 ? null : (bytes as Uint8Array<ArrayBuffer>), {
          status,
          headers: coding === undefined ? {} : { "content-encoding": coding }
        })
      ),
      mebi
    )

  it.effect.each([
    ["br", brotliCompressSync(plain)],
    ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xff])],
    ["gzip, gzip", gzipSync(gzipSync(plain))],
    ["gzip", cutEarly(gzipSync(plain))],
    ["deflate", gzipSync(plain)],
    ["gzip", deflateSync(plain)]
  ] as const)("names a coding that it cannot undo: %s", ([coding, bytes]) =>
    Effect.gen(function* () {
      const { body, problem } = yield* read(coding, bytes)
      assert.strictEqual(body, "")
      assert.strictEqual(problem, `it has the content-encoding ${JSON.stringify(coding)}, which could not be undone`)
    })
  )

  it.effect("names no more than the beginning of a coding", () =>
    Effect.gen(function* () {
      const { problem = "" } = yield* read("x".repeat(10_000), Buffer.from([0xff]))
      assert.isBelow(problem.length, 200)
    })
  )

  it.effect("has no problem with what it can undo, with what was undone, and with nothing", () =>
    Effect.gen(function* () {
      for (const [coding, bytes] of [
        ["gzip", gzipSync(plain)],
        ["deflate", deflateRawSync(plain)],
        ["br", plain],
        ["identity", plain],
        [undefined, plain]
      ] as const) {
        const { body, problem } = yield* read(coding, bytes)
        assert.strictEqual(body, success)
        assert.isUndefined(problem)
      }
      for (const status of [200, 204]) {
        const { body, problem } = yield* read("gzip", new Uint8Array(), status)
        assert.strictEqual(body, "")
        assert.isUndefined(problem)
      }
    })
  )

  it.effect("says of a long answer that it is long, coded or not, and keeps its beginning", () =>
    Effect.gen(function* () {
      const long = Buffer.alloc(mebi + 1, "a")
      for (const [coding, bytes] of [
        [undefined, long],
        ["gzip", gzipSync(long)],
        ["deflate", deflateSync(long)],
        ["br", long]
      ] as const) {
        const { body, problem } = yield* read(coding, bytes)
        assert.strictEqual(problem, "it is longer than 1048576 bytes")
        assert.strictEqual(body, "a".repeat(16_384))
      }
    })
  )

  it.effect("keeps a byte order mark, whose meaning is for who reads the text", () =>
    Effect.gen(function* () {
      for (const coding of [undefined, "gzip"]) {
        const marked = Buffer.from(`\uFEFF${success}`)
        assert.strictEqual(
          (yield* read(coding, coding === undefined ? marked : gzipSync(marked))).body,
          `\uFEFF${success}`
        )
      }
    })
  )
})

describe("a process that reads coded answers", () => {
  it.live(
    "hears of no rejection that nobody handles",
    () =>
      Effect.gen(function* () {
        const program = yield* bundled("codings")
        const { code, output } = yield* running(program, {})
        assert.deepStrictEqual({ code, output: output.trim() }, { code: 0, output: "[]" })
      }).pipe(Effect.scoped),
    60_000
  )
})
