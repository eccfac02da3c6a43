/**
 * Packs effect-bigin-node, installs it without effect-bigin in an empty folder outside of the workspace, checks that its types stand
 * alone, and sends one request by it.
 *
 *     npm run alone
 *     npm run alone -- --node /path/to/another/node
 */
import { execFile, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs, promisify } from "node:util"

const { values } = parseArgs({ options: { node: { type: "string", multiple: true, default: [process.execPath] } } })
const root = fileURLToPath(new URL("..", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "effect-bigin-node-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

const npm = (cwd: string, ...args: ReadonlyArray<string>): string => {
  const { status, stderr, stdout } = spawnSync("npm", args, { cwd, encoding: "utf8" })
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed: ${stderr}`)
  return stdout
}

const program = `
import { HttpClient } from "@effect/platform"
import { Effect } from "effect"
import { NodeTransport } from "effect-bigin-node"
import * as Module from "effect-bigin-node/NodeTransport"

const text: string = await Effect.runPromise(
  HttpClient.get(process.argv[2] ?? "").pipe(
    Effect.flatMap((response) => response.text),
    Effect.provide(NodeTransport.layer)
  )
)
console.log(text, Module.layer === NodeTransport.layer)
`

const { devDependencies }: { readonly devDependencies: { readonly [name: string]: string } } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8")
)
const versionOf = (name: string) => `${name}@${devDependencies[name]}`

const [{ filename }] = JSON.parse(npm(join(root, "packages/node"), "pack", "--json", "--pack-destination", folder))
writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
writeFileSync(join(folder, "program.ts"), program)
npm(
  folder,
  "install",
  "--no-audit",
  "--no-fund",
  join(folder, filename),
  ...["effect", "@effect/platform", "@types/node", "typescript"].map(versionOf)
)
if (existsSync(join(folder, "node_modules/effect-bigin"))) throw new Error("effect-bigin was installed with it")

// every declaration file is checked, those of what it stands on too
const compiled = spawnSync(
  join(folder, "node_modules/.bin/tsc"),
  [
    "--strict",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--types",
    "node",
    "--skipLibCheck",
    "false",
    "program.ts"
  ],
  { cwd: folder, encoding: "utf8" }
)
console.log(compiled.status === 0 ? "ok types" : `FAILED types\n${compiled.stdout}`)
if (compiled.status !== 0) process.exitCode = 1

const server = createServer((_, response) => response.end("hi"))
await new Promise<void>((resume) => server.listen(0, "127.0.0.1", resume))
const address = server.address()
const port = typeof address === "object" ? address?.port : undefined
for (const node of values.node) {
  const { stdout: version } = await promisify(execFile)(node, ["--version"])
  const { stdout } = await promisify(execFile)(node, ["program.js", `http://127.0.0.1:${port}`], { cwd: folder })
  const isRight = stdout === "hi true\n"
  console.log(`${isRight ? "ok" : "FAILED"} Node ${version.trim()}: ${stdout.trim()}`)
  if (!isRight) process.exitCode = 1
}
server.close()
