/** The handbook's programs as files: compiled at once, and asked what the compiler infers in them. */
import { root, run } from "../../examples/test/run.ts"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import ts from "typescript"
import { askedBy, languageServiceOver } from "../tools/languageService.ts"
import type { Program } from "./markdown.ts"

export interface Query {
  readonly line: number
  /** What the page says. */
  readonly pinned: string
  /** What TypeScript 6 says, as it does in the site's popups. */
  readonly inferred: string
}

export interface Compiled {
  /** Of each file, what the compiler says: a code and its message. */
  readonly problems: ReadonlyMap<string, ReadonlyArray<{ readonly code: string; readonly message: string }>>
  /** What it says of no file. */
  readonly rest: string
}

/** Writes programs to a folder under docs/build, with a tsconfig that is as strict as the rest, and gives their paths. */
export const write = (folder: string, programs: ReadonlyArray<Program>): ReadonlyArray<string> => {
  const path = `docs/build/${folder}`
  rmSync(`${root}${path}`, { recursive: true, force: true })
  mkdirSync(`${root}${path}`, { recursive: true })
  const compilerOptions = { composite: false, incremental: false, noEmit: true, noUnusedLocals: false, types: ["node"] }
  writeFileSync(
    `${root}${path}/tsconfig.json`,
    JSON.stringify({ extends: "../../../tsconfig.base.json", include: ["*.ts"], compilerOptions })
  )
  return programs.map(({ code, source }, index) => {
    const page = source.replace(/^docs\//, "").replaceAll(/\.md:\d+$|\W/g, (match) => (match.length > 1 ? "" : "-"))
    const file = `${path}/${page}-${String(index + 1).padStart(3, "0")}.ts`
    writeFileSync(`${root}${file}`, code)
    return file
  })
}

/** All of a folder by one run of the project's own TypeScript. */
export const compile = async (folder: string): Promise<Compiled> => {
  const { stdout } = await run("tsc", ["-p", `docs/build/${folder}`, "--pretty", "false"])
  const problems = new Map<string, Array<{ code: string; message: string }>>()
  const rest: Array<string> = []
  for (const said of stdout.split(/\n(?=\S)/)) {
    const [, file, code = "", message = ""] = /^([^(\s]+)\(\d+,\d+\): error TS(\d+): ([\s\S]*)$/.exec(said) ?? []
    if (file === undefined) rest.push(said)
    else problems.set(file, [...(problems.get(file) ?? []), { code, message }])
  }
  return { problems, rest: rest.join("\n").trim() }
}

const onOneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

/** Which member of a union comes first depends on what the compiler read before, so the order does not count. */
export const sameType = (one: string, other: string): boolean => {
  const sorted = (text: string) =>
    text.replaceAll(/[\w.$"]+(?: \| [\w.$"]+)+/g, (union) => union.split(" | ").toSorted().join(" | "))
  return sorted(one) === sorted(other)
}

/** Answers `^?` comments: one language service for all, so that a query costs no compilation of its own. */
export const queriesIn = (files: ReadonlyArray<string>): ReadonlyMap<string, ReadonlyArray<Query>> => {
  const texts = new Map(files.map((file) => [`${root}${file}`, readFileSync(`${root}${file}`, "utf8")]))
  const asking = [...texts].filter(([, text]) => /^\s*\/\/ *\^\?/m.test(text))
  if (asking.length === 0) return new Map()
  const { service } = languageServiceOver(new Map(asking))
  const answers = asking.map(([name, text]) => {
    const lines = text.split("\n")
    const queries = lines.flatMap((line, index): ReadonlyArray<Query> => {
      const asked = askedBy(lines, index)
      if (asked === undefined) return []
      const pinned = line.slice(line.indexOf("^?") + 2)
      const position = lines.slice(0, asked.line).join("\n").length + (asked.line && 1) + asked.character
      const info = service.getQuickInfoAtPosition(name, position, Number.MAX_SAFE_INTEGER)
      const inferred = info === undefined ? "nothing stands there" : ts.displayPartsToString(info.displayParts)
      return [{ line: index + 1, pinned: onOneLine(pinned), inferred: onOneLine(inferred) }]
    })
    return [name.slice(root.length), queries] as const
  })
  service.dispose()
  return new Map(answers)
}
