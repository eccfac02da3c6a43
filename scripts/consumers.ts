/**
 * Uses the packages as a stranger does: packs them, installs them into an empty folder outside of this workspace, type-checks the
 * programs of their READMEs there under NodeNext and under Bundler resolution by three versions of TypeScript, and runs them.
 *
 *     npm run consumers
 *     npm run consumers -- --node /path/to/another/node
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { parseArgs } from "node:util"
import { readmeBlocks } from "../examples/test/blocks.ts"
import { folders, pack, readJson, root, run } from "./pack.ts"

const { values } = parseArgs({ options: { node: { type: "string", multiple: true, default: [process.execPath] } } })
const folder = mkdtempSync(join(tmpdir(), "effect-bigin-consumer-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

const report = (what: string, problem: string): void => {
  console.log(problem === "" ? `ok ${what}` : `FAILED ${what}\n${problem}`)
  if (problem !== "") process.exitCode = 1
}

/** By the name that each is installed under. */
const typescripts = [
  ["typescript-5.9", "5.9.3"],
  ["typescript-6", "6.0.3"],
  ["typescript-7", "7.0.2"]
] as const
const resolutions = {
  NodeNext: { module: "NodeNext" },
  Bundler: { module: "ESNext", moduleResolution: "Bundler" }
}

// the newest of what the packages ask for, and what their READMEs' programs import beside it
const { devDependencies } = readJson<{ readonly devDependencies: { readonly [name: string]: string } }>(
  join(root, "package.json")
)
const besides = ["effect", "@effect/platform", "@effect/platform-node", "@types/node"].map(
  (name) => `${name}@${devDependencies[name]}`
)
// the declarations of @effect/platform-node name the types of ws, and do not bring them along
besides.push("@types/ws@8.18.1")
const aliases = typescripts.map(([name, version]) => `${name}@npm:typescript@${version}`)

const packed = await Promise.all(folders.map((name) => pack(name, folder)))
writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
const tarballs = packed.map(({ tarball }) => tarball)
const installed = await run(
  "npm",
  ["install", "--no-audit", "--no-fund", "--prefer-offline", "--strict-peer-deps", ...tarballs, ...besides, ...aliases],
  { cwd: folder }
)
if (!installed.ok) throw new Error(installed.stderr)

mkdirSync(join(folder, "programs"))
const programs = readmeBlocks.map((block, index) => {
  const name = `${String(index + 1).padStart(2, "0")}`
  writeFileSync(join(folder, "programs", `${name}.ts`), block.code)
  return { ...block, name }
})

/** A compiler's messages under one resolution; the programs are emitted where one asks for it. */
const compile = async (typescript: string, resolution: keyof typeof resolutions, emit: boolean): Promise<void> => {
  const config = `tsconfig.${typescript}.${resolution}.json`
  const compilerOptions = {
    ...resolutions[resolution],
    target: "ES2022",
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    types: ["node"],
    strict: true,
    // the declarations of the packages are checked too
    skipLibCheck: false,
    rootDir: "programs",
    ...(emit ? { outDir: "compiled" } : { noEmit: true })
  }
  writeFileSync(join(folder, config), JSON.stringify({ compilerOptions, include: ["programs"] }))
  const bin = join(folder, "node_modules", typescript)
  const { bin: bins } = readJson<{ readonly bin: { readonly tsc: string } }>(join(bin, "package.json"))
  const { ok, stderr, stdout } = await run(process.execPath, [join(bin, bins.tsc), "-p", config], { cwd: folder })
  report(`${typescript}, ${resolution}: ${programs.length} programs`, ok ? "" : stdout + stderr)
}

for (const [typescript] of typescripts) {
  // what runs below is what the oldest emits
  const emit = typescript === typescripts[0][0]
  await Promise.all([compile(typescript, "NodeNext", emit), compile(typescript, "Bundler", false)])
}

/** The fake Bigin of the package's own command, for the programs that talk to an account. */
const serve = async (node: string): Promise<{ readonly env: Readonly<Record<string, string>>; stop(): void }> => {
  const bin = join(folder, "node_modules/effect-bigin-testing/bin/effect-bigin-testing.js")
  const child = spawn(node, [bin], { stdio: ["ignore", "pipe", "inherit"] })
  for await (const line of createInterface({ input: child.stdout })) {
    const { accessToken, origin } = JSON.parse(line)
    return { env: { BIGIN_ACCESS_TOKEN: accessToken, BIGIN_API_ORIGIN: origin }, stop: () => child.kill() }
  }
  throw new Error("effect-bigin-testing said nothing")
}

for (const node of values.node) {
  const wrong: Array<string> = []
  const runOne = async ({ code, name, prints, source }: (typeof programs)[number]): Promise<void> => {
    const fake = code.includes("layerConfig") ? await serve(node) : undefined
    const ran = await run(node, [`compiled/${name}.js`], { cwd: folder, env: { BIGIN_ACCESS_TOKEN: "", ...fake?.env } })
    fake?.stop()
    // a mint is a line in the log, with its time
    const printed = ran.stdout.replaceAll(/^timestamp=.*\n/gm, "")
    if (!ran.ok || ran.stderr !== "" || (prints !== undefined && printed !== prints)) {
      wrong.push(`${source}\n${ran.stdout}${ran.stderr}`)
    }
  }
  const all = Effect.forEach(programs, (program) => Effect.promise(() => runOne(program)), { concurrency: 4 })
  await Effect.runPromise(all)
  const { stdout: version } = await run(node, ["--version"])
  report(`Node ${version.trim()}: ${programs.length} programs run, and print what stands there`, wrong.join("\n"))
}
