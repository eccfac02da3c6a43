/** Types in the programs: a popup on each name, a line under each `^?`, the compiler's message under each error. */
import { rendererRich, transformerTwoslash, type TwoslashShikiReturn } from "@shikijs/twoslash"
import ts from "typescript"
import type { MarkdownOptions } from "vitepress"

type Transformers = NonNullable<MarkdownOptions["codeTransformers"]>

/** A popup is read at a glance: the rest is in the reference. */
const firstParagraph = (docs: string) => (docs.split(/\n\s*\n/)[0] ?? docs).replaceAll(/\{@link ([^}]+)\}|`/g, "$1")

/** VitePress renders a page for the browser, for its server and for the search. */
const cache = new Map<string, TwoslashShikiReturn>()

/** Of the popups of one program that say the same, the Tab key stops at the first. A tap or a click opens each. */
const stopAtFirst = (root: Element): void => {
  const seen = new Set<string>()
  const walk = (element: Element): void => {
    const popup = element.children[0]
    if (element.properties !== undefined && popup !== undefined && isPopup(popup)) {
      const said = textOf(popup)
      element.properties["tabindex"] = seen.has(said) ? -1 : 0
      seen.add(said)
    }
    for (const child of element.children) if (child.type === "element") walk(child)
  }
  walk(root)
}

/** What is used here of Shiki's tree. */
interface Element {
  readonly type: "element"
  /** The root has none. */
  readonly properties?: Record<string, unknown>
  readonly children: ReadonlyArray<Element | { readonly type: "text"; readonly value: string }>
}

const textOf = (node: Element["children"][number] | undefined): string =>
  node === undefined ? "" : node.type === "text" ? node.value : node.children.map(textOf).join("")

const isPopup = (node: Element["children"][number]): boolean =>
  node.type === "element" && String(node.properties?.["class"]).startsWith("twoslash-popup-container")

export const transformers = [
  transformerTwoslash({
    explicitTrigger: true,
    typesCache: {
      // the tests have compiled them all: only a program that shall not compile is asked for its errors, since that is a second compilation
      preprocess: (code) => (/^\/\/ @errors:/m.test(code) ? code : `// @noErrors\n${code}`),
      read: (code) => cache.get(code) ?? null,
      write: (code, types) => void cache.set(code, types)
    },
    renderer: rendererRich({
      queryRendering: "line",
      errorRendering: "line",
      processHoverDocs: firstParagraph,
      // VitePress leaves it out of what its button copies
      classExtra: "vp-copy-ignore"
    }),
    twoslashOptions: {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: true,
        noErrorTruncation: true,
        types: ["node"]
      },
      // the tags of a docstring are in the reference
      filterNode: (node) => {
        if (node.type === "hover" || node.type === "query") delete node.tags
        return true
      }
    }
  }),
  { name: "popups by keyboard", root: stopAtFirst }
  // VitePress has the types of Shiki 2 and twoslash those of Shiki 4: the hooks that are used are the same in both
] as unknown as Transformers
