/** The pages of the handbook, taken apart: programs, links, anchors. */
import type { Block } from "../../examples/test/blocks.ts"
import { root } from "../../examples/test/run.ts"
import GithubSlugger from "github-slugger"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"

export interface Page {
  /** From the root, such as docs/handbook/01-reading.md. */
  readonly path: string
  readonly text: string
}

export interface Fence {
  /** What stands behind the three backticks. */
  readonly info: string
  readonly code: string
  /** Of its first line of code. */
  readonly line: number
  /** Of the fence that stands right behind it: nothing but empty lines between. */
  readonly next?: Fence
}

export interface Program extends Block {
  /** A program runs; an error does not compile, and says how; a fragment only compiles. */
  readonly kind: "program" | "error" | "fragment"
  /** The compiler's codes, of an error. */
  readonly codes: ReadonlyArray<string>
}

const ignored = /^(?:node_modules|build|api|dist|\.vitepress)\b/

export const pages: ReadonlyArray<Page> = readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md") && !ignored.test(name))
  .toSorted()
  .map((name) => ({ path: `docs/${name}`, text: readFileSync(`${root}docs/${name}`, "utf8") }))

/** Without the block of settings between two lines of `---` at the top. */
export const bodyOf = (text: string): string => text.replace(/^---\n[\s\S]*?\n---\n/, "")

export const fencesOf = (text: string): ReadonlyArray<Fence> => {
  const found = [...text.matchAll(/^( *)(`{3,})(.*)\n([\s\S]*?)^\1\2 *$/gm)].map((match) => ({
    info: match[3]?.trim() ?? "",
    code: (match[4] ?? "").replaceAll(new RegExp(`^${match[1]}`, "gm"), ""),
    line: text.slice(0, match.index).split("\n").length + 1,
    start: match.index,
    end: match.index + match[0].length
  }))
  return found.map((fence, index) => {
    const next = found[index + 1]
    return next !== undefined && text.slice(fence.end, next.start).trim() === "" ? { ...fence, next } : fence
  })
}

export const programsOf = (path: string, text: string): ReadonlyArray<Program> =>
  fencesOf(text).flatMap((fence): ReadonlyArray<Program> => {
    const isTwoslash = /^ts twoslash\b/.test(fence.info)
    if (!isTwoslash && !(fence.info === "ts" && /^import /m.test(fence.code))) return []
    const codes =
      /^\/\/ @errors: (.*)\n/
        .exec(fence.code)?.[1]
        ?.trim()
        .split(/[\s,]+/) ?? []
    const prints = fence.next?.info === "text" ? fence.next.code : undefined
    return [
      {
        kind: !isTwoslash ? "fragment" : codes.length > 0 ? "error" : "program",
        source: `${path}:${fence.line}`,
        code: fence.code,
        codes,
        ...(prints === undefined ? {} : { prints })
      }
    ]
  })

const withoutCode = (text: string): string =>
  bodyOf(text)
    .replaceAll(/^( *)(`{3,}).*\n[\s\S]*?^\1\2 *$/gm, "")
    .replaceAll(/<!--[\s\S]*?-->/g, "")

const withoutMarks = (heading: string): string =>
  heading.replaceAll(/`|\*+|(?<!\w)_|_(?!\w)/g, "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")

export const headingsOf = (text: string): ReadonlyArray<{ readonly level: number; readonly title: string }> =>
  [...withoutCode(text).matchAll(/^(#{1,6}) +(.*)$/gm)].map(([, marks = "", title = ""]) => ({
    level: marks.length,
    title: withoutMarks(title.trim())
  }))

/** The slugs of GitHub, which the site uses too. */
export const anchorsOf = (text: string): ReadonlySet<string> => {
  const slugger = new GithubSlugger()
  const written = [...withoutCode(text).matchAll(/<a (?:id|name)="([^"]*)"/g)].map(([, id = ""]) => id)
  return new Set([...headingsOf(text).map(({ title }) => slugger.slug(title)), ...written])
}

export const linksOf = (text: string): ReadonlyArray<string> => [
  ...[
    ...withoutCode(text)
      .replaceAll(/`[^`]*`/g, "code")
      .matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)
  ].map(([, target = ""]) => target),
  ...[...text.matchAll(/^ +(?:- )?link: (\S+)$/gm)].map(([, target = ""]) => target)
]

/** What is wrong with a link of a page, or nothing. Other hosts are not asked; the reference is made by the site's build, which checks it. */
export const problemOf = (path: string, link: string): string | undefined => {
  if (/^(?:https?|mailto):/.test(link)) return undefined
  const [target = "", anchor] = link.split("#")
  const file = target === "" ? path : normalize(target.startsWith("/") ? `docs${target}` : join(dirname(path), target))
  const found = [file, `${file}.md`, `${file}index.md`].find(
    (name) => /\.\w+$/.test(name) && existsSync(`${root}${name}`)
  )
  if (/^docs\/(?:api\/|llms\.txt)/.test(file)) return undefined
  if (found === undefined) return `${path}: no file for ${link}`
  if (anchor === undefined || !found.endsWith(".md")) return undefined
  return anchorsOf(readFileSync(`${root}${found}`, "utf8")).has(anchor) ? undefined : `${path}: no heading for ${link}`
}
