import { NodeContext } from "@effect/platform-node"
import { FetchHttpClient, FileSystem, type HttpClient, type Path } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Logger, LogLevel, Option, Redacted } from "effect"
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { BiginAuth } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { bundled, running } from "./child.ts"

const client = {
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
}
const credentials = Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)
const key = "effect-bigin/https://accounts.zoho.com/1000.client"

/** In a folder that does not exist yet, below one that goes with the test. */
const inFolder = <A, E>(
  test: (
    folder: string
  ) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path | FakeBigin.FakeBigin | HttpClient.HttpClient>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(`${yield* fs.makeTempDirectoryScoped()}/tokens`)
  }).pipe(
    Effect.scoped,
    Logger.withMinimumLogLevel(LogLevel.Warning),
    Effect.provide([NodeContext.layer, FakeBigin.layer])
  )

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

/** All that is below a folder, and what tells whether it was touched. */
const contentsOf = (folder: string): unknown =>
  readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name)
    const { ino, mode, mtimeMs, size } = lstatSync(path)
    const content = entry.isSymbolicLink()
      ? readlinkSync(path)
      : entry.isDirectory()
        ? contentsOf(path)
        : readFileSync(path, "hex")
    return { name: entry.name, ino, mode, mtimeMs, size, content }
  })

const agoOf = (days: number) => new Date(Date.now() - days * 86_400_000)

const written = (path: string, days: number, mode = 0o600) => {
  writeFileSync(path, path, { mode })
  utimesSync(path, agoOf(days), agoOf(days))
}

describe("a folder of fileStore's", () => {
  it.live("may hold other people's files, which are as before after building, using and clearing it", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        mkdirSync(join(folder, "folder.json"), { recursive: true })
        mkdirSync(join(folder, "empty.bigin-token"))
        for (const name of [
          "a.json",
          "b.tmp",
          "c.lock",
          ".hidden",
          "bigin-token.json",
          "d.bigin-token.json.bak",
          "e"
        ]) {
          written(join(folder, name), 400, 0o640)
          written(join(folder, "folder.json", name), 400)
        }
        symlinkSync("a.json", join(folder, "link.json"))
        symlinkSync("nowhere", join(folder, "link.tmp"))
        linkSync(join(folder, "e"), join(folder, "hard.tmp"))
        const before = contentsOf(folder)

        const store = yield* BiginAuth.fileStore(folder)
        yield* Effect.provide(credentials, BiginAuth.layerRefreshToken({ ...client, store }))
        yield* store.set(key, "one")
        assert.strictEqual(yield* store.size, 2)
        yield* BiginAuth.fileStore(folder)
        yield* store.clear
        assert.deepStrictEqual(contentsOf(folder), before)
      })
    )
  )

  it.live("is rid of what nobody has used for long when a store is built", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        mkdirSync(folder)
        const ours = { json: [29, 31], tmp: [0.03, 0.05], lock: [0.03, 0.05] }
        for (const [ending, [young = 0, old = 0]] of Object.entries(ours)) {
          written(join(folder, `young.bigin-token.${ending}`), young)
          written(join(folder, `old.bigin-token.${ending}`), old)
          mkdirSync(join(folder, `folder.bigin-token.${ending}`))
          utimesSync(join(folder, `folder.bigin-token.${ending}`), agoOf(400), agoOf(400))
        }
        yield* BiginAuth.fileStore(folder)
        assert.deepStrictEqual(
          readdirSync(folder).filter((name) => !name.startsWith("folder")),
          ["json", "lock", "tmp"].map((ending) => `young.bigin-token.${ending}`)
        )
        assert.lengthOf(readdirSync(folder), 6)
      })
    )
  )

  it.effect("names its files so that every file system takes them", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const store = yield* BiginAuth.fileStore(folder)
        const keys = ["", "..", "a/b", "CON", "a:b*?", "A", "a", "é", "e\u0301", "k".repeat(10_000)]
        yield* Effect.forEach(keys, (key) => store.set(key, key))
        for (const key of keys) expect(yield* store.get(key)).toEqual(Option.some(key))
        for (const name of readdirSync(folder)) assert.match(name, /^[0-9a-f]{64}\.bigin-token\.json$/)
        assert.lengthOf(readdirSync(folder), keys.length)
      })
    )
  )

  it.effect("is warned of once where others may read what is in it", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const lines: Array<unknown> = []
        const logger = Logger.replace(
          Logger.defaultLogger,
          Logger.make(({ message }) => void lines.push(message))
        )
        const store = yield* BiginAuth.fileStore(folder)
        yield* store.set(key, "secret")
        yield* Effect.provide(store.get(key), logger)
        assert.deepStrictEqual(lines, [])
        const [file = ""] = readdirSync(folder)
        chmodSync(join(folder, file), 0o640)
        yield* Effect.provide(Effect.zipRight(store.get(key), store.get(key)), logger)
        assert.lengthOf(lines, 1)
        assert.match(String(lines), /Others than its owner may read .*\.bigin-token\.json; its mode should be 600/)
        assert.notInclude(String(lines), "secret")
      })
    )
  )
})

describe("tenants that share a file store", () => {
  const grants = Array.from({ length: 40 }, (_, index) => `1000.refresh-${index}`)
  const tenants = FakeBigin.layerWith({
    clients: {
      [Fixtures.client.clientId]: {
        clientSecret: Fixtures.client.clientSecret,
        refreshTokens: Object.fromEntries(grants.map((grant) => [grant, { scopes: [grant] }]))
      }
    }
  })

  it.live("mint once each, however often they start", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fake = yield* FakeBigin.FakeBigin
        for (let start = 0; start < 3; start++) {
          const store = yield* BiginAuth.fileStore(folder)
          const given = yield* Effect.forEach(
            grants,
            (grant) =>
              Effect.provide(
                credentials,
                BiginAuth.layerRefreshToken({ ...client, refreshToken: Redacted.make(grant), store })
              ),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(
            given.map(({ scopes }) => scopes),
            grants.map((grant) => [grant])
          )
        }
        assert.lengthOf(yield* fake.requests, 40)
      }).pipe(Effect.provide(tenants))
    )
  )
})

