/**
 * Whether the library grows over NodeTransport: many deletions, 100 at a time, of which 5 in 100 are cut, 5 are slow and one is answered
 * by more than the library reads. Client and server are processes of their own.
 *
 *     npm run soak
 *     npm run soak -- --requests 20000
 *
 * It fails where an item ends otherwise than its fate says, or where the memory of the last quarter is more than that of the second.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { deleteAttachment } from "effect-bigin/Attachments"
import * as BiginAuth from "effect-bigin/BiginAuth"
import * as NodeTransport from "effect-bigin-node/NodeTransport"
import { build } from "esbuild"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const concurrency = 100
/** How often memory is measured. */
const samples = 40
/** By how much the last quarter may exceed the second, in MB. */
const allowed = 20

type Fate = "answered" | "cut" | "slow" | "large"

const fateOf = (id: number): Fate => {
  const turn = id % 100
  return turn < 5 ? "cut" : turn < 10 ? "slow" : turn === 10 ? "large" : "answered"
}

/** What a deletion has to end with. */
const ends: { readonly [fate in Fate]: string } = {
  answered: "Deleted",
  cut: "ConnectionLost",
  slow: "Deleted",
  large: "UnconfirmedSuccess"
}

interface Sample {
  readonly done: number
  /** After a collection, in MB. */
  readonly rss: number
}

interface Report {
  readonly samples: ReadonlyArray<Sample>
  /** By fate and end. */
  readonly counts: { readonly [fateAndEnd: string]: number }
}

const serve = () => {
  const large = Buffer.alloc(1_200_000, " ")
  const head = (length: number) =>
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`
  const answer = (socket: Socket, id: number) => {
    const body = `{"data":[{"code":"SUCCESS","details":{"id":"${id}"},"message":"record deleted","status":"success"}]}`
    const write = () => socket.write(head(body.length) + body)
    switch (fateOf(id)) {
      case "answered":
        return void write()
      case "slow":
        return void setTimeout(write, 100)
      case "cut":
        return void socket.destroy()
      case "large":
        socket.write(head(large.length))
        return void socket.write(large)
    }
  }
  const server = createServer({ noDelay: true }, (socket) => {
    socket.setEncoding("latin1").on("data", (text: string) => {
      // one request at a time, without a body
      const id = /\/(\d+) HTTP/.exec(text)?.[1]
      if (id !== undefined) answer(socket, Number(id))
    })
    socket.on("error", () => socket.destroy())
  })
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    // a string is the address of a pipe, and null that of a server that does not listen
    if (typeof address === "object" && address !== null) process.send?.(`http://127.0.0.1:${address.port}`)
  })
  process.once("disconnect", () => process.exit())
}

const deleteAll = (apiOrigin: string, requests: number): Promise<Report> => {
  const counts: { [fateAndEnd: string]: number } = {}
  const seen: Array<Sample> = []
  let begun = 0
  let done = 0
  const one = (id: number) =>
    deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: String(id) }).pipe(
      Effect.match({ onSuccess: () => "Deleted", onFailure: ({ _tag }) => _tag }),
      Effect.map((end) => {
        const key = `${fateOf(id)}: ${end}`
        counts[key] = (counts[key] ?? 0) + 1
        done += 1
        if (done % Math.ceil(requests / samples) === 0) {
          globalThis.gc?.()
          seen.push({ done, rss: process.memoryUsage.rss() / 1_048_576 })
          process.send?.(seen.at(-1))
        }
      })
    )
  const worker = Effect.whileLoop({
    while: () => begun < requests,
    body: () => Effect.suspend(() => one(++begun)),
    step: () => {}
  })
  return Effect.all(
    Array.from({ length: concurrency }, () => worker),
    { concurrency, discard: true }
  ).pipe(
    Effect.provide(
      Layer.merge(
        NodeTransport.layerWith({ proxy: "none" }),
        BiginAuth.layerToken({ accessToken: Redacted.make("1000.soak.0123456789abcdef"), apiOrigin })
      )
    ),
    Effect.as({ samples: seen, counts }),
    Effect.runPromise
  )
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN

/** What is wrong, if anything. */
const judge = ({ counts, samples }: Report, requests: number): ReadonlyArray<string> => {
  const quarters = [0, 1, 2, 3].map((quarter) =>
    median(samples.filter(({ done }) => Math.ceil((4 * done) / requests) === quarter + 1).map(({ rss }) => rss))
  )
  console.log(`RSS after a collection, medians of the quarters: ${quarters.map((rss) => rss.toFixed(0)).join(", ")} MB`)
  for (const [fateAndEnd, count] of Object.entries(counts)) console.log(`${fateAndEnd}: ${count}`)
  const expected = new Map<string, number>()
  for (let id = 1; id <= requests; id++) {
    const key = `${fateOf(id)}: ${ends[fateOf(id)]}`
    expected.set(key, (expected.get(key) ?? 0) + 1)
  }
  const [, second = Number.NaN, , last = Number.NaN] = quarters
  return [
    ...(last - second <= allowed ? [] : [`the last quarter has ${(last - second).toFixed(0)} MB more than the second`]),
    ...[...new Set([...expected.keys(), ...Object.keys(counts)])]
      .filter((key) => expected.get(key) !== counts[key])
      .map((key) => `${key}: ${counts[key] ?? 0} instead of ${expected.get(key) ?? 0}`)
  ]
}

const soak = async (requests: number) => {
  const program = fileURLToPath(new URL("build/soak/soak.js", import.meta.url))
  // compiled first: a loader of TypeScript in the process would count as well
  await build({
    entryPoints: [fileURLToPath(import.meta.url)],
    outfile: program,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20"
  })
  const server = fork(program, ["serve"], { execArgv: [] })
  const [origin] = await once(server, "message")
  const client = fork(program, ["delete", origin, String(requests)], { execArgv: ["--expose-gc"] })
  const report = await reportOf(client, requests)
  server.disconnect()
  const faults = judge(report, requests)
  for (const fault of faults) console.log(`FAILED ${fault}`)
  process.exitCode = faults.length === 0 ? 0 : 1
}

/** Prints what the client tells while it runs. */
const reportOf = (client: ChildProcess, requests: number): Promise<Report> =>
  new Promise((resolve, reject) => {
    client.on("message", (message: Report | Sample) => {
      if ("counts" in message) return resolve(message)
      console.log(`${message.done} of ${requests}: ${message.rss.toFixed(0)} MB`)
    })
    client.on("exit", (code) => reject(new Error(`the client ended with ${code}`)))
  })

const [role, origin = "", requests] = process.argv.slice(2)
if (role === "serve") serve()
else if (role === "delete") {
  const report = await deleteAll(origin, Number(requests))
  process.send?.(report, () => process.exit())
} else {
  const { values } = parseArgs({ options: { requests: { type: "string", default: "1000000" } } })
  await soak(Number(values.requests))
}
