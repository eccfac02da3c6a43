/** TypeScript 6 over many programs at once: each is asked alone, but Effect's types are read once for all. */
import { root } from "../../examples/test/run.ts"
import ts from "typescript"

export interface Programs {
  readonly service: ts.LanguageService
  /** Another one, after the others were asked. */
  readonly add: (name: string, text: string) => void
}

/** With the project's own settings, as on a page of the site. */
export const languageServiceOver = (programs: ReadonlyMap<string, string>): Programs => {
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, `${root}docs`)
  const settings: ts.CompilerOptions = { ...options, noUnusedLocals: false, types: ["node"], noErrorTruncation: true }
  const texts = new Map(programs)
  const service = ts.createLanguageService({
    getCompilationSettings: () => settings,
    getScriptFileNames: () => [...texts.keys()],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => {
      const text = texts.get(name) ?? ts.sys.readFile(name)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => texts.has(name) || ts.sys.fileExists(name),
    readFile: (name) => texts.get(name) ?? ts.sys.readFile(name),
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    ...(ts.sys.realpath === undefined ? {} : { realpath: ts.sys.realpath })
  })
  return { service, add: (name, text) => void texts.set(name, text) }
}

/** What a `^?` line asks for: the place in the code above it. Several may stand under one line. */
export const askedBy = (
  lines: ReadonlyArray<string>,
  index: number
): { line: number; character: number } | undefined => {
  const [, before] = /^(\s*\/\/ *)\^\?/.exec(lines[index] ?? "") ?? []
  if (before === undefined) return undefined
  return {
    line: lines.findLastIndex((other, at) => at < index && !/^\s*\/\/ *\^/.test(other)),
    character: before.length
  }
}
