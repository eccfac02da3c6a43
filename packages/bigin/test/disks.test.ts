/** Disks that fail, in virtual time: what that costs a caller, and what is heard of it. */
import { Error, FileSystem, Path } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import {
  Clock,
  Effect,
  Exit,
  Fiber,
  HashMap,
  Layer,
  Logger,
  type LogLevel,
  Option,
  Redacted,
  Scope,
  TestClock
} from "effect"
import { BiginAuth, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const client = {
  clientId: Fixtures.client.clientId,
  clientSecret: Redacted.make(Fixtures.client.clientSecret),
  refreshToken: Redacted.make(Fixtures.client.refreshToken)
}
const credentials = Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)
const mints = Effect.flatMap(FakeBigin.FakeBigin, (fake) => Effect.map(fake.requests, ({ length }) => length))

const failing = (reason: Error.SystemErrorReason, method: string, path: string) =>
  Effect.fail(
    new Error.SystemError({ reason, module: "FileSystem", method, pathOrDescriptor: path, description: "1000.minted" })
  )

/** What a store uses of a disk. */
type Disk = Pick<
  FileSystem.FileSystem,
  "makeDirectory" | "readDirectory" | "readFileString" | "writeFileString" | "open" | "rename" | "remove" | "stat"
>

/** A disk in memory, as far as a store uses one. */
const disk = () => {
  const files = new Map<string, string>()
  const folders = new Set(["/"])
  const fs: Disk = {
    makeDirectory: (path: string) => Effect.sync(() => void folders.add(path)),
    readDirectory: (path: string) =>
      Effect.sync(() =>
        [...files.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1))
      ),
    readFileString: (path: string) =>
      Effect.suspend(() => {
        const text = files.get(path)
        return text === undefined ? failing("NotFound", "readFile", path) : Effect.succeed(text)
      }),
    writeFileString: (path, text, options) =>
      Effect.suspend(() => {
        if (options?.flag === "wx" && files.has(path)) return failing("AlreadyExists", "writeFile", path)
        if (options?.flag === "r+" && !files.has(path)) return failing("NotFound", "writeFile", path)
        files.set(path, text)
        return Effect.void
      }),
    open: (path: string) =>
      Effect.sync(() => {
        files.set(path, "")
        return {
          writeAll: (bytes: Uint8Array) => Effect.sync(() => void files.set(path, new TextDecoder().decode(bytes))),
          sync: Effect.void
        } as unknown as FileSystem.File // the two that are used
      }),
    rename: (from: string, to: string) =>
      Effect.sync(() => {
        files.set(to, files.get(from) ?? "")
        files.delete(from)
      }),
    remove: (path: string) => Effect.sync(() => void files.delete(path)),
    stat: () => Effect.succeed({ mode: 0o100600, type: "File", mtime: Option.none() } as FileSystem.File.Info) // what is looked at
  }
  return { files, fs }
}

const every = (fault: (method: string, path: string) => Effect.Effect<never, Error.PlatformError>) => (): Disk => ({
  makeDirectory: (path) => fault("makeDirectory", path),
  readDirectory: (path) => fault("readDirectory", path),
  readFileString: (path) => fault("readFile", path),
  writeFileString: (path) => fault("writeFile", path),
  open: (path) => fault("open", path),
  rename: (path) => fault("rename", path),
  remove: (path) => fault("remove", path),
  stat: (path) => fault("stat", path)
})

const hang = Effect.uninterruptible(Effect.never)

