import { Errors } from "effect-bigin"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { root, run } from "./run.ts"

describe("the page of the errors", () => {
  it("is what `npm run errors` writes", async () => {
    expect(await run("tsx", ["scripts/errorPages.ts", "--check"])).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it("has a section for each error, with a program that names it or its category", () => {
    const sections = readFileSync(`${root}docs/errors.md`, "utf8").split(/^## /m).slice(1)
    expect(sections.map((section) => section.split("\n")[0])).toEqual(Errors.BiginError.members.map(({ _tag }) => _tag))
    for (const section of sections) {
      const [tag = ""] = section.split("\n")
      const program = /```ts twoslash\n([\s\S]*?)```/.exec(section)?.[1] ?? ""
      expect([tag, program]).toEqual([tag, expect.stringMatching(`"${tag}"|catchCategory`)])
    }
  })
})
