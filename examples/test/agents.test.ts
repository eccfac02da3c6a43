import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { readmeBlocks } from "./blocks.ts"
import { longSentences } from "./prose.ts"
import { root } from "./run.ts"

const folders = ["packages/bigin", "packages/node", "packages/testing"]

describe.each(folders)("what a coding assistant reads of %s", (folder) => {
  const text = readFileSync(`${root}${folder}/AGENTS.md`, "utf8")

  it("has programs that all show what they print, and no sentence of more than 30 words", () => {
    // docs.test.ts compiles and runs them
    const blocks = readmeBlocks.filter(({ source }) => source.startsWith(`${folder}/AGENTS.md`))
    expect(blocks.length).toBeGreaterThanOrEqual(2)
    expect(blocks.filter(({ prints }) => prints === undefined)).toEqual([])
    expect(longSentences(text, 30)).toEqual([])
  })

  it("is in the package", () => {
    expect(readFileSync(`${root}${folder}/packed.txt`, "utf8").split("\n")).toContain("AGENTS.md")
  })
})

describe("the rules of effect-bigin for coding assistants", () => {
  const text = readFileSync(`${root}packages/bigin/AGENTS.md`, "utf8")

  it("are ten, and the programs are the five that a newcomer has to get right", () => {
    expect([...text.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    ])
    expect([...text.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      "A deletion with retries that never lies",
      "A handler for each failure",
      "A test with virtual time",
      "A scope check at start-up for two modules",
      "A bulk job with a summary that tells an early end"
    ])
  })
})
