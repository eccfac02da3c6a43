/** The reference of the packages: a page for each public module, written from its declarations by TypeScript 6's API. */
import { root } from "../../examples/test/run.ts"
import { format } from "oxfmt"
import { existsSync, readdirSync } from "node:fs"
import ts from "typescript"

export interface Entry {
  readonly name: string
  readonly category: string
  readonly since: string
  /** In Markdown, from its heading on. */
  readonly text: string
}

export interface Module {
  readonly packageName: string
  readonly name: string
  readonly docs: string
  readonly entries: ReadonlyArray<Entry>
}

const packages = [
  { packageName: "effect-bigin", folder: "packages/bigin" },
  { packageName: "effect-bigin-testing", folder: "packages/testing" },
  { packageName: "effect-bigin-node", folder: "packages/node" }
]

interface Docs {
  readonly text: string
  readonly tags: ReadonlyArray<{ readonly name: string; readonly text: string }>
}

const none: Docs = { text: "", tags: [] }

const docsOf = (node: ts.Node): Docs => {
  const comment = ts.getJSDocCommentsAndTags(node).findLast(ts.isJSDoc)
  if (comment === undefined) return none
  return {
    text: ts.getTextOfJSDocComment(comment.comment) ?? "",
    tags: (comment.tags ?? []).map((tag) => ({
      name: tag.tagName.text,
      text: ts.getTextOfJSDocComment(tag.comment) ?? ""
    }))
  }
}