const faults: ReadonlyArray<readonly [string, (disk: Disk) => Disk]> = [
  [
    "is full",
    (disk) => ({
      ...disk,
      writeFileString: (path) => failing("Unknown", "writeFile", path),
      open: () =>
        Effect.succeed({
          writeAll: () => failing("Unknown", "writeAll", "/"),
          sync: Effect.void
        } as unknown as FileSystem.File)
    })
  ],
  [
    "can't be written",
    (disk) => ({
      ...disk,
      writeFileString: (path) => failing("Unknown", "writeFile", path),
      open: (path) => failing("Unknown", "open", path),
      remove: (path) => failing("Unknown", "remove", path)
    })
  ],
  ["hangs", every(() => hang)],
  ["hangs where a file is renamed", (disk) => ({ ...disk, rename: () => hang })],
  ["hangs where a file is read", (disk) => ({ ...disk, readFileString: () => hang })],
  ["hangs where the lock is written", (disk) => ({ ...disk, writeFileString: () => hang })],
  ["is gone", every((method, path) => failing("NotFound", method, path))],
  ["is not ours", every((method, path) => failing("PermissionDenied", method, path))],
  [
    "has a folder in place of the token",
    (disk) => ({
      ...disk,
      readFileString: (path) =>
        path.endsWith(".json") ? failing("BadResource", "readFile", path) : disk.readFileString(path),
      rename: (path) => failing("BadResource", "rename", path)
    })
  ],
  [
    "has a folder in place of the lock",
    (disk) => ({
      ...disk,
      writeFileString: (path) => failing("AlreadyExists", "writeFile", path),
      readFileString: (path) =>
        path.endsWith(".lock") ? failing("BadResource", "readFile", path) : disk.readFileString(path),
      remove: (path) => (path.endsWith(".lock") ? failing("BadResource", "remove", path) : disk.remove(path))
    })
  ]
]

interface Line {
  readonly level: LogLevel.LogLevel["label"]
  readonly text: string
}

/** What was logged, but for that a token was minted. */
const listening = () => {
  const lines: Array<Line> = []
  const logger = Logger.make<unknown, void>(({ annotations, logLevel, message }) => {
    lines.push({ level: logLevel.label, text: `${String(message)} ${JSON.stringify(HashMap.toEntries(annotations))}` })
  })
  return {
    warnings: () => lines.filter(({ level }) => level !== "INFO"),
    layer: Logger.replace(Logger.defaultLogger, logger)
  }
}

/** A layer over such a disk. */
const over = (fs: Disk) =>
  Layer.unwrapEffect(
    Effect.map(BiginAuth.fileStore("/tokens"), (store) => BiginAuth.layerRefreshToken({ ...client, store }))
  ).pipe(Layer.provide([FileSystem.layerNoop(fs), Path.layer]))

/** How many seconds it takes, by the clock that the test moves. */
const seconds = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(Effect.zipRight(self, Clock.currentTimeMillis))
    yield* TestClock.adjust("1 minute")
    return ((yield* Fiber.join(fiber)) - began) / 1000
  })

