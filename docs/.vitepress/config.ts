import GithubSlugger from "github-slugger"
import { existsSync } from "node:fs"
import { defineConfig } from "vitepress"
import { writeLlms } from "./llms.ts"
import { packagesWithAgents, pagesIn, type Page } from "./pages.ts"
import { transformers } from "./twoslash.ts"

const linkTo = ({ path, title }: Page) => ({ text: title, link: `/${path}` })

const isThere = (path: string) => existsSync(new URL(`../${path}`, import.meta.url))

const handbook = (isThere("handbook") ? pagesIn("handbook") : []).map((page) => ({
  ...linkTo(page),
  text: `${page.order}. ${page.title}`
}))
const errors = isThere("errors.md") ? [{ text: "Every error", link: "/errors" }] : []
const api = ["effect-bigin", "effect-bigin-testing", "effect-bigin-node"]
  .filter((name) => isThere(`api/${name}`))
  .map((name) => ({ text: name, collapsed: name !== "effect-bigin", items: pagesIn(`api/${name}`).map(linkTo) }))
const agents = packagesWithAgents.map((name) => ({
  text: name === "bigin" ? "effect-bigin" : `effect-bigin-${name}`,
  link: `/agents/${name}`
}))

const first = handbook[0]

// the config of VitePress is a default export
export default defineConfig({
  title: "effect-bigin",
  description: "Zoho Bigin attachments for Effect: every documented failure is a type.",
  lang: "en",
  // where the site is not at the root of its host
  base: process.env["DOCS_BASE"] ?? "/",
  srcExclude: ["node_modules/**", "build/**", "test/**", "browser/**", "tools/**"],
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    codeTransformers: transformers,
    // the slugs of GitHub, so that a link to a heading serves in both places; two of the same are told apart by VitePress
    anchor: { slugify: (text) => new GithubSlugger().slug(text) }
  },
  themeConfig: {
    outline: [2, 3],
    nav: [...(first === undefined ? [] : [{ text: "Handbook", link: first.link }]), ...errors],
    sidebar: [
      { text: "Handbook", items: [{ text: "The library in a screenful", link: "/" }, ...handbook] },
      { text: "Reference", items: [...errors, ...api] },
      { text: "For coding assistants", items: agents }
    ],
    search: {
      provider: "local",
      options: {
        // what stands in popups is not what people search for
        _render: (text, env, markdown) => markdown.render(text.replaceAll("```ts twoslash", "```ts"), env),
        // of what has the same name, the page that explains an error comes first
        miniSearch: { searchOptions: { boostDocument: (id: string) => (id.includes("/errors") ? 3 : 1) } }
      }
    },
    docFooter: { prev: "Before", next: "Next" }
  },
  buildEnd: ({ outDir }) => writeLlms(outDir)
})