/** What is markup for VitePress, and was none for the editor. */
const escaped = (text: string): string =>
  text
    .split(/(```[\s\S]*?```|`[^`]*`)/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replaceAll(/\{@link ([^}|]+?)(?:\s*\|[^}]*)?\}/g, "`$1`")
            .replaceAll("{{", "&#123;&#123;")
            .replaceAll("<", "&lt;")
    )
    .join("")

/** Laid out as the rest of the code is. A text that stands for a declaration needs no body. */
const laidOut = async (declaration: string): Promise<string> => {
  const { code, errors } = await format("signature.ts", declaration, { semi: false, printWidth: 88 })
  return (errors.length === 0 ? code : declaration).replaceAll(/^(?:export )?(?:declare )?/gm, "").trim()
}

/** Names as one writes them, without the file of the package that they stand in. */
const typeFormat = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope

const inherited = new Set(["name", "stack", "cause", "pipe", "toString", "toJSON", "constructor"])

const textOf = (checker: ts.TypeChecker, declaration: ts.Declaration): string => {
  if (ts.isVariableDeclaration(declaration)) return `declare const ${declaration.getText()}`
  if (!ts.isClassDeclaration(declaration))
    return declaration.getText().replace(/^(?:export )?(?:declare )?/, "declare ")
  const name = declaration.name?.text ?? ""
  const base = declaration.heritageClauses?.[0]?.types[0]?.expression
  const made = base === undefined ? undefined : checker.getSymbolAtLocation(base)?.valueDeclaration
  const madeBy = made !== undefined && ts.isVariableDeclaration(made) ? (made.type?.getText() ?? "") : ""
  // a service is told by its tag, all else by its fields
  if (madeBy.startsWith("Context.")) return `declare class ${name} extends ${madeBy} {}`
  const symbol = declaration.name === undefined ? undefined : checker.getSymbolAtLocation(declaration.name)
  if (symbol === undefined) return declaration.getText()
  const fields = checker
    .getDeclaredTypeOfSymbol(symbol)
    .getProperties()
    .filter((property) => !property.name.startsWith("__@") && !inherited.has(property.name))
    .map((property) => {
      const optional = property.flags & ts.SymbolFlags.Optional ? "?" : ""
      const type = checker.getTypeOfSymbolAtLocation(property, declaration)
      return `readonly ${property.name}${optional}: ${checker.typeToString(type, declaration, typeFormat)}`
    })
  return `declare class ${name} {\n${fields.join("\n")}\n}`
}

/** The second argument of what a call gives, or of what stands there, where it is an Effect, a Stream or a Layer. */
const errorsOf = (checker: ts.TypeChecker, type: ts.Type): ReadonlyArray<string> => {
  const signature = type.getCallSignatures().at(-1)
  if (signature !== undefined) return errorsOf(checker, signature.getReturnType())
  if (!["Effect", "Stream", "Layer"].includes(type.getSymbol()?.name ?? "")) return []
  // only what getSymbol names so is such a reference
  const error = checker.getTypeArguments(type as ts.TypeReference)[1]
  if (error === undefined || error.flags & ts.TypeFlags.Never) return []
  const names = (error.isUnion() ? error.types : [error]).map((member) => {
    // its kinds have names of their own, one of them InvalidData, and one tag
    if (member.getProperty("_op") !== undefined) return "ConfigError"
    return member.aliasSymbol?.name ?? member.getSymbol()?.name ?? checker.typeToString(member)
  })
  return [...new Set(names)]
}

const kindOf = (declaration: ts.Declaration): string =>
  ts.isVariableDeclaration(declaration) || ts.isFunctionDeclaration(declaration) || ts.isClassDeclaration(declaration)
    ? "value"
    : "type"

export const modulesOf = async (): Promise<ReadonlyArray<Module>> => {
  const files = packages.flatMap(({ folder, packageName }) =>
    readdirSync(`${root}${folder}/dist`)
      .filter((name) => name.endsWith(".d.ts") && name !== "index.d.ts")
      .map((name) => ({ packageName, name: name.replace(".d.ts", ""), path: `${root}${folder}/dist/${name}` }))
  )
  const program = ts.createProgram({
    rootNames: files.map(({ path }) => path),
    options: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      types: ["node"]
    }
  })
  const checker = program.getTypeChecker()

  const exportsOf = (container: ts.Symbol, prefix: string): ReadonlyArray<readonly [string, ts.Symbol]> =>
    checker.getExportsOfModule(container).flatMap((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      const name = `${prefix}${symbol.name}`
      const inside = target.flags & ts.SymbolFlags.NamespaceModule ? exportsOf(target, `${name}.`) : []
      return [[name, symbol] as const, ...inside]
    })

  const sources = files.map((file) => ({ ...file, source: program.getSourceFile(file.path) }))
  const errorsModule = sources.find(({ name }) => name === "Errors")?.source
  const errorsSymbol = errorsModule && checker.getSymbolAtLocation(errorsModule)
  const errorTags = new Set(
    (errorsSymbol === undefined ? [] : exportsOf(errorsSymbol, ""))
      .filter(([, symbol]) =>
        (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol).declarations?.some(
          ts.isClassDeclaration
        )
      )
      .map(([name]) => name)
  )
  const isExplained = (name: string): boolean => errorTags.has(name) && existsSync(`${root}docs/errors.md`)
  const linked = (name: string): string =>
    isExplained(name) ? `[${name}](../../errors.md#${name.toLowerCase()})` : `\`${name}\``

  const entryOf = async (name: string, symbol: ts.Symbol): Promise<Entry> => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const declarations = (target.declarations ?? []).filter((node) => !ts.isModuleDeclaration(node))
    // where the name is exported again, its docstring may stand there
    const elsewhere = (symbol.declarations ?? []).map(docsOf).find(({ text }) => text !== "") ?? none
    const parts = await Promise.all(
      declarations.map(async (declaration) => {
        const own = docsOf(declaration)
        const isPublic = own.tags.some(({ name }) => name === "since")
        const docs = isPublic || elsewhere.text === "" ? own : elsewhere
        const errors = kindOf(declaration) === "value" ? errorsOf(checker, checker.getTypeAtLocation(declaration)) : []
        return { code: await laidOut(textOf(checker, declaration)), docs, errors }
      })
    )
    const tag = (wanted: string) =>
      parts.flatMap(({ docs }) => docs.tags.filter((one) => one.name === wanted).map(({ text }) => text.trim()))
    const section = ({ code, docs, errors }: (typeof parts)[number]) =>
      [
        `\`\`\`ts\n${code}\n\`\`\``,
        escaped(docs.text),
        errors.length === 0 ? "" : `Fails with ${errors.map(linked).join(", ")}.`,
        ...docs.tags.filter((one) => one.name === "example").map(({ text }) => `Example:\n\n${text.trim()}`)
      ]
        .filter((part) => part !== "")
        .join("\n\n")
    const see = isExplained(name) ? `More: [${name}](../../errors.md#${name.toLowerCase()}).` : ""
    const since = tag("since")[0] ?? ""
    return {
      name,
      category: tag("category")[0] ?? "others",
      since,
      text: [`### ${name}`, ...parts.map(section), see, since === "" ? "" : `Since ${since}.`]
        .filter((part) => part !== "")
        .join("\n\n")
    }
  }

  return Promise.all(
    sources.map(async ({ name, packageName, source }) => {
      const symbol = source && checker.getSymbolAtLocation(source)
      if (source === undefined || symbol === undefined) throw new Error(`${packageName}/${name} is no module`)
      const named = exportsOf(symbol, "").filter(
        ([, one]) => !(one.flags & ts.SymbolFlags.NamespaceModule && !(one.flags & ~ts.SymbolFlags.NamespaceModule))
      )
      // what the module declares, in its order, then what it exports of others
      const place = ([, one]: readonly [string, ts.Symbol]): number => {
        const declaration = one.declarations?.[0]
        return declaration?.getSourceFile() !== source || ts.isExportSpecifier(declaration)
          ? Number.MAX_SAFE_INTEGER
          : declaration.getStart()
      }
      const ordered = named.toSorted((a, b) => place(a) - place(b))
      const docs = /^\/\*\*([\s\S]*?)\*\//.exec(source.text)?.[1] ?? ""
      return {
        packageName,
        name,
        docs: escaped(
          docs
            .replaceAll(/^ *\* ?/gm, "")
            .replace(/^@since.*$/m, "")
            .replaceAll(/^@example$/gm, "")
            .trim()
        ),
        entries: await Promise.all(ordered.map(([path, one]) => entryOf(path, one)))
      }
    })
  )
}

/** A page, with its entries by category, in the order of the source. */
export const pageOf = ({ docs, entries, name, packageName }: Module): string => {
  const categories = [...new Set(entries.map(({ category }) => category))]
  return [
    `# ${name}`,
    docs,
    `\`\`\`ts\nimport { ${name} } from "${packageName}"\n\`\`\``,
    ...categories.flatMap((category) => [
      `## ${category.charAt(0).toUpperCase()}${category.slice(1)}`,
      ...entries.filter((entry) => entry.category === category).map(({ text }) => text)
    ])
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n")
}
