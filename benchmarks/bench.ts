/**
 * What a deletion costs with the library, beside other clients and beside what an Effect programmer writes by hand.
 *
 * Every client runs in a fresh process against one server in a process of its own, and they take turns. A machine is seldom as fast as
 * a minute ago: each figure is divided by the mean of the two of the bare client that were taken just before and just after it, with as
 * many requests at a time, and the median of these ratios counts.
 *
 *     npm run bench                      all, into results/
 *     npm run bench -- --quick           whether all run: with so few requests it is the compiler that is measured
 *     npm run bench -- --only fetch      those whose file's name has it in it
 *     npm run bench -- --repetitions 5
 */
import { build } from "esbuild"
import { execFile, execFileSync, fork } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs, promisify } from "node:util"
import { bytes, modules } from "./bundle.ts"
import { bare, clients, type Client, usual } from "./clients.ts"
import type { Measured } from "./measure.ts"
import { report } from "./report.ts"
import type { Cell, Sample } from "./results.ts"

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    repetitions: { type: "string" }
  }
})
const { repetitions, requests, warmUp } = options.quick
  ? { repetitions: 1, requests: 300, warmUp: 100 }
  : { repetitions: 3, requests: 20_000, warmUp: 6_000 }
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

const chosen = clients.filter(({ file }) => file.includes(options.only))
if (chosen.some(({ file }) => file === "zohoSdk") && !existsSync(`${here}zoho/node_modules/@zohocrm`)) {
  execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: `${here}zoho`, stdio: "inherit" })
}

/** What a fresh process prints. */
const run = async (program: string, ...args: ReadonlyArray<string | number>): Promise<string> =>
  (await promisify(execFile)(process.execPath, [`${programs}/${program}.js`, ...args.map(String)])).stdout

const server = fork(`${programs}/server.js`)
const [origin] = await once(server, "message")

const measuredOf = async ({ file }: Client, concurrency: number): Promise<Measured> =>
  JSON.parse(await run(`variants/${file}`, origin, concurrency, warmUp, requests))

const openCell =
  (concurrency: number) =>
  (client: Client): Cell & { readonly samples: Array<Sample> } => ({ client, concurrency, samples: [] })

const groups = (options.quick ? [usual] : bare.concurrency)
  .map((concurrency) => ({
    concurrency,
    bareCell: openCell(concurrency)(bare),
    cells: chosen.filter((client) => client.concurrency.includes(concurrency)).map(openCell(concurrency))
  }))
  .filter(({ cells }) => cells.length > 0)
const load: Array<number> = []

for (let round = 1; round <= rounds; round++) {
  for (const { bareCell, cells, concurrency } of groups) {
    let before = await measuredOf(bare, concurrency)
    for (const { client, samples } of cells) {
      console.error(`round ${round} of ${rounds}: ${client.file}, ${concurrency} at a time`)
      const own = await measuredOf(client, concurrency)
      // a quick run has no ratios to speak of
      const after = options.quick ? before : await measuredOf(bare, concurrency)
      samples.push({ ...own, ratio: (2 * own.cpu) / (before.cpu + after.cpu) })
      bareCell.samples.push({ ...after, ratio: 1 })
      before = after
    }
  }
  for (let time = 0; time < 3; time++) load.push(Number(await run("importTime")))
}
server.disconnect()

/** Every one is pinned in the package.json that has it. */
const versionsIn = (packageJson: string): Array<[string, string]> => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(`${here}${packageJson}`, "utf8"))
  return Object.entries<string>({ ...dependencies, ...devDependencies })
}
const isMeasured = ([name]: [string, string]): boolean => !name.startsWith("effect-bigin")
const ofEffect = ["effect", "@effect/platform", "@effect/platform-node"]

// a run of some, or with few requests, is no measurement to keep
const isComplete = !options.quick && options.only === ""
report(
  {
    node: process.versions.node,
    cores: availableParallelism(),
    versions: Object.fromEntries([
      ...versionsIn("../package.json").filter(([name]) => ofEffect.includes(name)),
      ...versionsIn("package.json").filter(isMeasured),
      ...versionsIn("zoho/package.json")
    ]),
    requests,
    warmUp,
    rounds,
    cells: groups.flatMap(({ bareCell, cells }) => [bareCell, ...cells]),
    firstProgram: { load, bytes, modules }
  },
  new URL(isComplete ? "results/" : "build/results/", import.meta.url)
)
