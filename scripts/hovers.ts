/**
 * What an editor shows of every public name, by TypeScript 6: `npm run hovers -- --write` writes it to `examples/test/hovers.txt`, and
 * hovers.test.ts compares. Without `--write` it prints what differs.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { namesOf, packages, root } from "./publicNames.ts"
import { type ts, typescript } from "./typescript6.ts"

export const pinned = `${root}examples/test/hovers.txt`

export interface Hover {
  readonly from: string
  readonly name: string
  readonly text: string
}

/** What programs import beside ours, so that a hover names it as theirs do. */
const imports = [
  'import * as HttpClient from "@effect/platform/HttpClient"',
  ...["Duration", "Effect", "Layer", "Redacted", "Schedule", "Schema", "Sink", "Stream"].map(
    (name) => `import * as ${name} from "effect/${name}"`
  )
]

export const hovers = (): ReadonlyArray<Hover> => {
  const file = `${root}examples/hovers.ts`
  const editor = editorOf(file)
  const programOf = () => {
    const program = editor.service.getProgram()
    if (program === undefined) throw new Error("TypeScript made no program")
    return program
  }

  // first what there is, which needs each package imported, and then a line for each name
  editor.write(Object.keys(packages).map((from) => `import "${from}"`))
  const names = Object.entries(packages).flatMap(([from, folder]) =>
    namesOf(programOf(), `${root}${folder}/index.d.ts`).flatMap(({ isType, isValue, name }) => [
      ...(isValue ? [{ from, name, kind: "" }] : []),
      ...(isType ? [{ from, name, kind: "type " }] : [])
    ])
  )
  const namespaces = Object.keys(packages).map((from) => {
    const topmost = names.filter((name) => name.from === from).map(({ name }) => name.replace(/\..*/, ""))
    return `import { ${[...new Set(topmost)].join(", ")} } from "${from}"`
  })
  const beginning = [...imports, ...namespaces]
  const lines = names.map(({ kind, name }, index) => (kind === "" ? name : `type T${index} = ${name}`))
  editor.write([...beginning, ...lines])

  const source = programOf().getSourceFile(file)
  return names.map(({ from, kind, name }, index) => {
    const line = lines[index] ?? ""
    const position = source?.getPositionOfLineAndCharacter(beginning.length + index, line.length - 1) ?? 0
    const info = editor.service.getQuickInfoAtPosition(file, position)
    if (info === undefined) throw new Error(`TypeScript shows nothing of ${name}`)
    return { from, name: `${kind}${name}`, text: typescript.displayPartsToString(info.displayParts) }
  })
}

/** An editor with one open file. */
const editorOf = (file: string) => {
  let text = ""
  let version = 0
  const options: ts.CompilerOptions = {
    target: typescript.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts"],
    module: typescript.ModuleKind.NodeNext,
    moduleResolution: typescript.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    types: []
  }
  const { sys } = typescript
  const service = typescript.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(version) : "0"),
    getScriptSnapshot: (name) => {
      const content = name === file ? text : sys.readFile(name)
      return content === undefined ? undefined : typescript.ScriptSnapshot.fromString(content)
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: typescript.getDefaultLibFilePath,
    fileExists: (name) => name === file || sys.fileExists(name),
    readFile: (name) => (name === file ? text : sys.readFile(name)),
    ...(sys.realpath === undefined ? {} : { realpath: sys.realpath }),
    // no hover names a type of Node's, and to read them takes a second
    resolveTypeReferenceDirectiveReferences: (references) =>
      references.map(() => ({ resolvedTypeReferenceDirective: undefined })),
    // their docstrings are held by docstrings.test.ts
    jsDocParsingMode: typescript.JSDocParsingMode.ParseNone
  })
  return {
    service,
    write: (lines: ReadonlyArray<string>) => {
      text = `${lines.join("\n")}\n`
      version += 1
    }
  }
}

/** As they are pinned: for each name a line that says where it is from, and then what is shown. */
export const asText = (shown: ReadonlyArray<Hover>): string =>
  shown.map(({ from, name, text }) => `// ${name} of ${from}\n${text}\n`).join("\n")

/** Which member of a union comes first depends on what the compiler read before, so the order does not count. */
const sorted = (text: string): string =>
  text.replaceAll(/[\w.$"]+(?: \| [\w.$"]+)+/g, (union) => union.split(" | ").toSorted().join(" | "))

/** By the line that says where a hover is from. */
const byName = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split(/^\/\/ /m).map((part) => [part.split("\n")[0] ?? "", sorted(part)]))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = asText(hovers())
  if (process.argv.includes("--write")) {
    writeFileSync(pinned, text)
  } else {
    const before = byName(readFileSync(pinned, "utf8"))
    const after = byName(text)
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => before.get(name) !== after.get(name)
    )
    for (const name of changed)
      console.log(`${name}: it is not what is pinned; review what "npm run hovers -- --write" writes`)
    process.exitCode = changed.length === 0 ? 0 : 1
  }
}
