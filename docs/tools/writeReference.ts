/** Writes the reference to docs/api, which git ignores. */
import { root } from "../../examples/test/run.ts"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { modulesOf, pageOf } from "./reference.ts"

rmSync(`${root}docs/api`, { recursive: true, force: true })
const modules = await modulesOf()
for (const module of modules) {
  mkdirSync(`${root}docs/api/${module.packageName}`, { recursive: true })
  writeFileSync(`${root}docs/api/${module.packageName}/${module.name}.md`, pageOf(module))
}
const entries = modules.reduce((sum, module) => sum + module.entries.length, 0)
console.log(`reference: ${modules.length} modules, ${entries} exports`)
