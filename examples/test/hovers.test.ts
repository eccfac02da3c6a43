import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { root, run } from "./run.ts"

describe("the hovers of the public names", () => {
  it("are those of examples/test/hovers.txt", async () => {
    expect(await run("tsx", ["scripts/hovers.ts"])).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it("have 25 lines at most", () => {
    const shown = readFileSync(`${root}examples/test/hovers.txt`, "utf8")
      .trim()
      .split(/\n\n(?=\/\/ )/)
    const long = shown.filter((hover) => hover.split("\n").length - 1 > 25)
    expect(long.map((hover) => /^\/\/ (\S+)/.exec(hover)?.[1])).toEqual([])
    expect(shown.length).toBeGreaterThan(200)
  })
})
