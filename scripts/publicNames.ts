/** Every public name of the packages, found by TypeScript 6 in the declarations that callers get. */
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type ts, typescript } from "./typescript6.ts"

export const root = fileURLToPath(new URL("..", import.meta.url))

/** The packages by their names, and where their declarations are. */
export const packages = {
  "effect-bigin": "packages/bigin/dist",
  "effect-bigin-node": "packages/node/dist",
  "effect-bigin-testing": "packages/testing/dist"
} as const

/** The modules of a package that can be imported by themselves. */
export const modulesOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(`${root}${folder}`)
    .filter((name) => name.endsWith(".d.ts") && name !== "index.d.ts")
    .map((name) => name.replace(".d.ts", ""))

export interface PublicName {
  /** As callers write it, such as "Errors.InvalidData". */
  readonly name: string
  readonly symbol: ts.Symbol
  /** Where it is declared: twice for a type and a value of one name. */
  readonly declarations: ReadonlyArray<ts.Declaration>
  /** Where it is exported on its way to the caller. */
  readonly exports: ReadonlyArray<ts.Declaration>
  readonly isValue: boolean
  /** A class is a value alone here: as a type it says the same. */
  readonly isType: boolean
}

/** What a file exports, and what the namespaces in it do. */
export const namesOf = (program: ts.Program, file: string): ReadonlyArray<PublicName> => {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error(`${file} is not there, or is no module: run "npm run build"`)

  /** An exported symbol, what it stands for, and so on to the one that is declared. */
  const aliasesOf = (symbol: ts.Symbol): ReadonlyArray<ts.Symbol> => {
    const isAlias = (symbol.flags & typescript.SymbolFlags.Alias) !== 0
    const next = isAlias ? checker.getImmediateAliasedSymbol(symbol) : undefined
    return next === undefined ? [symbol] : [symbol, ...aliasesOf(next)]
  }

  const namesIn = (container: ts.Symbol, prefix: string): ReadonlyArray<PublicName> =>
    checker.getExportsOfModule(container).flatMap((exported) => {
      const name = `${prefix}${exported.name}`
      const chain = aliasesOf(exported)
      const symbol = chain.at(-1) ?? exported
      const { declarations: all = [] } = symbol
      const declarations = all.filter((node) => !typescript.isSourceFile(node) && !typescript.isModuleDeclaration(node))
      const exports = chain.slice(0, -1).flatMap(({ declarations = [] }) => declarations)
      const typeOnly = exports.some((node) => typescript.isTypeOnlyImportOrExportDeclaration(node))
      const isValue = !typeOnly && (symbol.flags & typescript.SymbolFlags.Value) !== 0
      const isType = (symbol.flags & typescript.SymbolFlags.Type) !== 0
      const isClass = (symbol.flags & typescript.SymbolFlags.Class) !== 0
      return [
        ...(declarations.length === 0
          ? []
          : [{ name, symbol, declarations, exports, isValue, isType: isType && !(isValue && isClass) }]),
        ...(declarations.length === all.length ? [] : namesIn(symbol, `${name}.`))
      ]
    })

  return namesIn(module, "")
}
