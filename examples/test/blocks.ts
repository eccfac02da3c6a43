/** The code blocks of texts, as files that compile and run where the examples do. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { root } from "./run.ts"

export interface Block {
  /** Where it stands. */
  readonly source: string
  readonly code: string
  /** What it prints, where that stands behind it. */
  readonly prints?: string
}

/** Of a text, with the stars of docstrings taken off. */
const blocksOf = (source: string, text: string): ReadonlyArray<Block> =>
  [...text.matchAll(/^(?: *\* | *)```ts\n([\s\S]*?)^(?: *\* | *)```(?:\n\n```text\n([\s\S]*?)```)?/gm)].map(
    ([, code = "", prints], index) => ({
      source: `${source} #${index + 1}`,
      code: code.replaceAll(/^ *\* ?/gm, ""),
      ...(prints === undefined ? {} : { prints })
    })
  )

export const readmeBlocks = [
  "README.md",
  "packages/bigin/README.md",
  "packages/node/README.md",
  "packages/testing/README.md",
  "packages/bigin/AGENTS.md",
  "packages/node/AGENTS.md",
  "packages/testing/AGENTS.md"
].flatMap((name) => blocksOf(name, readFileSync(`${root}${name}`, "utf8")))

const sources = ["packages/bigin/src", "packages/node/src", "packages/testing/src"].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`)
)

export const docstringBlocks = sources.flatMap((name) => blocksOf(name, readFileSync(`${root}${name}`, "utf8")))

/** Writes blocks to a folder of their own, with a tsconfig that is as strict as the rest, and gives their paths. */
export const write = (folder: string, blocks: ReadonlyArray<Block>): ReadonlyArray<string> => {
  const path = `examples/build/${folder}`
  rmSync(`${root}${path}`, { recursive: true, force: true })
  mkdirSync(`${root}${path}`, { recursive: true })
  writeFileSync(
    `${root}${path}/tsconfig.json`,
    JSON.stringify({
      extends: "../../../tsconfig.base.json",
      include: ["*.ts"],
      compilerOptions: { composite: false, incremental: false, noEmit: true, noUnusedLocals: false, types: ["node"] }
    })
  )
  return blocks.map(({ code, source }, index) => {
    const file = `${path}/${String(index + 1).padStart(2, "0")}.ts`
    writeFileSync(`${root}${file}`, `// ${source}\n${code}`)
    return file
  })
}