describe("a disk that", () => {
  it.effect.each(faults)("%s costs some seconds at the start, nothing after, and one warning", ([, fault]) =>
    Effect.gen(function* () {
      const { layer, warnings } = listening()
      yield* Effect.gen(function* () {
        const scope = yield* Scope.make()
        const starting = Effect.gen(function* () {
          const context = yield* Layer.buildWithScope(over(fault(disk().fs)), scope)
          yield* Effect.provide(credentials, context)
          return context
        })
        const build = yield* Effect.cached(starting)
        assert.isAtMost(yield* seconds(build), 12)
        const context = yield* build
        for (let hour = 0; hour < 5; hour++) {
          yield* TestClock.adjust("61 minutes")
          assert.strictEqual(yield* seconds(Effect.provide(credentials, context)), 0)
        }
        assert.strictEqual(yield* mints, 6)
        assert.isAtMost(yield* seconds(Scope.close(scope, Exit.void)), 12)
      }).pipe(Effect.provide([layer, FakeBigin.layer]))
      expect(warnings()).toHaveLength(1)
      const [{ text } = { text: "" }] = warnings()
      assert.match(text, /The token store failed.*(it does not answer|FileSystem)/)
      assert.notInclude(text, "1000.minted")
    })
  )

  it.effect("works costs nothing and is not heard of", () =>
    Effect.gen(function* () {
      const { layer, warnings } = listening()
      const { files, fs } = disk()
      const started = Effect.provide(credentials, over(fs))
      assert.strictEqual(yield* seconds(started).pipe(Effect.provide(layer)), 0)
      assert.strictEqual(yield* seconds(started), 0)
      assert.strictEqual(yield* mints, 1)
      assert.deepStrictEqual(
        [...files.keys()].map((name) => name.replace(/[0-9a-f]{64}/, "…")),
        ["/tokens/….bigin-token.json"]
      )
      expect(warnings()).toEqual([])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("works keeps the lock of a mint that takes its time", () =>
    Effect.gen(function* () {
      const { fs } = disk()
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.delay("20 seconds") })
      const started = Effect.provide(credentials, over(fs))
      assert.closeTo(yield* seconds(Effect.all([started, started, started], { concurrency: 3 })), 20, 1)
      assert.strictEqual(yield* mints, 1)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("holds the lock of a process that was killed costs four seconds, once", () =>
    Effect.gen(function* () {
      const { files, fs } = disk()
      yield* Effect.provide(credentials, over(fs))
      const [name = ""] = files.keys()
      files.clear()
      files.set(name.replace("json", "lock"), "somebody who is gone")
      const started = Effect.provide(credentials, over(fs))
      assert.closeTo(yield* seconds(started), 4.5, 0.5)
      assert.strictEqual(yield* seconds(started), 0)
      assert.deepStrictEqual([...files.keys()], [name])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("hangs once a token has come delays nobody", () =>
    Effect.gen(function* () {
      const { fs } = disk()
      let isHanging = false
      const rename: Disk["rename"] = (from, to) => (isHanging ? hang : fs.rename(from, to))
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({
        fault: (bigin) =>
          Effect.zipRight(
            Effect.sync(() => (isHanging = true)),
            FakeBigin.delay(0)(bigin)
          )
      })
      const context = yield* Layer.build(over({ ...fs, rename }))
      assert.strictEqual(yield* seconds(Effect.provide(credentials, context)), 0)
    }).pipe(Effect.scoped, Effect.provide(FakeBigin.layer))
  )

  it.effect("comes back is used again", () =>
    Effect.gen(function* () {
      const { files, fs } = disk()
      let isGone = true
      const open: Disk["open"] = (path) => (isGone ? failing("NotFound", "open", path) : fs.open(path))
      const context = yield* Layer.build(over({ ...fs, open }))
      yield* Effect.provide(credentials, context)
      assert.notInclude([...files.values()].join(""), "1000.minted")
      isGone = false
      yield* TestClock.adjust("61 minutes")
      yield* Effect.provide(credentials, context)
      yield* TestClock.adjust("1 second")
      assert.include([...files.values()].join(""), "1000.minted-2")
      yield* TestClock.adjust("61 minutes")
      const others = yield* Effect.provide(credentials, over(fs))
      expect(yield* Effect.provide(credentials, context)).toEqual(others)
      assert.strictEqual(yield* mints, 3)
    }).pipe(Effect.scoped, Effect.provide(FakeBigin.layer))
  )

  it.effect("holds a token does not hold the scopes that configuration claims", () =>
    Effect.gen(function* () {
      const { files, fs } = disk()
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.json(200, { access_token: "1000.given" })) })
      const scopes = Scopes.missing(Scopes.deleteAttachment("Contacts"), [])
      const claiming = Layer.unwrapEffect(
        Effect.map(BiginAuth.fileStore("/tokens"), (store) => BiginAuth.layerRefreshToken({ ...client, scopes, store }))
      ).pipe(Layer.provide([FileSystem.layerNoop(fs), Path.layer]))
      assert.deepStrictEqual((yield* Effect.provide(credentials, claiming)).scopes, scopes)
      assert.include([...files.values()].join(""), "1000.given")
      assert.notInclude([...files.values()].join(""), "ZohoBigin")
      assert.isUndefined((yield* Effect.provide(credentials, over(fs))).scopes)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})
