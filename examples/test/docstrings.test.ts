import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { longSentences } from "./prose.ts"
import { root, run } from "./run.ts"

/** The sources of public names: all but what is internal, and the words of FakeBigin, which it exports. */
const sources = ["bigin", "node", "testing"].flatMap((name) =>
  readdirSync(`${root}packages/${name}/src`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && (!file.startsWith("internal") || file === "internal/model.ts"))
    .map((file) => `packages/${name}/src/${file}`)
)

/** Without stars and tags; what stands in a fence is left to who counts. */
const docstringsOf = (source: string): ReadonlyArray<string> =>
  [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, text = ""]) =>
    text.replaceAll(/^ *\* ?/gm, "").replaceAll(/^@.*$/gm, "")
  )

describe("the docstrings of the public names", () => {
  it("are there, and have what scripts/docstrings.ts asks for", async () => {
    expect(await run("tsx", ["scripts/docstrings.ts"])).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it("have no sentence of more than 30 words", () => {
    const long = (source: string) => docstringsOf(source).flatMap((text) => longSentences(text, 30))
    expect(sources.length).toBeGreaterThan(20)
    expect(sources.flatMap((file) => long(readFileSync(`${root}${file}`, "utf8")))).toEqual([])
    expect(long(`/**\n * ${"word ".repeat(31)}.\n */`)).toHaveLength(1)
  })

  it("are missed where they are not", async () => {
    const folder = "examples/build/undocumented"
    rmSync(`${root}${folder}`, { recursive: true, force: true })
    mkdirSync(`${root}${folder}`, { recursive: true })
    writeFileSync(`${root}${folder}/index.d.ts`, 'export * as Module from "./Module.ts"\n')
    writeFileSync(
      `${root}${folder}/Module.d.ts`,
      [
        "export {}",
        "export declare const one: (a: string) => string",
        "/**\n * Two.\n *\n * @since 0.1.0\n * @category models\n */",
        "export declare const two: (a: string) => string",
        "/** @since 0.1.0 */",
        "export type Three = string",
        'declare const Four_base: import("./biginError.ts").BiginErrorClass<Four, "Four", {}>',
        "/**\n * Four.\n *\n * @see docs/errors.md#five\n * @since 0.1.0\n * @category errors\n */",
        "export declare class Four extends Four_base {}"
      ].join("\n")
    )
    const { code, stdout } = await run("tsx", ["scripts/docstrings.ts", folder])
    expect({ code, lines: stdout.trim().split("\n") }).toEqual({
      code: 1,
      lines: [
        "Module: the module has no docstring",
        "Module.one: says nothing",
        "Module.one: has no @since",
        "Module.one: has no @category",
        "Module.one: has no @example",
        "Module.two: has no @example",
        "Module.Three: says nothing",
        "Module.Three: has no @category",
        "Module.Four: has no @see docs/errors.md#four"
      ].map((line) => `${folder}: ${line}`)
    })
  })
})
