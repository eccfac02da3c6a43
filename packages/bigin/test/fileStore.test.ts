import { NodeContext } from "@effect/platform-node"
import { FileSystem, type Path } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { BiginAuth } from "effect-bigin"
import { FakeBigin } from "effect-bigin-testing"

const key = "effect-bigin/https://accounts.zoho.com/1000.client"

/** In a folder that does not exist yet, below one that goes with the test. */
const inFolder = <A, E>(
  test: (folder: string) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path | FakeBigin.FakeBigin>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(`${yield* fs.makeTempDirectoryScoped()}/tokens`)
  }).pipe(Effect.scoped, Effect.provide([NodeContext.layer, FakeBigin.layer]))

const modeOf = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.map(fs.stat(path), ({ mode }) => (mode & 0o777).toString(8)))

describe("fileStore", () => {
  it.effect("keeps values by key, and gives none for what is not there", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const store = yield* BiginAuth.fileStore(folder)
        assert.isTrue(Option.isNone(yield* store.get(key)))
        yield* store.set(key, "one")
        yield* store.set(key, "two")
        expect(yield* store.get(key)).toEqual(Option.some("two"))
        assert.strictEqual(yield* store.size, 1)
        yield* store.remove(key)
        yield* store.remove(key)
        assert.strictEqual(yield* store.size, 0)
        yield* store.set(key, "three")
        yield* store.clear
        assert.strictEqual(yield* store.size, 0)
      })
    )
  )

  it.effect("is for its owner alone", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const store = yield* BiginAuth.fileStore(folder)
        yield* store.set(key, "secret")
        const [file = ""] = yield* fs.readDirectory(folder)
        assert.deepStrictEqual([yield* modeOf(folder), yield* modeOf(`${folder}/${file}`)], ["700", "600"])
      })
    )
  )

  it.effect("leaves nothing but whole files, however many write at once", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const store = yield* BiginAuth.fileStore(folder)
        const values = Array.from({ length: 50 }, (_, index) => String(index).repeat(10_000))
        yield* Effect.forEach(values, (value) => store.set(key, value), { concurrency: 10 })
        assert.include(values, Option.getOrThrow(yield* store.get(key)))
        assert.lengthOf(yield* fs.readDirectory(folder), 1)
      })
    )
  )
})

/** A process of its own that asks for credentials once, or writes until it is killed. */
const process_ = (program: string, env: Record<string, string>, killAfterMillis?: number) =>
  Effect.async<string>((resume) => {
    const path = fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url))
    const tsx = fileURLToPath(new URL("../../../node_modules/tsx/dist/cli.mjs", import.meta.url))
    const child = spawn(process.execPath, [tsx, path], { env: { ...process.env, ...env }, detached: true })
    let output = ""
    child.stdout.on("data", (chunk) => {
      output += chunk
      // it has begun: let it run for a moment, then end it and what it started, by its id
      if (killAfterMillis !== undefined) setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), killAfterMillis)
      killAfterMillis = undefined
    })
    child.stderr.on("data", (chunk) => (output += chunk))
    child.on("close", () => resume(Effect.succeed(output.trim())))
  })

describe("processes that share a file store", () => {
  it.live(
    "mint once between them",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const fake = yield* FakeBigin.FakeBigin
          const { origin } = yield* FakeBigin.serve
          const env = { BIGIN_ORIGIN: origin, TOKENS: folder }
          const first = yield* process_("mint", env)
          const others = yield* Effect.all([process_("mint", env), process_("mint", env)], { concurrency: 2 })
          assert.match(first, /^1000\.minted-1/)
          assert.deepStrictEqual(others, [first, first])
          assert.lengthOf(yield* fake.requests, 1)
        }).pipe(Effect.scoped)
      ),
    60_000
  )

  it.live(
    "find the store whole after one was killed in the middle of writing",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const store = yield* BiginAuth.fileStore(folder)
          for (const millis of [1, 7, 23]) {
            yield* process_("write", { TOKENS: folder }, millis)
            const value = Option.getOrThrow(yield* store.get("key"))
            // one character, a megabyte of it
            assert.strictEqual(value, (value[0] ?? "").repeat(1_000_000))
          }
        })
      ),
    60_000
  )
})
