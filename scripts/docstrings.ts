/**
 * What the docstrings of the public names lack, as callers get them in the declarations.
 *
 * 1. Each declaration has a docstring that says something, `@since` and `@category`.
 * 2. What callers run has an `@example`: a function, a Layer, an Effect, a Stream, a Sink, a class of a service. The examples are
 *    compiled by docs.test.ts.
 * 3. The class of an error has a link to its page instead, where there is a program for each.
 * 4. Schemas, plain data and types need no example.
 * 5. Each module has a docstring and `@since`, and is exported from the index by its name.
 *
 * A docstring at the place where a name is exported counts too.
 */
import { fileURLToPath } from "node:url"
import { modulesOf, namesOf, packages, type PublicName, root } from "./publicNames.ts"
import { type ts, typescript } from "./typescript6.ts"

/** Of packages: the path of the declarations of each, from the root. */
export const lacking = (folders: Readonly<Record<string, string>> = packages): ReadonlyArray<string> => {
  const entries = Object.values(folders).flatMap((folder) =>
    ["index", ...modulesOf(folder)].map((module) => `${root}${folder}/${module}.d.ts`)
  )
  const program = programOf(entries)
  return Object.entries(folders).flatMap(([from, folder]) => {
    const names = namesOf(program, `${root}${folder}/index.d.ts`)
    const checker = program.getTypeChecker()
    const exported = (module: string) => names.some(({ name }) => name.startsWith(`${module}.`))
    return [
      ...modulesOf(folder).flatMap((module) => {
        const source = program.getSourceFile(`${root}${folder}/${module}.d.ts`)
        return [
          ...(/^\/\*\*[\s\S]*?@since/.test(source?.text ?? "")
            ? []
            : [`${from}: ${module}: the module has no docstring`]),
          ...(exported(module) ? [] : [`${from}: ${module}: the index does not export it`])
        ]
      }),
      ...names.flatMap((name) => lackingIn(checker, name).map((what) => `${from}: ${name.name}: ${what}`))
    ]
  })
}

/** Of our own declarations alone, without those of Effect: half a second, and what a name is can be read from what is written. */
const programOf = (files: ReadonlyArray<string>): ts.Program => {
  const options: ts.CompilerOptions = {
    noLib: true,
    types: [],
    module: typescript.ModuleKind.NodeNext,
    moduleResolution: typescript.ModuleResolutionKind.NodeNext
  }
  const host = typescript.createCompilerHost(options, true)
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => ({
      resolvedModule: text.startsWith(".")
        ? {
            resolvedFileName: fileURLToPath(new URL(text, `file://${from}`)).replace(/(\.d)?\.[jt]s$/, ".d.ts"),
            extension: typescript.Extension.Dts
          }
        : undefined
    }))
  return typescript.createProgram(files, options, host)
}

const lackingIn = (checker: ts.TypeChecker, { declarations, exports, name }: PublicName): ReadonlyArray<string> => {
  const onTheWay = exports.map(docOf).filter((doc) => doc.text !== "")
  const found = declarations.map((node) => ({ node, docs: [docOf(node), ...onTheWay] }))
  return found.flatMap(({ docs, node }) => {
    const tags = new Set(docs.flatMap(({ tags }) => tags))
    const isError = isErrorClass(node)
    return [
      ...(docs.some(({ text }) => text !== "") ? [] : ["says nothing"]),
      ...(tags.has("since") ? [] : ["has no @since"]),
      ...(tags.has("category") ? [] : ["has no @category"]),
      ...(isError || !isRun(checker, node) || tags.has("example") ? [] : ["has no @example"]),
      ...(!isError || docs.some(({ see }) => see.includes(pageOf(name))) ? [] : [`has no @see ${pageOf(name)}`])
    ]
  })
}

/** Where the page of an error is, by its public name. */
export const pageOf = (name: string): string => `docs/errors.md#${name.split(".").at(-1)?.toLowerCase()}`

interface Doc {
  readonly text: string
  readonly tags: ReadonlyArray<string>
  readonly see: ReadonlyArray<string>
}

const docOf = (node: ts.Node): Doc => {
  const docs = typescript.getJSDocCommentsAndTags(node).filter(typescript.isJSDoc).slice(-1)
  const tags = docs.flatMap(({ tags = [] }) => [...tags])
  return {
    text: docs
      .map(({ comment }) => typescript.getTextOfJSDocComment(comment) ?? "")
      .join("")
      .trim(),
    tags: tags.map(({ tagName }) => tagName.text),
    // the compiler takes what stands behind @see for a name, so it is read as it is written
    see: tags.filter(({ tagName }) => tagName.text === "see").flatMap((tag) => /docs\/\S+/.exec(tag.getText()) ?? [])
  }
}

const isErrorClass = (node: ts.Declaration): boolean =>
  typescript.isClassDeclaration(node) && /\bBiginErrorClass</.test(heritageOf(node))

/** A class in declarations extends a constant that has the type of what it extends. */
const heritageOf = (node: ts.ClassDeclaration): string => {
  const parent = node.heritageClauses?.[0]?.types[0]?.expression.getText() ?? ""
  return new RegExp(`const ${parent}: (.*)`).exec(node.getSourceFile().text)?.[1] ?? ""
}

const isRun = (checker: ts.TypeChecker, node: ts.Declaration): boolean => {
  if (typescript.isClassDeclaration(node) || typescript.isFunctionDeclaration(node)) return true
  if (!typescript.isVariableDeclaration(node)) return false
  if (/^(Layer|Effect|Stream|Sink|Schedule)\./.test(node.type?.getText() ?? "")) return true
  return checker.getTypeAtLocation(node).getCallSignatures().length > 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv
  const found = lacking(folder === undefined ? packages : { [folder]: folder })
  for (const line of found) console.log(line)
  process.exitCode = found.length === 0 ? 0 : 1
}
