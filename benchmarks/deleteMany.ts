/**
 * What deleteMany costs beside a plain loop of deleteAttachment, and what memory it takes.
 *
 * Each figure comes from a process of its own; variants alternate; the median of the runs counts. Both variants delete
 * through an HttpClient that answers at once, so that the library is all there is to measure.
 *
 *     npm run bench
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Attachments, BiginAuth, deleteAttachment, DeleteReport } from "effect-bigin"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { instantClient } from "./instantClient.ts"

const refOf = (index: number) => ({ module: "Contacts", recordId: "1", attachmentId: String(index) })

const variants = {
  "a loop of deleteAttachment": (count: number) =>
    Effect.gen(function* () {
      for (let index = 1; index <= count; index++) yield* deleteAttachment(refOf(index))
      return count
    }),
  deleteMany: (count: number) =>
    Stream.range(1, count).pipe(
      Stream.map(refOf),
      Attachments.deleteMany,
      Stream.run(DeleteReport.summary),
      Effect.map(({ outcomes }) => outcomes.Deleted)
    )
} as const

type Variant = keyof typeof variants

interface Measured {
  readonly microsPerItem: number
  readonly peakMegabytes: number
}

const measure = (variant: Variant, count: number): Promise<Measured> =>
  Effect.gen(function* () {
    yield* variants[variant](Math.min(count, 20_000))
    const before = process.cpuUsage()
    const deleted = yield* variants[variant](count)
    const { system, user } = process.cpuUsage(before)
    if (deleted !== count) return yield* Effect.dieMessage(`${deleted} of ${count} were deleted`)
    return { microsPerItem: (user + system) / count, peakMegabytes: process.resourceUsage().maxRSS / 1024 }
  }).pipe(
    Effect.orDie,
    Effect.provide(
      Layer.merge(
        Layer.succeed(HttpClient.HttpClient, instantClient),
        BiginAuth.layerToken({ accessToken: Redacted.make("1000.benchmark.0123456789abcdef") })
      )
    ),
    Effect.runPromise
  )

const apart = (variant: Variant, count: number): Measured =>
  JSON.parse(
    // with little room for what is young, the peak is what is kept and not what a collector has not come to yet
    execFileSync(
      process.execPath,
      [...process.execArgv, "--max-semi-space-size=4", fileURLToPath(import.meta.url), variant, String(count)],
      { encoding: "utf8" }
    )
  ) as Measured // what the child has just written

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN

const [variant, count] = process.argv.slice(2)
if (variant === "deleteMany" || variant === "a loop of deleteAttachment") {
  console.log(JSON.stringify(await measure(variant, Number(count))))
} else {
  const runs = Array.from({ length: 5 }, () => ({
    loop: apart("a loop of deleteAttachment", 50_000).microsPerItem,
    many: apart("deleteMany", 50_000).microsPerItem
  }))
  const loop = median(runs.map((run) => run.loop))
  const many = median(runs.map((run) => run.many))
  console.log(`a loop of deleteAttachment  ${loop.toFixed(1)} µs an item`)
  console.log(`deleteMany                  ${many.toFixed(1)} µs an item, ${(many / loop).toFixed(2)} of the loop`)
  for (const size of [100_000, 1_000_000]) {
    console.log(`deleteMany of ${size}: peak ${apart("deleteMany", size).peakMegabytes.toFixed(0)} MB`)
  }
}
