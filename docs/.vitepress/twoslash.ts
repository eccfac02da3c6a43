/** Types in the programs: a popup on each name, a line under each `^?`, the compiler's message under each error. */
import { createTransformerFactory, rendererRich, type TwoslashShikiReturn } from "@shikijs/twoslash"
import type { MarkdownOptions } from "vitepress"
import { typesIn } from "./types.ts"

type Transformers = NonNullable<MarkdownOptions["codeTransformers"]>

/** A popup is read at a glance: the rest is in the reference. */
const firstParagraph = (docs: string) => (docs.split(/\n\s*\n/)[0] ?? docs).replaceAll(/\{@link ([^}]+)\}|`/g, "$1")

/** VitePress renders a page for the browser, for its server and for the search. */
const cache = new Map<string, TwoslashShikiReturn>()
const typesOnce = (code: string): TwoslashShikiReturn => {
  const types = cache.get(code) ?? typesIn(code)
  cache.set(code, types)
  return types
}

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
  createTransformerFactory(typesOnce)({
    explicitTrigger: true,
    renderer: rendererRich({
      queryRendering: "line",
      errorRendering: "line",
      processHoverDocs: firstParagraph,
      // VitePress leaves it out of what its button copies
      classExtra: "vp-copy-ignore"
    })
  }),
  { name: "popups by keyboard", root: stopAtFirst }
  // VitePress has the types of Shiki 2 and twoslash those of Shiki 4: the hooks that are used are the same in both
] as unknown as Transformers
