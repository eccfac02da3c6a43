/** The pages that writers add, in their order: for the sidebar and for llms.txt. */
import { existsSync, readdirSync, readFileSync } from "node:fs"

export interface Page {
  /** Under the site's root, without an ending, such as handbook/01-reading. */
  readonly path: string
  readonly title: string
  readonly order: number
  /** The first sentence behind the title. */
  readonly summary: string
}

const docs = new URL("..", import.meta.url)

/** The packages that have rules for coding assistants. */
export const packagesWithAgents: ReadonlyArray<string> = ["bigin", "testing", "node"].filter((name) =>
  existsSync(new URL(`../packages/${name}/AGENTS.md`, docs))
)

const plain = (text: string): string =>
  text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[*`]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim()

/** A value of YAML without its quotation marks. */
const setting = (name: string, settings: string): string | undefined =>
  new RegExp(`^${name}: (.*)$`, "m").exec(settings)?.[1]?.replace(/^(["'])(.*)\1$/, "$2")

/** Where a list follows, what leads to it ends as a sentence does. */
const firstSentence = (text: string): string =>
  plain(text)
    .replace(/(?<=[.!?]) .*$/, "")
    .replace(/:$/, ".")

export const pageAt = (path: string): Page => {
  const text = readFileSync(new URL(`${path}.md`, docs), "utf8")
  const [, settings = "", body = ""] = /^(?:---\n([\s\S]*?)\n---\n)?([\s\S]*)$/.exec(text) ?? []
  const title = /^# (.*)$/m.exec(body)?.[1] ?? setting("title", settings) ?? path
  const paragraph = body.split(/\n\s*\n/).find((part) => /^[\w`*[]/.test(part.trim())) ?? ""
  return {
    path,
    title: plain(title),
    order: Number(setting("order", settings) ?? Number.MAX_SAFE_INTEGER),
    summary: firstSentence(setting("description", settings) ?? paragraph)
  }
}

export const pagesIn = (folder: string): ReadonlyArray<Page> => {
  const url = new URL(`${folder}/`, docs)
  return readdirSync(url, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => pageAt(`${folder}/${name.replace(/\.md$/, "")}`))
    .toSorted((a, b) => a.order - b.order || a.title.localeCompare(b.title))
}
