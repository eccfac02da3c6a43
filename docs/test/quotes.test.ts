import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { root } from "../../examples/test/run.ts"
import { pages } from "./markdown.ts"

/** Blocks whose first line is the path of a source of this repository. */
const quotesOf = (text: string) =>
  [...text.matchAll(/^```ts\n\/\/ ((?:packages|examples)\/\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, path = "", code = ""]) => ({
      path,
      code
    })
  )

const quotes = pages.flatMap(({ path: page, text }) => quotesOf(text).map((quote) => ({ page, ...quote })))

describe("what the handbook shows of the library's source", () => {
  it.each(quotes)("stands in $path", ({ code, path }) => {
    expect(readFileSync(`${root}${path}`, "utf8")).toContain(code)
  })

  it("is found on the pages", () => {
    expect(quotes.length).toBeGreaterThanOrEqual(3)
    expect(quotesOf("```ts\n// packages/bigin/src/Errors.ts\nlet a\n```\n")).toEqual([
      { path: "packages/bigin/src/Errors.ts", code: "let a\n" }
    ])
  })
})
