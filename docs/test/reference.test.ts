import { root } from "../../examples/test/run.ts"
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { anchorsOf, linksOf, pages } from "./markdown.ts"
import { modulesOf, pageOf, type Module } from "../tools/reference.ts"

let modules: ReadonlyArray<Module>

beforeAll(async () => {
  modules = await modulesOf()
})

/** What a module of a package gives a program that imports it. */
const valuesOf = async (folder: string, name: string): Promise<ReadonlyArray<string>> =>
  Object.keys(await import(`${root}packages/${folder}/dist/${name}.js`))

describe("the reference", () => {
  it.each([
    ["bigin", "effect-bigin"],
    ["testing", "effect-bigin-testing"],
    ["node", "effect-bigin-node"]
  ])("has an entry for each export of each public module: %s", async (folder, packageName) => {
    const names = readdirSync(`${root}packages/${folder}/src`)
      .filter((name) => name.endsWith(".ts") && name !== "index.ts")
      .map((name) => name.replace(".ts", ""))
    const own = modules.filter((module) => module.packageName === packageName)
    expect(own.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
    for (const { entries, name } of own) {
      const inReference = entries.map((entry) => entry.name)
      expect([name, inReference]).toEqual([name, expect.arrayContaining([...(await valuesOf(folder, name))])])
      // types too, where they are declared in the module itself
      const source = readFileSync(`${root}packages/${folder}/src/${name}.ts`, "utf8")
      const types = [...source.matchAll(/^export (?:type|interface) (\w+)/gm)].map(([, type = ""]) => type)
      for (const type of types) expect([name, inReference]).toEqual([name, expect.arrayContaining([type])])
    }
  })

  it("says of each since when there is it, and of a call how it can fail", () => {
    const missing = modules.flatMap(({ entries, name }) =>
      entries.filter(({ since }) => since === "").map((entry) => `${name}.${entry.name}`)
    )
    expect(missing).toEqual([])
    const attachments = modules.find(({ name }) => name === "Attachments")
    const text = attachments?.entries.find(({ name }) => name === "deleteAttachment")?.text
    expect(text).toContain("[InvalidData](../../errors.md#invaliddata)")
    expect(text).toMatch(/Effect\.Effect<\s*DeletedAttachment,\s*DeleteAttachmentError/)
    const auth = modules.find(({ name }) => name === "BiginAuth")
    expect(auth?.entries.find(({ name }) => name === "layerConfig")?.text).toContain("Fails with `ConfigError`.")
  })

  it("names no file of a package's inside", () => {
    const inside = modules.flatMap(({ entries, name }) =>
      entries.filter(({ text }) => text.includes("import(")).map((entry) => `${name}.${entry.name}`)
    )
    expect(inside).toEqual([])
  })

  it("has what the pages of the handbook link to", () => {
    const anchors = new Map(
      modules.map((module) => [`docs/api/${module.packageName}/${module.name}.md`, anchorsOf(pageOf(module))])
    )
    const dead = pages.flatMap(({ path, text }) =>
      linksOf(text)
        .filter((link) => !/^https?:/.test(link))
        .map((link) => [link, normalize(join(dirname(path), link))] as const)
        .filter(([, target]) => target.startsWith("docs/api/"))
        .filter(([, target]) => {
          const [file = "", anchor] = target.split("#")
          return anchor === undefined ? !anchors.has(file) : !anchors.get(file)?.has(anchor)
        })
        .map(([link]) => `${path}: ${link}`)
    )
    expect(dead).toEqual([])
    expect(anchors.get("docs/api/effect-bigin/Attachments.md")).toContain("deleteattachment")
  })

  it("is a page that names what it tells", () => {
    const throttle = modules.find(({ name }) => name === "Throttle")
    expect(throttle && pageOf(throttle)).toMatch(/^# Throttle\n[\s\S]*^### layer$/m)
  })
})
