/**
 * Packs each package and checks what would be published: the files that its packed.txt names and no other, and the types and
 * the code of every entry point, by publint and attw.
 *
 *     npm run packages
 *     npm run packages -- --write   # writes packed.txt anew, to be reviewed
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { folders, pack, type Packed, root, run } from "./pack.ts"

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } })
const destination = mkdtempSync(join(tmpdir(), "effect-bigin-packed-"))
process.on("exit", () => rmSync(destination, { recursive: true, force: true }))

const report = (what: string, problems: ReadonlyArray<string>): void => {
  console.log(problems.length === 0 ? `ok ${what}` : `FAILED ${what}\n${problems.join("\n")}`)
  if (problems.length > 0) process.exitCode = 1
}

const checkFiles = ({ files, folder }: Packed): void => {
  const path = join(root, folder, "packed.txt")
  if (values.write) writeFileSync(path, `${files.join("\n")}\n`)
  const pinned = new Set(readFileSync(path, "utf8").trim().split("\n"))
  const packed = new Set(files)
  const problems = [
    ...files.filter((file) => !pinned.has(file)).map((file) => `  ${file} would be published and is not in the list`),
    ...[...pinned].filter((file) => !packed.has(file)).map((file) => `  ${file} is in the list and would be missing`)
  ]
  if (problems.length > 0) {
    problems.push(
      "  What an older build left behind goes by npm run clean && npm install.",
      "  A change that is meant is pinned by npm run packages -- --write."
    )
  }
  report(`${folder}/packed.txt: ${files.length} files`, problems)
}

const checkBy = async (what: string, command: string, args: ReadonlyArray<string>): Promise<void> => {
  const { ok, stderr, stdout } = await run(join(root, "node_modules/.bin", command), args)
  report(what, ok ? [] : [stdout, stderr])
}

await Promise.all(
  folders.map(async (folder) => {
    const packed = await pack(folder, destination)
    checkFiles(packed)
    await Promise.all([
      checkBy(`publint ${packed.name}`, "publint", ["run", packed.tarball, "--strict"]),
      // attw does not try what a wildcard stands for, so each is named
      checkBy(`attw ${packed.name}: ${packed.entryPoints.join(" ")}`, "attw", [
        packed.tarball,
        "--profile",
        "esm-only",
        "--no-definitely-typed",
        "--no-color",
        "--entrypoints",
        ...packed.entryPoints
      ])
    ])
  })
)
