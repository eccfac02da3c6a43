/** Reads answers that are coded, cut, or longer than they say, and prints what nobody handled. */
import { HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Effect } from "effect"
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib"
import { readAnswer } from "../../src/internal/request/body.ts"

const unhandled: Array<string> = []
process.on("uncaughtException", (error) => unhandled.push(`uncaught ${error.stack}`))
process.on("unhandledRejection", (error) => unhandled.push(`unhandled ${error instanceof Error ? error.stack : error}`))

const text = Buffer.from(JSON.stringify({ data: Array.from({ length: 2000 }, (_, index) => index * 7919) }))
const whole = [gzipSync(text), deflateSync(text), deflateRawSync(text), gzipSync(Buffer.alloc(4_000_000))]
const bodies = whole.flatMap((bytes) => [
  bytes,
  bytes.subarray(0, 1),
  bytes.subarray(0, 11),
  bytes.subarray(0, bytes.length / 2),
  bytes.subarray(0, bytes.length - 1),
  Buffer.concat([bytes, Buffer.from("and more")]),
  Buffer.concat([bytes.subarray(0, bytes.length / 2), Buffer.alloc(100, 0xee), bytes.subarray(bytes.length / 2)])
])

const read = (coding: string, bytes: Uint8Array<ArrayBuffer>, most: number) =>
  readAnswer(
    HttpClientResponse.fromWeb(
      HttpClientRequest.get("https://www.zohoapis.com"),
      new Response(bytes, { headers: { "content-encoding": coding } })
    ),
    most
  )

await Effect.runPromise(
  Effect.forEach(
    bodies.flatMap((bytes) => ["gzip", "deflate", "br"].map((coding) => ({ bytes: new Uint8Array(bytes), coding }))),
    ({ bytes, coding }) =>
      Effect.gen(function* () {
        yield* read(coding, bytes, 1_048_576)
        yield* read(coding, bytes, 5000)
        // called off in the middle
        yield* Effect.timeoutOption(read(coding, bytes, 1_048_576), 0)
      }),
    { concurrency: 4 }
  )
)
await new Promise((resume) => setTimeout(resume, 100))
console.log(JSON.stringify(unhandled))
