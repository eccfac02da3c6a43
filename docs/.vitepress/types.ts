/**
 * What twoslash finds in a program, for all programs of the site by one compilation. Twoslash itself compiles each alone, and with
 * Effect's types that took most of the time of a build.
 */
import type { TwoslashShikiReturn } from "@shikijs/twoslash"
import { root } from "../../examples/test/run.ts"
import ts from "typescript"
import { pages, programsOf } from "../test/markdown.ts"
import { askedBy, languageServiceOver } from "../tools/languageService.ts"

const programs = pages.flatMap(({ path, text }) => programsOf(path, text)).filter(({ kind }) => kind !== "fragment")
const names = new Map(programs.map(({ code }, index) => [code.trim(), `${root}docs/build/site/${index}.ts`]))
const { add, service } = languageServiceOver(new Map([...names].map(([code, name]) => [name, code])))

/** While a page is written, its programs are new ones. */
const nameOf = (code: string): string => {
  const known = names.get(code)
  if (known !== undefined) return known
  const name = `${root}docs/build/site/${names.size}.ts`
  names.set(code, name)
  add(name, code)
  return name
}

/** A line that is for the compiler alone, and is not shown. */
const isNotation = (line: string): boolean => /^\s*\/\/ *(?:\^\?|@errors:)/.test(line)

export const typesIn = (untrimmed: string): TwoslashShikiReturn => {
  const code = untrimmed.trim()
  const name = nameOf(code)
  const source = service.getProgram()?.getSourceFile(name)
  if (source === undefined) throw new Error(`TypeScript does not know ${name}`)
  const lines = code.split("\n")
  const kept = lines.flatMap((line, index) => (isNotation(line) ? [] : [index]))
  const shown = kept.map((index) => lines[index] ?? "")

  /** Where something of the program stands in what is shown of it. */
  const placeOf = (position: number) => {
    const { character, line } = source.getLineAndCharacterOfPosition(position)
    const shownLine = kept.indexOf(line)
    return {
      line: shownLine,
      character,
      start: shown.slice(0, shownLine).join("\n").length + (shownLine && 1) + character
    }
  }

  const infoOf = (identifier: ts.Identifier) => {
    const info = service.getQuickInfoAtPosition(name, identifier.getStart(source), Number.MAX_SAFE_INTEGER)
    return {
      text: ts.displayPartsToString(info?.displayParts),
      docs: ts.displayPartsToString(info?.documentation),
      target: identifier.text,
      length: identifier.text.length,
      ...placeOf(identifier.getStart(source))
    }
  }

  const identifiers: Array<ts.Identifier> = []
  const visit = (node: ts.Node): void => {
    // an import says nothing that its use does not
    if (ts.isImportDeclaration(node)) return
    if (ts.isIdentifier(node)) identifiers.push(node)
    ts.forEachChild(node, visit)
  }
  visit(source)

  const queries = lines.flatMap((_, index) => {
    const asked = askedBy(lines, index)
    if (asked === undefined) return []
    const position = source.getPositionOfLineAndCharacter(asked.line, asked.character)
    const identifier = identifiers.find((one) => one.getStart(source) <= position && position < one.getEnd())
    if (identifier === undefined) throw new Error(`nothing stands over a ^? of\n${code}`)
    return [{ type: "query" as const, ...infoOf(identifier) }]
  })
  const problems = code.includes("// @errors:") ? service.getSemanticDiagnostics(name) : []
  const errors = problems.map(({ code: number, length = 0, messageText, start = 0 }) => ({
    type: "error" as const,
    level: "error" as const,
    code: number,
    filename: name,
    id: `${number}-${start}`,
    text: ts.flattenDiagnosticMessageText(messageText, "\n"),
    length,
    ...placeOf(start)
  }))
  const hovers = identifiers
    .map((identifier) => ({ type: "hover" as const, ...infoOf(identifier) }))
    .filter(({ text }) => text !== "")
  return { code: shown.join("\n"), nodes: [...hovers, ...queries, ...errors], meta: { extension: "ts" } }
}
