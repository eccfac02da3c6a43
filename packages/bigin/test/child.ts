/** A process of its own that runs one of the programs beside the tests. */
import { Effect } from "effect"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const sourcesOf = (name: string) => fileURLToPath(new URL(`../../${name}/src`, import.meta.url))

const bundles = new Map<string, Promise<string>>()

const bundle = async (program: string) => {
  const outfile = join(tmpdir(), `effect-bigin-${program}-${process.pid}.mjs`)
  process.on("exit", () => rmSync(outfile, { force: true }))
  await build({
    entryPoints: [fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    alias: {
      "effect-bigin": sourcesOf("bigin"),
      "effect-bigin-node": sourcesOf("node"),
      "effect-bigin-testing": sourcesOf("testing")
    },
    // what is CommonJS in it asks for modules of Node at run time
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url)' }
  })
  return outfile
}

/** The program in one file, of the sources, which starts in a tenth of the time that its modules take. */
export const bundled = (program: string) =>
  Effect.promise(() => {
    const bundling = bundles.get(program) ?? bundle(program)
    bundles.set(program, bundling)
    return bundling
  })

/** What it printed, what it said of its faults included, and how it ended. */
export const running = (program: string, env: Record<string, string>, flags: ReadonlyArray<string> = []) =>
  Effect.async<{ readonly code: number | null; readonly output: string }>((resume) => {
    const child = spawn(process.execPath, [...flags, program], { env: { ...process.env, ...env, NODE_OPTIONS: "" } })
    let output = ""
    child.stdout.on("data", (chunk) => (output += chunk))
    child.stderr.on("data", (chunk) => (output += chunk))
    child.on("close", (code) => resume(Effect.succeed({ code, output })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })
