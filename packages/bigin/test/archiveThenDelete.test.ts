/** What is deleted is on disk, whole: whatever Bigin, the disk, a crash and a file's name do. */
import { Error as PlatformError, FileSystem, HttpClient, HttpClientResponse, Path } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Random, Schedule, Schema, Stream, TestClock } from "effect"
import { spawn } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { inspect } from "node:util"
import { ArchiveManifest, Attachments, type BiginAuth, Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { bundled } from "./child.ts"
import { doors, inMemoryAs } from "./doors.ts"

const ref = Fixtures.attachment
const id = ref.attachmentId
// more than one piece
const content = new Uint8Array(randomBytes(70_000))
const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

type Services = FileSystem.FileSystem | Path.Path | FakeBigin.FakeBigin | HttpClient.HttpClient | BiginAuth.BiginAuth

/** With one attachment in Bigin, and a folder that does not exist yet in one that goes with the test. */
const story = <A, E>(
  test: (folder: string) => Effect.Effect<A, E, Services>,
  attachment: Partial<FakeBigin.Attachment> = {},
  door: (typeof doors)[number][1] = FakeBigin.layer
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    yield* holds(attachment)
    return yield* test(`${yield* fs.makeTempDirectoryScoped()}/archive`)
  }).pipe(Effect.scoped, Effect.provide([NodeContext.layer, door]))

const holds = (attachment: Partial<FakeBigin.Attachment>) =>
  Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
    fake.put({
      ...Fixtures.record,
      attachments: [
        { id, fileName: "offer.pdf", size: attachment.content?.length ?? content.length, content, ...attachment }
      ]
    })
  )

const inject = (fault: FakeBigin.Fault, when?: FakeBigin.Rule["when"], times = 1) =>
  Effect.flatMap(FakeBigin.FakeBigin, (fake) => fake.inject({ fault, times, ...(when && { when }) }))

const isDownload: FakeBigin.Rule["when"] = ({ method, url }) => method === "GET" && url.includes(id)
const isList: FakeBigin.Rule["when"] = ({ method, url }) => method === "GET" && !url.includes(id)
const isDelete: FakeBigin.Rule["when"] = ({ method }) => method === "DELETE"

const wordOf = (request: FakeBigin.WireRequest) =>
  isList(request) ? "list" : isDownload(request) ? "download" : request.method

/** What Bigin was asked, in order. */
const asked = Effect.gen(function* () {
  const requests = yield* (yield* FakeBigin.FakeBigin).requests
  return requests.map(wordOf).join(" ")
})

// a schedule that does not wait, since the clock of a test stands still
const run = (folder: string, times = 2) =>
  Attachments.archiveThenDelete(ref, { folder, schedule: Schedule.recurs(times) })

const directoryIn = (folder: string) => `${folder}/${ref.module}/${ref.recordId}`

const names = (folder: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.map(
      Effect.orElseSucceed(fs.readDirectory(directoryIn(folder)), () => []),
      (all) => all.toSorted()
    )
  )

const read = (folder: string, name: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFile(`${directoryIn(folder)}/${name}`))

const decodeManifest = Schema.decodeUnknown(Schema.parseJson(ArchiveManifest.ArchiveManifest))

const readManifest = (folder: string, attachmentId: string = id) =>
  Effect.flatMap(read(folder, `${attachmentId}.manifest.json`), (bytes) =>
    decodeManifest(new TextDecoder().decode(bytes))
  )

const isAttached = Effect.gen(function* () {
  return (yield* (yield* FakeBigin.FakeBigin).attachments(Fixtures.record)).length > 0
})

const isKept = (folder: string, name = `${id}.pdf`, bytes: Uint8Array = content) =>
  Effect.gen(function* () {
    assert.isTrue(Buffer.from(bytes).equals(yield* read(folder, name)))
    expect(yield* readManifest(folder)).toMatchObject({ ref, size: bytes.length, sha256: sha256Of(bytes) })
    assert.deepStrictEqual(yield* names(folder), [`${id}.manifest.json`, name].toSorted())
  })

/** It fails with this, no DELETE was sent, and of the file there is not even a part. */
const failsWith = (folder: string, expected: object, self: ReturnType<typeof run> = run(folder)) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(self)
    const path = `${directoryIn(folder)}/${id}.manifest.json`
    expect(error).toMatchObject({ _tag: "ArchiveFailed", ref, path, ...expected })
    assert.isTrue(yield* isAttached)
    assert.notInclude(yield* asked, "DELETE")
    assert.deepStrictEqual(
      (yield* names(folder)).filter((name) => name.includes("part") || name.includes("manifest")),
      []
    )
  })

type Change = (fs: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>

const onDisk =
  (change: Change) =>
  <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.updateService(self, FileSystem.FileSystem, (fs) => ({ ...fs, ...change(fs) }))

/** A file of which some methods are others. A Proxy, because its own are a class's. */
const fileWith = (file: FileSystem.File, other: Partial<FileSystem.File>): FileSystem.File =>
  new Proxy(file, { get: (target, key) => Reflect.get(Reflect.has(other, key) ? other : target, key) })

const opening =
  (other: (file: FileSystem.File, path: string) => Partial<FileSystem.File>): Change =>
  (fs) => ({ open: (path, options) => Effect.map(fs.open(path, options), (file) => fileWith(file, other(file, path))) })

const diskError = (method: string, code = "EIO") =>
  Effect.fail(
    new PlatformError.SystemError({
      module: "FileSystem",
      method,
      reason: "Unknown",
      cause: Object.assign(new Error(code), { code })
    })
  )

describe.each(doors)("archiveThenDelete over %s", (_, door) => {
  it.effect("keeps the file and its manifest, and then deletes", () =>
    story(
      (folder) =>
        Effect.gen(function* () {
          const done = yield* run(folder)
          const manifest = {
            ref,
            fileName: "offer.pdf",
            archivedAt: "1970-01-01T00:00:00.000Z",
            size: content.length,
            sha256: sha256Of(content)
          }
          expect(done).toEqual({ ...ref, outcome: "Deleted", proof: "Success", attempts: 1, manifest })
          expect(yield* readManifest(folder)).toEqual(manifest)
          yield* isKept(folder)
          assert.isFalse(yield* isAttached)
          assert.strictEqual(yield* asked, "list download DELETE")
        }),
      {},
      door
    )
  )

  it.effect.each([
    ["is cut before it begins", FakeBigin.cut],
    ["breaks off in its middle", FakeBigin.breakOff]
  ] as const)("downloads again what %s", ([, fault]) =>
    story(
      (folder) =>
        Effect.gen(function* () {
          yield* inject(fault, isDownload, 2)
          expect(yield* run(folder)).toMatchObject({ outcome: "Deleted" })
          yield* isKept(folder)
          assert.strictEqual(yield* asked, "list download download download DELETE")
        }),
      {},
      door
    )
  )

  it.effect("fails with what the last download failed with, when the schedule is spent", () =>
    story(
      (folder) =>
        Effect.gen(function* () {
          yield* inject(FakeBigin.breakOff, isDownload, 3)
          yield* failsWith(folder, { last: { _tag: "ConnectionLost", ref } })
          assert.strictEqual(yield* asked, "list download download download")
        }),
      {},
      door
    )
  )
})

describe("what is kept", () => {
  it.effect("of a file without a byte is one without a byte", () =>
    story(
      (folder) =>
        Effect.gen(function* () {
          expect(yield* run(folder)).toMatchObject({ outcome: "Deleted" })
          yield* isKept(folder, `${id}.pdf`, new Uint8Array())
        }),
      { content: new Uint8Array() }
    )
  )

  it.effect("of a link is the manifest alone, with where it leads", () =>
    story(
      (folder) =>
        Effect.gen(function* () {
          const linkUrl = "https://www.bigin.com"
          expect(yield* run(folder)).toMatchObject({ outcome: "Deleted", manifest: { ref, linkUrl } })
          expect(yield* readManifest(folder)).toMatchObject({ ref, linkUrl })
          assert.deepStrictEqual(yield* names(folder), [`${id}.manifest.json`])
          assert.strictEqual(yield* asked, "list DELETE")
          assert.isFalse(yield* isAttached)
        }),
      { fileName: null, size: 0, linkUrl: "https://www.bigin.com" }
    )
  )

  it.effect("of a row whose link is empty is the file", () =>
    story((folder) =>
      Effect.gen(function* () {
        const emptyLink = FakeBigin.garble((reply) => ({
          ...reply,
          body: String(reply.body).replace('"$file_id"', '"$link_url":"","$file_id"')
        }))
        yield* inject(emptyLink, isList)
        expect(yield* run(folder)).toMatchObject({ outcome: "Deleted" })
        yield* isKept(folder)
      })
    )
  )

  const parents = ["archive", `archive/${ref.module}`, `archive/${ref.module}/${ref.recordId}`]

  it.effect.each([
    ["../../x", ""],
    ["../../x.pdf", ".pdf"],
    ["/etc/passwd", ""],
    ["a/b.pdf", ".pdf"],
    ["a.pdf/b", ""],
    [String.raw`a.pdf\..\b.PNG`, ".PNG"],
    ["no ending", ""],
    ["..", ""],
    ["a.", ""],
    ["", ""],
    [null, ""],
    [".json", ".json"],
    ["x.manifest.json", ".json"],
    ["a.part-1", ""],
    ["a.pdf\n", ""],
    ["a.pdf\0", ""],
    ["a.p\0df", ""],
    ["a.pdf ", ""],
    ["a.пдф", ""],
    ["a.pdf:stream", ""],
    [`a.${"x".repeat(16)}`, `.${"x".repeat(16)}`],
    [`a.${"x".repeat(17)}`, ""]
  ] as const)("of a file that is called %j is named by its id, in its folder", ([fileName, ending]) =>
    story(
      (folder) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const { manifest } = yield* run(folder)
          yield* isKept(folder, `${id}${ending}`, Uint8Array.of(1))
          assert.strictEqual(manifest.fileName, fileName ?? undefined)
          expect(yield* readManifest(folder)).toEqual(manifest)
          assert.deepStrictEqual(
            (yield* fs.readDirectory(`${folder}/..`, { recursive: true })).toSorted(),
            [...parents, ...(yield* names(folder)).map((name) => `${parents[2]}/${name}`)].toSorted()
          )
        }),
      { fileName, content: Uint8Array.of(1) }
    )
  )
})

describe("nothing is deleted where it could not be kept", () => {
  it.effect("since more or less came than the list tells", () =>
    Effect.forEach([content.length - 1, content.length + 1], (size) =>
      story(
        (folder) => failsWith(folder, { reason: `${content.length} bytes came, and ${size} are what the list tells` }),
        { size }
      )
    )
  )

  it.effect("since half of it passed for the whole", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* inject(
          FakeBigin.garble((reply) => ({ ...reply, body: content.subarray(0, 35_000) })),
          isDownload
        )
        yield* failsWith(folder, { reason: `35000 bytes came, and ${content.length} are what the list tells` })
      })
    )
  )

  it.effect("since the list tells no size", () =>
    story((folder) =>
      Effect.gen(function* () {
        const sizeless = FakeBigin.garble((reply) => ({ ...reply, body: String(reply.body).replace('"Size"', '"-"') }))
        yield* inject(sizeless, isList)
        yield* failsWith(folder, { reason: "the list tells no size to compare it with" })
      })
    )
  )

  it.effect("since the list does not have it", () =>
    story(
      (folder) =>
        Effect.gen(function* () {
          yield* failsWith(folder, { reason: "the list does not have it" })
          assert.strictEqual(yield* asked, "list")
        }),
      { id: "1" }
    )
  )

  it.effect("since Bigin refuses the list or the download, which is not asked again", () =>
    Effect.forEach([isList, isDownload], (when) =>
      story((folder) =>
        Effect.gen(function* () {
          yield* inject(FakeBigin.answerWith(Fixtures.documented("NoPermission")), when)
          yield* failsWith(folder, { last: { _tag: "NoPermission" } })
          assert.strictEqual(yield* asked, when === isList ? "list" : "list download")
        })
      )
    )
  )

  it.effect("since the list fails for longer than the schedule lasts", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* inject(FakeBigin.badGateway, isList, 3)
        yield* failsWith(folder, { last: { _tag: "ServiceFault", status: 502 } })
        assert.strictEqual(yield* asked, "list list list")
      })
    )
  )

  it.effect("since a file is where the folder is to be", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(folder, ""))
        yield* failsWith(folder, { reason: "readFile of the file system failed with ENOTDIR" })
        assert.strictEqual(yield* asked, "list")
      })
    )
  )

  it.effect("since a folder is where the file is to be", () =>
    story((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        yield* fs.makeDirectory(`${directoryIn(folder)}/${id}.pdf`, { recursive: true })
        yield* failsWith(folder, { reason: "rename of the file system failed with EISDIR" })
      })
    )
  )

  const isPart = (path: string) => path.includes(".part-")
  const isOfManifest = (path: string) => path.includes("manifest")

  it.effect.each([
    ["open", "EMFILE", () => ({ open: () => diskError("open", "EMFILE") })],
    ["writeAll", "ENOSPC", opening(() => ({ writeAll: () => diskError("writeAll", "ENOSPC") }))],
    ["sync", "EIO", opening((file, path) => ({ sync: isPart(path) ? diskError("sync") : file.sync }))],
    [
      "sync",
      "EIO",
      opening((file, path) => ({ sync: isPart(path) && isOfManifest(path) ? diskError("sync") : file.sync }))
    ],
    ["stream", "EIO", () => ({ stream: () => Stream.fromEffect(diskError("stream")) })],
    ["rename", "EROFS", () => ({ rename: () => diskError("rename", "EROFS") })],
    ["rename", "EIO", (fs) => ({ rename: (a, b) => (isOfManifest(b) ? diskError("rename") : fs.rename(a, b)) })],
    ["makeDirectory", "EROFS", () => ({ makeDirectory: () => diskError("makeDirectory", "EROFS") })],
    ["access", "EACCES", () => ({ exists: () => diskError("access", "EACCES") })],
    ["readFile", "EACCES", () => ({ readFileString: () => diskError("readFile", "EACCES") })]
  ] satisfies ReadonlyArray<readonly [string, string, Change]>)(
    "since the disk fails, and the reason is the system's code: %s, %s",
    ([method, code, change]) =>
      story((folder) =>
        failsWith(folder, { reason: `${method} of the file system failed with ${code}` }, onDisk(change)(run(folder)))
      )
  )

  it.effect.each([
    ["no cause", undefined],
    ["a cause without a code", new Error("EIO")],
    ["a code that is no system's", Object.assign(new Error(), { code: "ERR_1000.token and more" })],
    ["a code that is a number", Object.assign(new Error(), { code: 5 })]
  ] as const)("since the disk fails, and the reason is the platform's where there is %s", ([, cause]) =>
    story((folder) => {
      const error = new PlatformError.SystemError({ module: "FileSystem", method: "rename", reason: "Busy", cause })
      const change: Change = () => ({ rename: () => Effect.fail(error) })
      return failsWith(folder, { reason: "rename of the file system failed with Busy" }, onDisk(change)(run(folder)))
    })
  )

  it.effect("since a directory could not be written", () =>
    story((folder) =>
      Effect.gen(function* () {
        const change = opening((file, path) => ({ sync: path === folder ? diskError("sync") : file.sync }))
        const error = yield* Effect.flip(onDisk(change)(run(folder)))
        expect(error).toMatchObject({ reason: "sync of the file system failed with EIO" })
        assert.isTrue(yield* isAttached)
      })
    )
  )

  it.effect.each(["EMFILE", "ENOMEM", "EIO", "ENOENT"])("since a directory could not be opened: %s", (code) =>
    story((folder) =>
      Effect.gen(function* () {
        const change: Change = (fs) => ({
          open: (path, options) => (options?.flag === "r" ? diskError("open", code) : fs.open(path, options))
        })
        const error = yield* Effect.flip(onDisk(change)(run(folder)))
        expect(error).toMatchObject({ reason: `open of the file system failed with ${code}` })
        assert.isTrue(yield* isAttached)
      })
    )
  )

  /** Every code, also those of a system that syncs no directories: what was made in it may be gone after a crash. */
  const codes = ["EIO", "EROFS", "EUCLEAN", "ENOTCONN", "EACCES", "EPERM", "EINVAL", "ENOTSUP", "ENOSYS"]

  it.effect.each(codes)("since a directory in which it made something could not be synced: %s", (code) =>
    story((folder) =>
      Effect.forEach(["opened", "synced"], (way) =>
        Effect.forEach([folder.replace(/\/archive$/, ""), folder, directoryIn(folder)], (directory, index) =>
          Effect.gen(function* () {
            const inside = `${folder}-${way}-${index}`
            const broken = directory.replace(folder, inside)
            const change: Change =
              way === "opened"
                ? (fs) => ({
                    open: (path, options) =>
                      path === broken && options?.flag === "r" ? diskError("sync", code) : fs.open(path, options)
                  })
                : opening((file, path) => ({ sync: path === broken ? diskError("sync", code) : file.sync }))
            const error = yield* Effect.flip(onDisk(change)(run(inside)))
            expect(error).toMatchObject({ reason: `sync of the file system failed with ${code}` })
            assert.notInclude(yield* asked, "DELETE")
          })
        )
      )
    )
  )

  it.effect("since what is on disk is not what was written", () =>
    story((folder) =>
      failsWith(
        folder,
        { reason: "what is on disk is not what was written" },
        onDisk((fs) => ({
          stream: (path) =>
            Stream.map(fs.stream(path), (piece) => piece.map((byte, index) => (index === 7 ? byte ^ 1 : byte)))
        }))(run(folder))
      )
    )
  )

  it.effect("since the input is malformed: nothing is sent, and nothing is made", () =>
    story((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        for (const malformed of [{ attachmentId: ".." }, { recordId: "../1" }, { module: "../x" }]) {
          const error = yield* Effect.flip(Attachments.archiveThenDelete({ ...ref, ...malformed }, { folder }))
          assert.strictEqual(error._tag, "InvalidInput")
        }
        assert.strictEqual(yield* asked, "")
        assert.isFalse(yield* fs.exists(folder))
      })
    )
  )
})

describe("a download in pieces, one of which is empty", () => {
  it.effect("is kept", () =>
    story((folder) =>
      Effect.gen(function* () {
        const pieces = Stream.make(content.slice(0, 3), new Uint8Array(), content.slice(3))
        const inPieces = HttpClient.transformResponse(
          Effect.map((response: HttpClientResponse.HttpClientResponse) =>
            response.request.method === "GET" && response.request.url.includes(id)
              ? HttpClientResponse.fromWeb(response.request, new Response(Stream.toReadableStream(pieces)))
              : response
          )
        )
        expect(yield* run(folder).pipe(Effect.updateService(HttpClient.HttpClient, inPieces))).toMatchObject({
          outcome: "Deleted"
        })
        yield* isKept(folder)
      })
    )
  )
})

describe("a directory that cannot be synced", () => {
  const ways = [
    [
      "is not opened",
      (fs) => ({ open: (path, o) => (o?.flag === "r" ? diskError("open", "EACCES") : fs.open(path, o)) })
    ],
    ["is not synced", opening((file, path) => ({ sync: path.includes(id) ? file.sync : diskError("sync", "EINVAL") }))]
  ] satisfies ReadonlyArray<readonly [string, Change]>

  it.effect.each(ways)("is excused where this run has made nothing in it: it %s", ([, change]) =>
    story((folder) =>
      Effect.gen(function* () {
        yield* inject(FakeBigin.answerWith(Fixtures.documented("NoPermission")), isDelete)
        yield* Effect.flip(run(folder))
        expect(yield* onDisk(change)(run(folder))).toMatchObject({ outcome: "Deleted" })
        yield* isKept(folder)
      })
    )
  )

  it.effect("is excused above all that this run has made", () =>
    story((folder) =>
      Effect.gen(function* () {
        // the folder is made in its parent, and nothing in what is above that
        const parent = folder.replace(/\/archive$/, "")
        const change = opening((file, path) => ({
          sync: path.startsWith(parent) ? file.sync : diskError("sync", "EACCES")
        }))
        expect(yield* onDisk(change)(run(folder))).toMatchObject({ outcome: "Deleted" })
      })
    )
  )

  it.effect.each(["EIO", "EROFS", "nothing that is known"])(
    "is heard of all the same where that is a fault of the disk: %s",
    (code) =>
      story((folder) =>
        Effect.gen(function* () {
          yield* inject(FakeBigin.answerWith(Fixtures.documented("NoPermission")), isDelete)
          yield* Effect.flip(run(folder))
          const change = opening((file, path) => ({ sync: path === folder ? diskError("sync", code) : file.sync }))
          const error = yield* Effect.flip(onDisk(change)(run(folder)))
          const told = code.startsWith("E") ? code : "Unknown"
          expect(error).toMatchObject({ reason: `sync of the file system failed with ${told}` })
          assert.isTrue(yield* isAttached)
        })
      )
  )

  it.effect.each(ways)("is excused on Windows, which syncs none: it %s", ([, change]) =>
    story((folder) =>
      Effect.gen(function* () {
        const onWindows = Effect.updateService(Path.Path, (path) => ({ ...path, sep: "\\" }))
        expect(yield* run(folder).pipe(onDisk(change), onWindows)).toMatchObject({ outcome: "Deleted" })
        yield* isKept(folder)
      })
    )
  )
})

describe("who may read what is kept", () => {
  const modeOf = (path: string) =>
    Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.map(fs.stat(path), ({ mode }) => (mode & 0o777).toString(8)))

  const modes = (folder: string) =>
    Effect.all({
      files: Effect.forEach([`${id}.pdf`, `${id}.manifest.json`], (name) => modeOf(`${directoryIn(folder)}/${name}`)),
      folders: Effect.forEach([folder, `${folder}/${ref.module}`, directoryIn(folder)], modeOf)
    })

  it.effect("is its owner alone", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* run(folder)
        expect(yield* modes(folder)).toEqual({ files: ["600", "600"], folders: ["700", "700", "700"] })
      })
    )
  )

  it.effect("is whoever is asked for, who may enter the folders as well", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* Attachments.archiveThenDelete(ref, { folder, mode: 0o640 })
        expect(yield* modes(folder)).toEqual({ files: ["640", "640"], folders: ["750", "750", "750"] })
      })
    )
  )

  it.effect("is whoever was let in by the folders that are there already", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* (yield* FileSystem.FileSystem).makeDirectory(folder, { mode: 0o755 })
        yield* run(folder)
        expect(yield* modes(folder)).toEqual({ files: ["600", "600"], folders: ["755", "700", "700"] })
      })
    )
  )

  it.effect("is nobody else at any moment, also of the part that is written", () =>
    story((folder) =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const watching: Change = (fs) => ({
          open: (path, options) =>
            Effect.tap(fs.open(path, options), () =>
              path.includes(".part-")
                ? Effect.map(fs.stat(path), ({ mode }) => seen.push((mode & 0o777).toString(8)))
                : Effect.void
            )
        })
        yield* onDisk(watching)(run(folder))
        assert.deepStrictEqual(seen, ["600", "600", "600", "600"])
      })
    )
  )
})

describe("reads that fail for now", () => {
  it.effect("are repeated: the list", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* inject(FakeBigin.cut, isList)
        yield* inject(FakeBigin.answerWith(Fixtures.rateLimited()), isList)
        expect(yield* run(folder)).toMatchObject({ outcome: "Deleted" })
        assert.strictEqual(yield* asked, "list list list download DELETE")
      })
    )
  )
})

describe("another run", () => {
  const refuseToDelete = inject(FakeBigin.answerWith(Fixtures.documented("NoPermission")), isDelete)
  /** A run that keeps it and does not delete it. */
  const keptBy = (folder: string) => Effect.zipRight(refuseToDelete, Effect.flip(run(folder)))

  it.effect("after success proves that it is gone, with the manifest of the first", () =>
    story((folder) =>
      Effect.gen(function* () {
        const { manifest } = yield* run(folder)
        yield* TestClock.adjust("1 hour")
        expect(yield* run(folder)).toEqual({ ...ref, outcome: "AlreadyGone", proof: "Refusal", attempts: 1, manifest })
        // the last list is the proof's
        assert.strictEqual(yield* asked, "list download DELETE list DELETE list")
        yield* isKept(folder)
      })
    )
  )

  it.effect("of a link after success does, too", () =>
    story(
      (folder) =>
        Effect.gen(function* () {
          const { manifest } = yield* run(folder)
          expect(yield* run(folder)).toMatchObject({ outcome: "AlreadyGone", manifest })
        }),
      { size: 0, linkUrl: "https://www.bigin.com" }
    )
  )

  it.effect("after a deletion that was refused downloads nothing", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* refuseToDelete
        assert.strictEqual((yield* Effect.flip(run(folder)))._tag, "NoPermission")
        expect(yield* run(folder)).toMatchObject({ outcome: "Deleted" })
        assert.strictEqual(yield* asked, "list download DELETE list DELETE")
      })
    )
  )

  it.effect("after an end between the file and its manifest keeps it anew", () =>
    story((folder) =>
      Effect.gen(function* () {
        const ends: Change = (fs) => ({
          rename: (from, to) => (to.includes("manifest") ? Effect.interrupt : fs.rename(from, to))
        })
        assert.isTrue(Exit.isInterrupted(yield* Effect.exit(onDisk(ends)(run(folder)))))
        assert.deepStrictEqual(yield* names(folder), [`${id}.pdf`])
        assert.isTrue(yield* isAttached)
        expect(yield* run(folder)).toMatchObject({ outcome: "Deleted" })
        yield* isKept(folder)
      })
    )
  )

  it.effect("deletes nothing while the list cannot be read, whatever was kept", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* keptBy(folder)
        yield* inject(FakeBigin.answerWith(Fixtures.documented("NoPermission")), isList)
        expect(yield* Effect.flip(run(folder))).toMatchObject({ _tag: "ArchiveFailed", last: { _tag: "NoPermission" } })
        assert.strictEqual(yield* asked, "list download DELETE list")
      })
    )
  )

  type Harm = (fs: FileSystem.FileSystem, file: string) => Effect.Effect<void, unknown>

  const harmManifest =
    (change: (text: string) => string): Harm =>
    (fs, file) => {
      const path = file.replace(".pdf", ".manifest.json")
      return Effect.flatMap(fs.readFileString(path), (text) => fs.writeFileString(path, change(text)))
    }

  const damage: Readonly<Record<string, Harm>> = {
    "the file was truncated": (fs, file) => fs.truncate(file, 100),
    "a byte of the file was changed": (fs, file) => fs.writeFile(file, content.with(5, (content[5] ?? 0) ^ 1)),
    "the file was removed": (fs, file) => fs.remove(file),
    "a folder is where the file was": (fs, file) => Effect.zipRight(fs.remove(file), fs.makeDirectory(file)),
    "the manifest is not JSON": harmManifest(() => "{"),
    "the manifest is empty": harmManifest(() => ""),
    "the manifest is another attachment's": harmManifest((text) => text.replace(id, "1")),
    "the manifest tells another size": harmManifest((text) => text.replace(`${content.length}`, "1")),
    "the manifest tells another digest": harmManifest((text) => text.replace(/[0-9a-f]{64}/, "0".repeat(64))),
    "the manifest is of a link that is empty": harmManifest((text) => text.replace(/"size"[^}]*/, '"linkUrl": ""'))
  }

  const harmed = (folder: string, harm: Harm) =>
    Effect.flatMap(FileSystem.FileSystem, (fs) => harm(fs, `${directoryIn(folder)}/${id}.pdf`))

  /** What lies in a folder, by name. */
  const contents = (folder: string) =>
    Effect.flatMap(names(folder), (all) =>
      Effect.forEach(all, (name) =>
        Effect.map(
          Effect.orElseSucceed(read(folder, name), () => new Uint8Array()),
          (bytes) => [name, sha256Of(bytes)] as const
        )
      )
    ).pipe(Effect.map((all) => Object.fromEntries(all)))

  const isKeptBeside = (folder: string) =>
    Effect.gen(function* () {
      assert.isTrue(Buffer.from(content).equals(yield* read(folder, `${id}-2.pdf`)))
      expect(yield* readManifest(folder, `${id}-2`)).toMatchObject({ ref, size: content.length })
    })

  it.effect.each(Object.entries(damage))("keeps anew where %s, beside it and never over it", ([, harm]) =>
    story((folder) =>
      Effect.gen(function* () {
        yield* keptBy(folder)
        yield* harmed(folder, harm)
        const before = yield* contents(folder)
        expect(yield* run(folder)).toMatchObject({ outcome: "Deleted", manifest: { ref, size: content.length } })
        yield* isKeptBeside(folder)
        expect(yield* contents(folder)).toMatchObject(before)
        assert.lengthOf(yield* names(folder), Object.keys(before).length + 2)
        assert.strictEqual(yield* asked, "list download DELETE list download DELETE")
      })
    )
  )

  it.effect.each(Object.entries(damage))("claims nothing where %s and Bigin no longer has it", ([, harm]) =>
    story((folder) =>
      Effect.gen(function* () {
        yield* run(folder)
        yield* harmed(folder, harm)
        expect(yield* Effect.flip(run(folder))).toMatchObject({
          _tag: "ArchiveFailed",
          reason: "the list does not have it"
        })
        assert.strictEqual(yield* asked, "list download DELETE list")
      })
    )
  )

  it.effect("believes what was kept beside, and downloads nothing", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* keptBy(folder)
        yield* harmed(folder, damage["the file was truncated"]!)
        yield* keptBy(folder)
        const before = yield* contents(folder)
        expect(yield* run(folder)).toMatchObject({ outcome: "Deleted" })
        expect(yield* contents(folder)).toEqual(before)
        assert.strictEqual(yield* asked, "list download DELETE list download DELETE list DELETE")
      })
    )
  )

  it.effect("lets what was kept whole stand where the list no longer has it, the newest of several", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* keptBy(folder)
        yield* holds({ content: Uint8Array.of(1, 2, 3) })
        const { manifest } = yield* run(folder)
        expect(manifest).toMatchObject({ size: 3 })
        expect(yield* run(folder)).toMatchObject({ outcome: "AlreadyGone", manifest })
        yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.remove(`${directoryIn(folder)}/${id}-2.pdf`))
        // of two the one that is whole
        expect(yield* run(folder)).toMatchObject({ outcome: "AlreadyGone", manifest: { size: content.length } })
      })
    )
  )

  const link = { fileName: null, size: 0, linkUrl: "https://www.bigin.com" }
  const file = { fileName: "offer.pdf", size: content.length, content }

  it.effect.each<[string, Partial<FakeBigin.Attachment>, Partial<FakeBigin.Attachment>, object]>([
    ["a file of another size", file, { content: Uint8Array.of(1) }, { size: 1 }],
    ["a link in place of a file", file, link, { linkUrl: link.linkUrl }],
    ["a link of its size in place of a file", file, { ...link, size: file.size }, { linkUrl: link.linkUrl }],
    ["a file in place of a link", link, file, { size: content.length }],
    ["another link", link, { ...link, linkUrl: "https://www.zoho.com" }, { linkUrl: "https://www.zoho.com" }]
  ])("believes no manifest where the list has %s", ([, first, second, manifest]) =>
    story((folder) =>
      Effect.gen(function* () {
        yield* holds(first)
        yield* keptBy(folder)
        const before = yield* contents(folder)
        yield* holds(second)
        expect(yield* run(folder)).toMatchObject({ outcome: "Deleted", manifest: { ref, ...manifest } })
        expect(yield* contents(folder)).toMatchObject(before)
        expect(yield* readManifest(folder, `${id}-2`)).toMatchObject({ ref, ...manifest })
      })
    )
  )

  it.effect("believes no manifest of a file where the list tells no size", () =>
    story((folder) =>
      Effect.gen(function* () {
        yield* keptBy(folder)
        const before = yield* contents(folder)
        yield* inject(
          FakeBigin.garble((reply) => ({ ...reply, body: String(reply.body).replace('"Size"', '"-"') })),
          isList
        )
        expect(yield* Effect.flip(run(folder))).toMatchObject({
          reason: "the list tells no size to compare it with",
          path: `${directoryIn(folder)}/${id}-2.manifest.json`
        })
        expect(yield* contents(folder)).toEqual(before)
      })
    )
  )

  it.effect("ends where a disk has a manifest under every name", () =>
    story((folder) =>
      Effect.gen(function* () {
        const everywhere: Change = () => ({ readFileString: () => Effect.succeed("{}") })
        expect(yield* Effect.flip(onDisk(everywhere)(run(folder)))).toMatchObject({
          reason: "there are 1000 manifests of it already"
        })
      })
    )
  )
})

describe("the order of things", () => {
  /** Records what is done below the folder's own and what Bigin is asked. */
  const recorded = (folder: string, self: ReturnType<typeof run>) =>
    Effect.gen(function* () {
      const above = folder.replace(/archive$/, "")
      const done: Array<string> = []
      const note = (act: string, path: string) => {
        const name = path
          .replace(above, "")
          .replace(`${ref.recordId}/`, "")
          .replace(/part-.*/, "part")
        if (path.startsWith(above)) done.push(`${act} ${name.replace(`archive/${ref.module}/${id}`, "")}`)
      }
      yield* inject(
        (bigin) => Effect.map(bigin, (reply) => ({ _tag: "Whole", reply })),
        (request) => done.push(wordOf(request)) > 0,
        Number.POSITIVE_INFINITY
      )
      const noting: Change = (fs) => ({
        rename: (from, to) => Effect.tap(fs.rename(from, to), () => note("rename to", to)),
        stream: (path) =>
          Stream.onStart(
            fs.stream(path),
            Effect.sync(() => note("read", path))
          ),
        open: (path, options) =>
          Effect.map(fs.open(path, options), (file) =>
            fileWith(file, { sync: Effect.tap(file.sync, () => note("sync", path)) })
          )
      })
      yield* onDisk(noting)(self)
      return done
    })

  const synced = [`archive/${ref.module}/${ref.recordId}`, `archive/${ref.module}`, "archive"].map(
    (name) => `sync ${name}`
  )

  it.effect("is file, manifest, names, and only then the deletion", () =>
    story((folder) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* recorded(folder, run(folder)), [
          "list",
          "download",
          "sync .pdf.part",
          "read .pdf.part",
          "rename to .pdf",
          "sync .manifest.json.part",
          "read .manifest.json.part",
          "rename to .manifest.json",
          ...synced,
          "DELETE"
        ])
      })
    )
  )

  it.effect(
    "is file and names where an earlier run kept it: that one may have ended before the names were on disk",
    () =>
      story((folder) =>
        Effect.gen(function* () {
          yield* inject(FakeBigin.answerWith(Fixtures.documented("NoPermission")), isDelete)
          yield* Effect.flip(run(folder))
          assert.deepStrictEqual(yield* recorded(folder, run(folder)), ["list", "read .pdf", ...synced, "DELETE"])
        })
      )
  )
})

describe("an interruption", () => {
  it.effect("in the middle of the download leaves no part, and deletes nothing", () =>
    story((folder) =>
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const telling = opening((file) => ({
          writeAll: (piece) => Effect.tap(file.writeAll(piece), () => Deferred.succeed(begun, undefined))
        }))
        yield* inject(FakeBigin.stall, isDownload)
        const fiber = yield* Effect.fork(onDisk(telling)(run(folder)))
        yield* Deferred.await(begun)
        assert.lengthOf(yield* names(folder), 1)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* names(folder), [])
        assert.isTrue(yield* isAttached)
        assert.strictEqual(yield* asked, "list download")
      })
    )
  )

  it.effect("waits for a write that is under way: its file is not closed before", () =>
    story((folder) =>
      Effect.gen(function* () {
        const done: Array<string> = []
        const begun = yield* Deferred.make<void>()
        const mayGoOn = yield* Deferred.make<void>()
        const slow: Change = (fs) => ({
          ...opening((file) => ({
            writeAll: (piece) =>
              Deferred.succeed(begun, undefined).pipe(
                Effect.zipRight(Deferred.await(mayGoOn)),
                Effect.zipRight(file.writeAll(piece)),
                Effect.tap(() => done.push("written"))
              )
          }))(fs),
          remove: (path, options) => Effect.tap(fs.remove(path, options), () => done.push("removed"))
        })
        const fiber = yield* Effect.fork(onDisk(slow)(run(folder)))
        yield* Deferred.await(begun)
        const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
        yield* Effect.yieldNow()
        yield* Deferred.succeed(mayGoOn, undefined)
        yield* Fiber.join(interruption)
        assert.deepStrictEqual(done, ["written", "removed"])
      })
    )
  )
})

describe("a part of another run", () => {
  it.effect("by the same name is neither written to nor removed", () =>
    story((folder) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const seeded = Random.make("the same")
        const part = `${directoryIn(folder)}/${id}.pdf.part-${(yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER).pipe(Effect.withRandom(seeded))).toString(36)}`
        yield* fs.makeDirectory(directoryIn(folder), { recursive: true })
        yield* fs.writeFileString(part, "another's")
        const error = yield* Effect.flip(run(folder)).pipe(Effect.withRandom(Random.make("the same")))
        expect(error).toMatchObject({ reason: "open of the file system failed with EEXIST" })
        assert.strictEqual(yield* fs.readFileString(part), "another's")
      })
    )
  )
})

describe("the token", () => {
  const secret = "1000.secret-of-an-archive.0123456789"
  const page = FakeBigin.answerWith({ ...Fixtures.html(502, secret), body: `<html>${secret}</html>` })
  const item = FakeBigin.answerWith(Fixtures.documented("NoPermission", { details: { [secret]: [secret] } }))

  it.effect.each([
    ["a page with it", page],
    ["an error item with it", item],
    ["a connection that is cut", FakeBigin.cut]
  ] as const)("is in nothing that prints ArchiveFailed: %s", ([, fault]) =>
    story(
      (folder) =>
        Effect.gen(function* () {
          yield* inject(fault)
          const exit = yield* Effect.exit(run(folder, 0))
          const error = yield* Effect.flip(exit)
          assert.strictEqual(error._tag, "ArchiveFailed")
          const printed = [
            inspect(exit, { depth: 30, showHidden: true, getters: true }),
            JSON.stringify(exit),
            JSON.stringify(Schema.encodeSync(Errors.BiginError)(error)),
            error.message
          ].join("\n")
          assert.notInclude(printed, secret)
        }),
      {},
      inMemoryAs(secret)
    )
  )
})

/** A process of its own, killed at a moment unless it comes to its end before; how it ended. */
const archiving = (program: string, env: Record<string, string>, moment: Effect.Effect<void>) =>
  Effect.async<NodeJS.Signals | number | null>((resume) => {
    const child = spawn(process.execPath, [program], { env: { ...process.env, ...env }, stdio: "ignore" })
    const killing = Effect.runFork(Effect.andThen(moment, () => child.kill("SIGKILL")))
    child.on("close", (code, signal) => resume(Effect.as(Fiber.interrupt(killing), signal ?? code)))
  })

describe("a process that is killed at any moment", () => {
  it.live(
    "has deleted nothing that is not whole on disk",
    () =>
      story((folder) =>
        Effect.gen(function* () {
          const fake = yield* FakeBigin.FakeBigin
          const { origin } = yield* FakeBigin.serve
          const files = Array.from({ length: 40 }, (_, index) => ({
            id: String(index + 1),
            fileName: `${index}.bin`,
            size: 200_000,
            content: new Uint8Array(randomBytes(200_000))
          }))
          yield* fake.put({ ...Fixtures.record, attachments: files })

          let untilKill = Number.POSITIVE_INFINITY
          let due = yield* Deferred.make<void>()
          yield* inject(
            (bigin) => Effect.map(bigin, (reply) => ({ _tag: "Whole", reply })),
            () => {
              untilKill -= 1
              if (untilKill === 0) Deferred.unsafeDone(due, Exit.void)
              return true
            },
            Number.POSITIVE_INFINITY
          )

          const allGoneAreWhole = Effect.gen(function* () {
            const left = new Set((yield* fake.attachments(Fixtures.record)).map((one) => one.id))
            const gone = files.filter((file) => !left.has(file.id))
            for (const file of gone) {
              assert.isTrue(Buffer.from(file.content).equals(yield* read(folder, `${file.id}.bin`)))
              const { content: bytes, id: attachmentId, size } = file
              expect(yield* readManifest(folder, attachmentId)).toMatchObject({
                ref: { ...Fixtures.record, attachmentId },
                size,
                sha256: sha256Of(bytes)
              })
            }
            return gone.length
          })

          const program = yield* bundled("archive")
          const env = { ARCHIVE: folder, BIGIN_ORIGIN: origin }
          for (let kill = 0; kill < 15; kill++) {
            // the first request is the list of all; one attachment takes three more
            untilKill = yield* Random.nextIntBetween(2, 9)
            due = yield* Deferred.make<void>()
            const millis = yield* Random.nextIntBetween(0, 12)
            const moment = Effect.zipRight(Deferred.await(due), Effect.sleep(millis))
            assert.strictEqual(yield* archiving(program, env, moment), "SIGKILL")
            yield* allGoneAreWhole
          }
          untilKill = Number.POSITIVE_INFINITY
          assert.isAbove(files.length, yield* allGoneAreWhole)
          assert.strictEqual(yield* archiving(program, env, Effect.never), 0)
          assert.strictEqual(yield* allGoneAreWhole, files.length)
        }).pipe(Effect.scoped)
      ),
    60_000
  )
})
