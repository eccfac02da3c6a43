import { Effect, Exit, Scope } from "effect"
import { Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { readdirSync, readFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { docstringBlocks, readmeBlocks, write } from "./blocks.ts"
import { bundle } from "./bundle.ts"
import { longSentences } from "./prose.ts"
import { root, run } from "./run.ts"

describe("the README", () => {
  const files = write("readme", readmeBlocks)
  let bundled: ReadonlyArray<string>

  beforeAll(async () => {
    bundled = await bundle("examples/build/readme/out", files)
  })

  it("has blocks that compile", async () => {
    expect(files.length).toBeGreaterThanOrEqual(5)
    expect(await run("tsc", ["-p", "examples/build/readme"])).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it.concurrent.each(files.map((file, index) => [file, index] as const))(
    "has blocks that run, and print what stands there: %s",
    async (file, index) => {
      const prints = readmeBlocks[index]?.prints
      const scope = Effect.runSync(Scope.make())
      const fake = await Effect.runPromise(FakeBigin.make())
      const { origin } = await Effect.runPromise(
        FakeBigin.serve.pipe(Scope.extend(scope), Effect.provideService(FakeBigin.FakeBigin, fake))
      )
      const env = { BIGIN_ACCESS_TOKEN: Fixtures.accessTokens.administrator, BIGIN_API_ORIGIN: origin }
      const ran = await run(process.execPath, [bundled[index] ?? ""], { env })
      expect(ran).toMatchObject({ code: 0, stderr: "" })
      // a mint is a line in the log, with its time
      const printed = ran.stdout.replaceAll(/^timestamp=.*\n/gm, "")
      expect(prints === undefined ? undefined : printed).toBe(prints)
      // the first program is the one that talks to an account, and stands in two READMEs
      const sent = (await Effect.runPromise(fake.requests)).map(({ method, url }) => `${method} ${url}`)
      expect(sent).toEqual(
        /layerConfig/.test(readFileSync(`${root}${file}`, "utf8"))
          ? ["DELETE /bigin/v1/Contacts/2883756000000261075/Attachments/2883756000000261017"]
          : []
      )
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  )

  it("has blocks of which most show what they print", () => {
    expect(readmeBlocks.filter(({ prints }) => prints !== undefined).length).toBeGreaterThanOrEqual(8)
  })

  it("has no sentence of more than 30 words", () => {
    for (const readme of ["README.md", "packages/bigin/README.md"]) {
      expect(longSentences(readFileSync(`${root}${readme}`, "utf8"), 30)).toEqual([])
    }
    expect(longSentences(`${"word ".repeat(31)}.`, 30)).toHaveLength(1)
  })

  it("has a first program of under 20 lines, on the ids of Bigin's own page", () => {
    const first = readmeBlocks[0]?.code ?? ""
    expect(first.trim().split("\n").length).toBeLessThan(20)
    for (const id of Object.values(Fixtures.attachment)) expect(first).toContain(id)
  })

  it.each(["README.md", "packages/bigin/README.md"])(
    "tells every error with its traits as the code has them: %s",
    (readme) => {
      const yes = (trait: boolean) => (trait ? "yes" : "no")
      const rows = readFileSync(`${root}${readme}`, "utf8")
        .split("<!-- errors:")[1]
        ?.split("\n\n")[1]
        ?.split("\n")
        .slice(2)
        .map((row) => row.split("|").map((cell) => cell.trim()))
      expect(rows?.map(([, tag, , ...traits]) => [tag, ...traits.slice(0, 3)])).toEqual(
        Errors.BiginError.members.map(({ _tag, traits }) => [
          _tag,
          traits.category,
          yes(traits.transient),
          yes(traits.mayHaveApplied)
        ])
      )
      const documented = Object.values(Errors.catalogue)
      expect(rows?.slice(0, documented.length).map(([, , answer]) => answer)).toEqual(
        documented.map(({ code, status }) => expect.stringContaining(`${status} ${code}`))
      )
    }
  )
})

describe("the docstrings", () => {
  it("have examples that compile", async () => {
    expect(docstringBlocks.length).toBeGreaterThan(15)
    write("docstrings", docstringBlocks)
    expect(await run("tsc", ["-p", "examples/build/docstrings"])).toEqual({ code: 0, stdout: "", stderr: "" })
  })
})

describe("the hover", () => {
  it("of deleteAttachment shows the two requirements and the error by its name", () => {
    const declaration = readFileSync(`${root}packages/bigin/dist/Attachments.d.ts`, "utf8")
    expect(declaration).toContain(
      "deleteAttachment: (input: AttachmentRef.Input) => " +
        "Effect.Effect<DeletedAttachment, DeleteAttachmentError, HttpClient.HttpClient | BiginAuth>;"
    )
  })
})

describe("a library of somebody's own", () => {
  it("that exports what it makes of ours names public modules alone in its declarations", async () => {
    write("consumer", [
      {
        source: "a library that uses ours",
        code: `
import { Effect, Schema } from "effect"
import { deleteAttachment, Errors, Scopes } from "effect-bigin"

export const encode = Schema.encodeSync(Errors.BiginError)
export const encodeRefusal = Schema.encodeSync(Errors.InvalidData)
export const encodeDoubt = Schema.encodeSync(Errors.OutcomeUnknown)
export const onPermission = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  self.pipe(Errors.catchCategory("permission", () => Effect.void))
export const onModule = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  self.pipe(Errors.catchCode("INVALID_MODULE", () => Effect.void))
export const retryable = Errors.isSafeToRetry
export const throttled = Errors.hasCategory("throttling")
export const detailsOf = (error: Errors.DocumentedError) => error.details
export const call = (id: string) =>
  deleteAttachment({ module: "Tasks", recordId: id, attachmentId: id }).pipe(
    Scopes.ensure(Scopes.deleteAttachment("Tasks")),
    onPermission
  )
`
      }
    ])
    const folder = "examples/build/consumer"
    const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", `${folder}/out`]
    expect(await run("tsc", ["-p", folder, ...options])).toEqual({ code: 0, stdout: "", stderr: "" })
    const declarations = readFileSync(`${root}${folder}/out/01.d.ts`, "utf8")
    expect(declarations).toContain("onPermission")
    expect(declarations).not.toMatch(/internal|errors\/|\bany\b/)
  })
})

describe("nobody is taught to repeat a deletion", () => {
  /** A retry of something that deletes, by a guard that lets through what may have happened. */
  const repeats = (code: string) => /deleteAttachment/.test(code) && /while:[^\n]*isTransient|Retry\.reads/.test(code)

  it("no README block, docstring or example retries deleteAttachment as a read", () => {
    const examples = readdirSync(`${root}examples`, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !/^(build|test|node_modules)/.test(name))
      .map((name) => ({ source: name, code: readFileSync(`${root}examples/${name}`, "utf8") }))
    const taught = [...readmeBlocks, ...docstringBlocks, ...examples]
    expect(taught.filter(({ code }) => repeats(code)).map(({ source }) => source)).toEqual([])
    expect(taught.filter(({ code }) => /Effect\.retry\(Retry\.safely\(/.test(code)).length).toBeGreaterThanOrEqual(3)
  })

  it("and the check would find one that does", () => {
    expect(repeats("deleteAttachment(ref).pipe(Effect.retry({ times: 5, while: Errors.isTransient }))")).toBe(true)
  })
})