/** A layer of its own on a file store, started then. */
const starting = (folder: string, origin: string, at = 0) =>
  Effect.delay(
    Effect.gen(function* () {
      const store = yield* BiginAuth.fileStore(folder)
      const auth = BiginAuth.layerRefreshToken({ ...client, accountsOrigin: origin, apiOrigin: origin, store })
      const { accessToken } = yield* Effect.provide(credentials, Layer.provide(auth, FetchHttpClient.layer))
      return Redacted.value(accessToken)
    }),
    Math.max(0, at - Date.now())
  )

/** A process of its own on a file store; it is killed when this is interrupted. */
const minting = (folder: string, origin: string, at = 0) =>
  Effect.flatMap(bundled("mint"), (program) =>
    Effect.map(running(program, { BIGIN_ORIGIN: origin, TOKENS: folder, AT: String(at) }), ({ output }) =>
      output.trim()
    )
  )

const until = (seen: () => Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.flatMap(seen(), (isSeen) => (isSeen ? Effect.void : Effect.delay(until(seen), "1 millis")))

describe("processes that share a file store", { timeout: 60_000 }, () => {
  // a machine so busy that it stops a process for four seconds costs it its lock, and a second mint
  it.live(
    "mint once between them, whoever starts cold at the same moment",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const fake = yield* FakeBigin.FakeBigin
          yield* fake.inject({ fault: FakeBigin.delay("1 second") })
          const { origin } = yield* FakeBigin.serve
          yield* bundled("mint")
          const at = Date.now() + 3_000
          const tokens = yield* Effect.all(
            [
              ...Array.from({ length: 6 }, () => minting(folder, origin, at)),
              ...Array.from({ length: 16 }, () => starting(folder, origin, at))
            ],
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(new Set(tokens).size, 1)
          assert.match(tokens[0] ?? "", /^1000\.minted-1/)
          assert.strictEqual(yield* minting(folder, origin), tokens[0])
          assert.lengthOf(yield* fake.requests, 1)
        }).pipe(Effect.scoped)
      ),
    { retry: 2 }
  )

  it.live("mint twice where one was killed while it held the lock, and wait for no longer than eight seconds", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fake = yield* FakeBigin.FakeBigin
        yield* fake.inject({ fault: FakeBigin.delay("1 hour") })
        const { origin } = yield* FakeBigin.serve
        const holder = yield* Effect.fork(minting(folder, origin))
        yield* until(() => Effect.map(fake.requests, ({ length }) => length === 1))
        yield* Fiber.interrupt(holder)
        const [waited, tokens] = yield* Effect.timed(
          Effect.all(
            Array.from({ length: 8 }, () => starting(folder, origin)),
            { concurrency: "unbounded" }
          )
        )
        assert.isBelow(Duration.toSeconds(waited), 8)
        assert.deepStrictEqual(new Set(tokens).size, 1)
        assert.lengthOf(yield* fake.requests, 2)
      }).pipe(Effect.scoped)
    )
  )

  it.live("wait for no longer than eight seconds, whenever one is killed", () =>
    inFolder((root) =>
      Effect.gen(function* () {
        const { origin } = yield* FakeBigin.serve
        const killedAfter = (millis: number) =>
          Effect.gen(function* () {
            const folder = `${root}-${millis}`
            const killed = yield* Effect.fork(minting(folder, origin))
            yield* until(() => Effect.sync(() => existsSync(folder) && readdirSync(folder).length > 0))
            yield* Effect.sleep(millis)
            yield* Fiber.interrupt(killed)
            const [waited, token] = yield* Effect.timed(starting(folder, origin))
            assert.isBelow(Duration.toSeconds(waited), 8)
            assert.match(token, /^1000\.minted/)
          })
        yield* Effect.forEach([0, 10, 40], killedAfter, { concurrency: "unbounded" })
      }).pipe(Effect.scoped)
    )
  )

  it.live("do not wait for one that was closed", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const fake = yield* FakeBigin.FakeBigin
        yield* fake.inject({ fault: FakeBigin.delay("1 hour") })
        const { origin } = yield* FakeBigin.serve
        const closed = yield* Effect.fork(starting(folder, origin))
        yield* until(() => Effect.map(fake.requests, ({ length }) => length === 1))
        yield* Fiber.interrupt(closed)
        const [waited] = yield* Effect.timed(starting(folder, origin))
        assert.isBelow(Duration.toSeconds(waited), 2)
        assert.lengthOf(readdirSync(folder), 1)
      }).pipe(Effect.scoped)
    )
  )

  it.live("find the store whole after one was killed in the middle of writing", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const store = yield* BiginAuth.fileStore(folder)
        const program = yield* bundled("write")
        for (const millis of [1, 7, 23]) {
          const writing = yield* Effect.fork(running(program, { TOKENS: folder }))
          yield* until(() => Effect.orDie(Effect.map(store.size, (size) => size > 0)))
          yield* Effect.sleep(millis)
          yield* Fiber.interrupt(writing)
          const value = Option.getOrThrow(yield* store.get("key"))
          // one character, a megabyte of it
          assert.strictEqual(value, (value[0] ?? "").repeat(1_000_000))
          yield* store.clear
        }
      })
    )
  )
})
