/** The AGENTS.md of each package as a page. */
import { readFileSync } from "node:fs"
import { packagesWithAgents } from "../.vitepress/pages.ts"

// VitePress takes the default export
export default {
  paths: () =>
    packagesWithAgents.map((name) => ({
      params: { name },
      content: readFileSync(new URL(`../../packages/${name}/AGENTS.md`, import.meta.url), "utf8")
    }))
}
