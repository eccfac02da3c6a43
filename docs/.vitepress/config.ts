import GithubSlugger from "github-slugger"
import { existsSync } from "node:fs"
import { defineConfig } from "vitepress"
import { pagesIn } from "./pages.ts"
import { transformers } from "./twoslash.ts"

const linkTo = ({ path, title }: { readonly path: string; readonly title: string }) => ({
  text: title,
  link: `/${path}`
})

const isThere = (path: string) => existsSync(new URL(`../${path}`, import.meta.url))
const handbook = isThere("handbook") ? pagesIn("handbook").map(linkTo) : []
const errors = isThere("errors.md") ? [{ text: "Every error", link: "/errors" }] : []

const api = isThere("api")
  ? ["effect-bigin", "effect-bigin-testing", "effect-bigin-node"].map((name) => ({
      text: name,
      collapsed: name !== "effect-bigin",
      items: pagesIn(`api/${name}`).map(linkTo)
    }))
  : []

const sidebar = [
  { text: "Handbook", items: [...handbook] },
  { text: "Reference", items: [...errors, ...api] }
]

const first = handbook[0]

// the config of VitePress is a default export
export default defineConfig({
  title: "effect-bigin",
  description: "Zoho Bigin attachments for Effect: every documented failure is a type.",
  lang: "en",
  cleanUrls: false,
  lastUpdated: false,
  srcExclude: ["node_modules/**", "build/**", "test/**"],
  head: [["meta", { name: "color-scheme", content: "light dark" }]],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    codeTransformers: transformers,
    // the slugs of GitHub, so that a link to a heading serves in both places; markdown-it-anchor tells two of the same apart
    anchor: { slugify: (text) => new GithubSlugger().slug(text) }
  },
  themeConfig: {
    outline: [2, 3],
    nav: [...(first === undefined ? [] : [{ text: "Handbook", link: first.link }]), ...errors],
    sidebar,
    search: { provider: "local" },
    footer: { message: "effect-bigin is no product of Zoho. Released under the MIT License." }
  }
})
