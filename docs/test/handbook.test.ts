import { bundle } from "../../examples/test/bundle.ts"
import { longSentences } from "../../examples/test/prose.ts"
import { run } from "../../examples/test/run.ts"
import { Effect, Exit, Scope } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { beforeAll, describe, expect, it } from "vitest"
import { anchorsOf, bodyOf, headingsOf, linksOf, pages, problemOf, programsOf } from "./markdown.ts"
import { compile, queriesIn, sameType, write, type Compiled, type Query } from "./programs.ts"

/** What the checks have to find, in the same compilation. */
const broken = [
  '```ts twoslash\nexport const a: number = "text"\n```',
  "```ts twoslash\nexport const b = 1 as number\n//           ^? const b: string\n```"
].flatMap((text) => programsOf("docs/broken.md", text))

const programs = pages.flatMap(({ path, text }) => programsOf(path, text))
const files = write("pages", [...programs, ...broken])
const brokenFiles = files.slice(programs.length)
const withFiles = programs.map((program, index) => ({ ...program, index, file: files[index] ?? "" }))
const ofKind = (...kinds: ReadonlyArray<string>) => withFiles.filter(({ kind }) => kinds.includes(kind))

const onOneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

let compiled: Compiled
let bundled: ReadonlyArray<string>
let queries: ReadonlyMap<string, ReadonlyArray<Query>>

beforeAll(async () => {
  compiled = await compile("pages")
  queries = queriesIn(files)
  bundled = await bundle(
    "docs/build/pages/out",
    withFiles.map(({ file }) => file)
  )
})

describe("the programs of the handbook", () => {
  it("compile, each alone", () => {
    expect(compiled.rest).toBe("")
    const said = ofKind("program", "fragment").flatMap(({ file, source }) =>
      (compiled.problems.get(file) ?? []).map(({ code, message }) => `${source}: ${code} ${message}`)
    )
    expect(said).toEqual([])
  })

  it("that shall not compile fail with the errors that they name, in the words that stand behind them", () => {
    for (const { codes, file, prints = "", source } of ofKind("error")) {
      const problems = compiled.problems.get(file) ?? []
      expect({ source, codes: [...new Set(problems.map(({ code }) => code))].toSorted() }).toEqual({
        source,
        codes: codes.toSorted()
      })
      const messages = onOneLine(problems.map(({ message }) => message).join("\n"))
      for (const line of prints.split("\n").map(onOneLine)) expect(`${source}: ${messages}`).toContain(line)
    }
  })

  it("show the types that the compiler infers", () => {
    const wrong = withFiles.flatMap(({ file, source }) =>
      (queries.get(file) ?? [])
        .filter(({ inferred, pinned }) => !sameType(inferred, pinned))
        .map(({ inferred, line, pinned }) => ({ at: `${source}, line ${line} of it`, pinned, inferred }))
    )
    expect(wrong).toEqual([])
  })

  it.concurrent.each(ofKind("program").map(({ source, ...program }) => [source, program] as const))(
    "run, and print what stands behind them: %s",
    async (source, { code, index, prints = "" }) => {
      const scope = Effect.runSync(Scope.make())
      const fake = await Effect.runPromise(FakeBigin.make())
      // a program that takes its token from the environment finds a Bigin there
      const env = /layerConfig/.test(code)
        ? {
            BIGIN_ACCESS_TOKEN: Fixtures.accessTokens.administrator,
            BIGIN_API_ORIGIN: (
              await Effect.runPromise(
                FakeBigin.serve.pipe(Scope.extend(scope), Effect.provideService(FakeBigin.FakeBigin, fake))
              )
            ).origin
          }
        : {}
      const ran = await run(process.execPath, [bundled[index] ?? ""], { env })
      expect({ source, ...ran }).toEqual({ source, code: 0, stdout: prints, stderr: "" })
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  )
})

describe("the pages of the handbook", () => {
  it.each(pages.map(({ path, text }) => [path, text] as const))("%s has links that lead somewhere", (path, text) => {
    expect(linksOf(text).flatMap((link) => problemOf(path, link) ?? [])).toEqual([])
  })

  it.each(pages.map(({ path, text }) => [path, text] as const))(
    "%s has no sentence of more than 30 words",
    (_, text) => {
      expect(longSentences(bodyOf(text), 30)).toEqual([])
    }
  )

  it.each(pages.filter(({ path }) => path.startsWith("docs/handbook/")).map(({ path, text }) => [path, text] as const))(
    "%s has one title and a place in the order",
    (_, text) => {
      expect(headingsOf(text).filter(({ level }) => level === 1)).toHaveLength(1)
      expect(/^---\n[\s\S]*?^order: \d+$[\s\S]*?\n---\n/m.test(text)).toBe(true)
    }
  )
})

describe("the checks of the handbook", () => {
  const page = (block: string) => programsOf("docs/test.md", block)

  it("tell a program, an error and a fragment apart, and what is none of them", () => {
    const text = [
      "```ts twoslash\nlet a\n```\n\n```text\n1\n```",
      "```ts twoslash\n// @errors: 2345 2322\nlet b\n```",
      '```ts\nimport c from "c"\n```',
      "```ts\nlet d\n```",
      "```sh\nimport e\n```"
    ].join("\n\nwords\n\n")
    expect(page(text)).toEqual([
      { kind: "program", source: "docs/test.md:2", code: "let a\n", codes: [], prints: "1\n" },
      { kind: "error", source: "docs/test.md:12", code: "// @errors: 2345 2322\nlet b\n", codes: ["2345", "2322"] },
      { kind: "fragment", source: "docs/test.md:19", code: 'import c from "c"\n', codes: [] }
    ])
  })

  it("take an output for the program's only where nothing stands between", () => {
    expect(page("```ts twoslash\nlet a\n```\n\nIt prints:\n\n```text\n1\n```")[0]?.prints).toBe(undefined)
  })

  it("find a program that does not compile, and a type that is not so", () => {
    expect(brokenFiles.map((file) => (compiled.problems.get(file) ?? []).map(({ code }) => code))).toEqual([
      ["2322"],
      []
    ])
    expect(brokenFiles.flatMap((file) => queries.get(file) ?? [])).toEqual([
      { line: 2, pinned: "const b: string", inferred: "const b: number" }
    ])
    expect(sameType("A | B<C | D>", "A | B<D | C>")).toBe(true)
    expect(sameType("A | B", "A | C")).toBe(false)
  })

  it("find a link to a file and to a heading that do not exist", () => {
    expect(problemOf("docs/index.md", "./nowhere.md")).toContain("no file")
    expect(problemOf("README.md", "#nowhere")).toContain("no heading")
    expect(problemOf("README.md", "#the-first-program")).toBe(undefined)
    expect([...anchorsOf("# A `b` & _c_\n\n## A\n\n## A")]).toEqual(["a-b--c", "a", "a-1"])
  })
})
