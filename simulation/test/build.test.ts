import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { staleIn } from "../src/build.ts"

/** A package whose files were written at these seconds. */
const packageOf = (files: Readonly<Record<string, number>>, use: (folder: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), "build-"))
  try {
    for (const [path, second] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), "")
      utimesSync(join(folder, path), second, second)
    }
    use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("a build", () => {
  it("is of its sources where all of them are older than it", () =>
    packageOf({ "src/a.ts": 1, "src/internal/b.ts": 1, "dist/a.js": 2, "dist/internal/b.js": 2 }, (folder) =>
      assert.deepStrictEqual(staleIn(folder), [])
    ))

  it("is stale where a source was written after it, or was never built", () =>
    packageOf({ "src/a.ts": 3, "src/internal/b.ts": 1, "dist/a.js": 2 }, (folder) =>
      assert.deepStrictEqual(staleIn(folder).toSorted(), ["a.ts", "internal/b.ts"])
    ))

  it("is of a source that was written anew with the same text, which the compiler does not write again", () =>
    packageOf({ "src/a.ts": 3, "dist/a.js": 2, "build/build.tsbuildinfo": 4 }, (folder) =>
      assert.deepStrictEqual(staleIn(folder), [])
    ))
})
