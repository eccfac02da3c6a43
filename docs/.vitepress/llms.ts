/** llms.txt: what there is to read, a line a page, for programs that read the site; and the pages as they were written. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { packagesWithAgents, pageAt, pagesIn, type Page } from "./pages.ts"

const docs = fileURLToPath(new URL("..", import.meta.url))

const lineOf = ({ path, summary, title }: Page): string =>
  `- [${title}](${path}.md)${summary === "" ? "" : `: ${summary}`}`

const there = (folder: string): ReadonlyArray<Page> => (existsSync(join(docs, folder)) ? pagesIn(folder) : [])

export const writeLlms = (dist: string): void => {
  const home = pageAt("index")
  const handbook = there("handbook")
  const errors = existsSync(join(docs, "errors.md")) ? [pageAt("errors")] : []
  const reference = there("api")
  const sections = [
    ["Rules for coding assistants", packagesWithAgents.map((name) => `- [packages/${name}](agents/${name}.md)`)],
    ["Handbook", handbook.map(lineOf)],
    ["Errors", errors.map(lineOf)],
    ["Reference", reference.map(lineOf)]
  ] as const
  const text = [
    `# ${home.title}`,
    `> ${home.summary}`,
    ...sections.flatMap(([title, lines]) => (lines.length === 0 ? [] : [`## ${title}`, lines.join("\n")]))
  ]
  writeFileSync(join(dist, "llms.txt"), `${text.join("\n\n")}\n`)
  const copy = (from: string, to: string) => {
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(from, to)
  }
  for (const { path } of [...handbook, ...errors, ...reference])
    copy(join(docs, `${path}.md`), join(dist, `${path}.md`))
  for (const name of packagesWithAgents)
    copy(join(docs, `../packages/${name}/AGENTS.md`), join(dist, `agents/${name}.md`))
}
