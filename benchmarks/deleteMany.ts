/**
 * What deleteMany costs beside a plain loop of deleteAttachment, and what memory it takes.
 *
 * Both delete through an HttpClient that answers at once, so that the library is all there is to measure. They take turns in
 * one process, since a machine is seldom as fast as a minute ago: each turn gives a ratio, and the median of all counts.
 *
 *     npm run bench:many
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
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

const bigin = Layer.merge(
  Layer.succeed(HttpClient.HttpClient, instantClient),
  BiginAuth.layerToken({ accessToken: Redacted.make("1000.benchmark.0123456789abcdef") })
)

/** Microseconds of processor time for one item. */
const cost = (variant: keyof typeof variants, count: number) =>
  Effect.gen(function* () {
    const before = process.cpuUsage()
    const deleted = yield* variants[variant](count)
    const { system, user } = process.cpuUsage(before)
    if (deleted !== count) return yield* Effect.dieMessage(`${deleted} of ${count} were deleted`)
    return (user + system) / count
  })

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN

const turns = 40
const aTurn = 5_000

const compare = Effect.gen(function* () {
  const costs: Array<{ readonly loop: number; readonly many: number }> = []
  for (let turn = -4; turn < turns; turn++) {
    const loop = yield* cost("a loop of deleteAttachment", aTurn)
    const many = yield* cost("deleteMany", aTurn)
    // the first few are there to warm up
    if (turn >= 0) costs.push({ loop, many })
  }
  yield* Console.log(
    `a loop of deleteAttachment: ${median(costs.map(({ loop }) => loop)).toFixed(0)} µs an item;`,
    `deleteMany: ${median(costs.map(({ many }) => many)).toFixed(0)} µs,`,
    `${median(costs.map(({ loop, many }) => many / loop)).toFixed(2)} of it`
  )
})

const patient = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.transformResponse(instantClient, (answer) => Effect.delay(answer, "1 millis"))
)

/** Items a second, through a client that answers after a millisecond, by ten loops and by a collection with ten calls at once. */
const compareWithLoops = Effect.gen(function* () {
  const refs = Array.from({ length: aTurn }, (_, index) => refOf(index + 1))
  const each = {
    loops: Effect.forEach(refs, deleteAttachment, { concurrency: 10, discard: true }),
    many: Stream.runDrain(Attachments.deleteMany(Stream.fromIterable(refs), { concurrency: 10 }))
  }
  const ratios: Array<number> = []
  for (let turn = -1; turn < 10; turn++) {
    const [loops] = yield* Effect.timed(each.loops)
    const [many] = yield* Effect.timed(each.many)
    if (turn >= 0) ratios.push(Duration.toMillis(loops) / Duration.toMillis(many))
  }
  yield* Console.log(
    `through a client that answers after 1 ms: ${(100 * median(ratios)).toFixed(0)} % of ten loops' rate`
  )
}).pipe(Effect.provide(patient))

/** In a process of its own, since a peak never goes down. */
const peakOf = (count: number): string =>
  execFileSync(process.execPath, [...process.execArgv, ...smallHeap, fileURLToPath(import.meta.url), String(count)], {
    encoding: "utf8"
  })

/** A collector that has room comes late, and then the peak tells how late, not what is kept. */
const smallHeap = ["--max-old-space-size=64", "--max-semi-space-size=4"]

const deleteAll = (count: number) =>
  Effect.zipRight(
    cost("deleteMany", count),
    Effect.sync(() => process.stdout.write((process.resourceUsage().maxRSS / 1024).toFixed(0)))
  )

const [count] = process.argv.slice(2)
const measured = count === undefined ? Effect.zipRight(compare, compareWithLoops) : deleteAll(Number(count))
await Effect.runPromise(Effect.provide(measured, bigin))
if (count === undefined) {
  for (const size of [100_000, 1_000_000]) {
    console.log(`deleteMany of ${size}: a peak of ${peakOf(size)} MB (${smallHeap.join(" ")})`)
  }
}
