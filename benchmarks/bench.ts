/**
 * What a deletion costs with the library, beside bare clients and beside a plain call over the same client.
 *
 * Every variant runs in a fresh process against one server in a process of its own, and they take turns. A machine is seldom as fast as a
 * minute ago: each figure is divided by the mean of the two of the bare client that were taken just before and just after it, and the
 * median of these ratios counts.
 *
 *     npm run bench
 *     npm run bench -- --quick
 *     npm run bench -- --only fetch
 */
import { build } from "esbuild"
import { execFile, fork } from "node:child_process"
import { once } from "node:events"
import { readdirSync } from "node:fs"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs, promisify } from "node:util"
import { concurrency, type Measured } from "./measure.ts"
import { spread } from "./statistics.ts"

interface Variant {
  /** Of the folder `variants`. */
  readonly file: string
  readonly name: string
  /** The variant that sends the same request over the same client and does no more. */
  readonly plain?: string
}

const bare: Variant = { file: "undiciRequest", name: "undici.request, bare, a Pool of 10" }

/** A plain one stands before what is compared with it. */
const variants: ReadonlyArray<Variant> = [
  { file: "fetch", name: "fetch, bare" },
  { file: "instantPlain", name: "a client that answers at once: execute, text, JSON.parse" },
  { file: "instantSuccess", name: "deleteAttachment over that client: **the own share**" },
  { file: "instantFailure", name: "deleteAttachment over that client, INVALID_DATA: **the own share of a failure**" },
  { file: "fetchPlain", name: "FetchHttpClient: execute, text, JSON.parse" },
  { file: "fetchSuccess", name: "deleteAttachment over FetchHttpClient", plain: "fetchPlain" },
  { file: "nodePlain", name: "NodeHttpClient.layer: execute, text, JSON.parse" },
  { file: "nodeSuccess", name: "deleteAttachment over NodeHttpClient.layer", plain: "nodePlain" },
  { file: "undiciPlain", name: "NodeHttpClient.layerUndici: execute, text, JSON.parse" },
  { file: "undiciSuccess", name: "deleteAttachment over NodeHttpClient.layerUndici", plain: "undiciPlain" }
]

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    repetitions: { type: "string" }
  }
})
const { repetitions, requests, warmUp } = options.quick
  ? { repetitions: 1, requests: 4_000, warmUp: 2_000 }
  : { repetitions: 5, requests: 20_000, warmUp: 6_000 }
const rounds = Number(options.repetitions ?? repetitions)

const here = fileURLToPath(new URL(".", import.meta.url))
const programs = `${here}build/programs`

/** Compiled first: a loader of TypeScript in the process would be measured as well. */
await build({
  entryPoints: [
    ...readdirSync(`${here}variants`).map((file) => `${here}variants/${file}`),
    `${here}server.ts`,
    `${here}importTime.ts`
  ],
  outdir: programs,
  outbase: here,
  bundle: true,
  splitting: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20"
})

/** What a fresh process prints. */
const run = async (program: string, ...args: ReadonlyArray<string>): Promise<string> =>
  (await promisify(execFile)(process.execPath, [`${programs}/${program}.js`, ...args])).stdout

const server = fork(`${programs}/server.js`)
const [origin] = await once(server, "message")

const costOf = async ({ file }: Variant): Promise<number> => {
  const measured: Measured = JSON.parse(await run(`variants/${file}`, origin, String(warmUp), String(requests)))
  return measured.cpu
}

const chosen = variants.filter(({ file }) => file.includes(options.only))
/** By the file of a variant, one for each round. */
const costs = new Map(chosen.map(({ file }): [string, Array<number>] => [file, []]))
/** What the bare client cost around each of these. */
const around = new Map(chosen.map(({ file }): [string, Array<number>] => [file, []]))
const bareCosts = [await costOf(bare)]
const importTimes: Array<number> = []

for (let round = 1; round <= rounds; round++) {
  for (const variant of chosen) {
    console.error(`round ${round} of ${rounds}: ${variant.file}`)
    const before = bareCosts.at(-1) ?? Number.NaN
    const cost = await costOf(variant)
    const after = await costOf(bare)
    bareCosts.push(after)
    costs.get(variant.file)?.push(cost)
    around.get(variant.file)?.push((before + after) / 2)
  }
  for (let time = 0; time < 5; time++) importTimes.push(Number(await run("importTime")))
}
server.disconnect()

const ratios = (own: ReadonlyArray<number>, other: ReadonlyArray<number> = []) =>
  spread(
    own.map((cost, index) => cost / (other[index] ?? Number.NaN)),
    2
  )

const row = ({ file, name, plain }: Variant): string => {
  const own = costs.get(file) ?? []
  const overPlain = plain === undefined ? "" : ratios(own, costs.get(plain))
  return `| ${name} | ${spread(own, 1)} | ${ratios(own, around.get(file))} | ${overPlain} |`
}

console.log(
  `Node ${process.versions.node}, ${availableParallelism()} cores, ${requests} requests after ${warmUp} of warm-up, ${concurrency} at a time;`,
  `medians of ${rounds} fresh processes each, in turns, and in brackets the least and the most.`
)
console.log(`
| client | CPU of the client, µs a request | ÷ undici.request | ÷ the plain call |
| --- | --- | --- | --- |
| ${bare.name} | ${spread(bareCosts, 1)} | 1 | |
${chosen.map(row).join("\n")}

Loading the README's first program: ${spread(importTimes, 0)} ms.`)
