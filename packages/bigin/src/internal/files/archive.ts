/** Keeps an attachment on disk. What this says is kept is whole and outlives a crash; only then may it be deleted. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ArchiveFailed, type DownloadAttachmentError, type ListAttachmentsError } from "../../errors/operations.ts"
import { isBiginError, isTransient } from "../../errors/traits.ts"
import { own } from "../answer/json.ts"
import type { Policy } from "../proof/ensure.ts"
import { ArchiveManifest } from "../../models/archiveManifest.ts"
import type { Attachment } from "../../models/attachment.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import type { AttachmentRef } from "../../models/ids.ts"

type Bigin = HttpClient.HttpClient | BiginAuth
type Disk = FileSystem.FileSystem | Path.Path

/** What is read of Bigin, where and for whom it is kept, and how often a download is repeated. */
export interface Order {
  readonly ref: AttachmentRef
  readonly folder: string
  /** Who may read and write the files, as in open(2). */
  readonly mode: number
  readonly rows: Stream.Stream<Attachment, ListAttachmentsError, Bigin>
  readonly bytes: Stream.Stream<Uint8Array, DownloadAttachmentError, Bigin>
  readonly policy: Policy
}

/** Where the parts of an archive lie. */
interface Place {
  readonly directory: string
  /** The directory and all above it. */
  readonly upwards: ReadonlyArray<string>
  /** Windows has no way to sync a directory. */
  readonly syncsDirectories: boolean
  /** The first is named by the attachment's id; the others are beside it, for what disagrees with those before. */
  readonly slot: (number: number) => Slot
}

/** The names of a manifest and its file. */
interface Slot {
  readonly manifest: string
  readonly file: (fileName: string | undefined) => string
}

/** What an earlier run has kept, if it is whole still and the list agrees; else what is kept now. */
export const archive = (order: Order): Effect.Effect<ArchiveManifest, ArchiveFailed, Disk | Bigin> =>
  Effect.gen(function* () {
    const place = yield* placeOf(order)
    const failsAt = Effect.mapError((problem: Problem) => failed(order.ref, place.slot(1).manifest, problem))

    const row = yield* failsAt(rowOf(order))
    const { earlier, free } = yield* failsAt(inspect(order.ref, place))
    const believed = earlier.filter(({ manifest }) => row === undefined || isOf(row, manifest))
    const kept = yield* Effect.findFirst(believed, isWhole)
    // the run that kept it may have ended before its names were on disk
    if (Option.isSome(kept)) return yield* failsAt(Effect.as(syncNames(place, 0), kept.value.manifest))
    if (row === undefined) return yield* failsAt(Effect.fail("the list does not have it"))

    return yield* makeDirectories(place, order.mode).pipe(
      Effect.flatMap((touched) => Effect.zipLeft(keep(order, row, free), syncNames(place, touched))),
      Effect.mapError((problem) => failed(order.ref, free.manifest, problem))
    )
  })

/** Named by ids: a file's own name is somebody else's text, of which no more than a harmless ending is used. */
const placeOf = ({ folder, ref }: Order): Effect.Effect<Place, never, Path.Path> =>
  Effect.map(Path.Path, (path) => {
    const directory = path.join(folder, ref.module, ref.recordId)
    return {
      directory,
      upwards: upwards(path, path.resolve(directory)),
      syncsDirectories: path.sep !== "\\",
      slot: (number) => {
        const name = number === 1 ? ref.attachmentId : `${ref.attachmentId}-${number}`
        return {
          manifest: path.join(directory, `${name}.manifest.json`),
          file: (fileName) => path.join(directory, `${name}${/\.[A-Za-z0-9]{1,16}$/.exec(fileName ?? "")?.[0] ?? ""}`)
        }
      }
    }
  })

const upwards = (path: Path.Path, directory: string): ReadonlyArray<string> => {
  const parent = path.dirname(directory)
  return parent === directory ? [directory] : [directory, ...upwards(path, parent)]
}

type Problem = string | PlatformError | ListAttachmentsError | DownloadAttachmentError

/** Of a platform's error its method and the system's code: it knows of files and of nothing secret, but says it at length. */
const failed = (ref: AttachmentRef, path: string, problem: Problem): ArchiveFailed => {
  if (typeof problem === "string") return new ArchiveFailed({ ref, path, reason: problem })
  if (isBiginError(problem)) return new ArchiveFailed({ ref, path, reason: problem.message, last: problem })
  const reason = codeOf(problem) ?? (problem._tag === "SystemError" ? problem.reason : "BadArgument")
  return new ArchiveFailed({ ref, path, reason: `${problem.method} of the file system failed with ${reason}` })
}

/** What the system calls it, such as ENOSPC. */
const codeOf = ({ cause }: PlatformError): string | undefined => {
  const code = own(cause, "code")
  return typeof code === "string" && /^E[A-Z0-9_]{1,63}$/.test(code) ? code : undefined
}

/** A row tells whether it is a link, and of a file its size. */
const rowOf = ({ ref, rows }: Order): Effect.Effect<Attachment | undefined, Problem, Bigin> =>
  rows.pipe(
    Stream.filter(({ id }) => id === ref.attachmentId),
    Stream.runHead,
    Effect.map(Option.getOrUndefined)
  )

const Json = Schema.parseJson(ArchiveManifest, { space: 2 })

/** What an earlier run says that it has kept. */
interface Earlier {
  readonly slot: Slot
  readonly manifest: ArchiveManifest
}

/** More than anybody would look through. */
const mostSlots = 1_000

/** What earlier runs say, the last of them first, and where nothing is yet. What cannot be read as a manifest says nothing. */
const inspect = (ref: AttachmentRef, place: Place) =>
  Effect.gen(function* () {
    const earlier: Array<Earlier> = []
    for (let number = 1; number <= mostSlots; number++) {
      const slot = place.slot(number)
      const text = yield* textOf(slot.manifest)
      if (Option.isNone(text)) return { earlier, free: slot }
      const manifest = yield* Effect.option(Schema.decode(Json)(text.value))
      if (Option.isSome(manifest) && isSameRef(manifest.value.ref, ref)) {
        earlier.unshift({ slot, manifest: manifest.value })
      }
    }
    return yield* Effect.fail(`there are ${mostSlots} manifests of it already`)
  })

const textOf = (path: string): Effect.Effect<Option.Option<string>, PlatformError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.asSome(fs.readFileString(path))).pipe(
    Effect.catchIf(
      (error) => error._tag === "SystemError" && error.reason === "NotFound",
      () => Effect.succeedNone
    )
  )

const isSameRef = (one: AttachmentRef, other: AttachmentRef): boolean =>
  one.module === other.module && one.recordId === other.recordId && one.attachmentId === other.attachmentId

const isOf = (row: Attachment, manifest: ArchiveManifest): boolean =>
  "linkUrl" in manifest ? manifest.linkUrl === row.linkUrl : row.linkUrl === undefined && manifest.size === row.size

/** A file on disk that cannot be read is none. */
const isWhole = ({ manifest, slot }: Earlier): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  "linkUrl" in manifest
    ? Effect.succeed(true)
    : Effect.flatMap(FileSystem.FileSystem, (fs) => digestOf(fs.stream(slot.file(manifest.fileName)))).pipe(
        Effect.map(({ sha256, size }) => sha256 === manifest.sha256 && size === manifest.size),
        Effect.orElseSucceed(() => false)
      )

/** Makes what is not there. Gives the number of directories, from the innermost, in which this run makes something. */
const makeDirectories = ({ directory, upwards }: Place, mode: number) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    let missing = 0
    for (const one of upwards) {
      if (yield* fs.exists(one)) break
      missing += 1
    }
    // who may read its files may enter it
    yield* fs.makeDirectory(directory, { recursive: true, mode: mode | ((mode & 0o444) >> 2) })
    return missing + 1
  })

const keep = (order: Order, row: Attachment, slot: Slot): Effect.Effect<ArchiveManifest, Problem, Disk | Bigin> =>
  Effect.gen(function* () {
    const { fileName, linkUrl } = row
    const common = {
      ref: order.ref,
      ...(fileName === undefined ? {} : { fileName }),
      archivedAt: DateTime.formatIso(yield* DateTime.now)
    }
    const manifest: ArchiveManifest =
      linkUrl === undefined
        ? { ...common, ...(yield* keepFile(order, slot.file(fileName), row.size)) }
        : { ...common, linkUrl }
    const text = yield* Effect.orDie(Schema.encode(Json)(manifest))
    const bytes = Stream.succeed(new TextEncoder().encode(`${text}\n`))
    yield* writeSafely(slot.manifest, order.mode, bytes, () => Effect.void)
    return manifest
  })

/** Reads change nothing, so they are repeated while that may help. */
const patiently = <A, R>(self: Effect.Effect<A, Problem, R>, policy: Policy): Effect.Effect<A, Problem, R> =>
  Effect.flatMap(Schedule.driver(policy), (driver) => {
    const attempt: Effect.Effect<A, Problem, R> = Effect.catchIf(self, isTransient, (problem) =>
      Effect.matchEffect(driver.next(problem), { onFailure: () => Effect.fail(problem), onSuccess: () => attempt })
    )
    return attempt
  })

const keepFile = ({ bytes, mode, policy }: Order, path: string, size: number | undefined) =>
  Effect.gen(function* () {
    if (size === undefined) return yield* Effect.fail("the list tells no size to compare it with")
    const compare = (digest: Digest) =>
      digest.size === size ? Effect.void : Effect.fail(`${digest.size} bytes came, and ${size} are what the list tells`)
    return yield* patiently(writeSafely(path, mode, bytes, compare), policy)
  })

interface Digest {
  readonly size: number
  readonly sha256: string
}

/** Counts and hashes what flows by. */
const digestOf = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Effect.Effect<Digest, E, R> =>
  Effect.suspend(() => {
    const hash = sha256.create()
    let size = 0
    return Effect.map(
      Stream.runForEach(bytes, (piece) =>
        Effect.sync(() => {
          hash.update(piece)
          size += piece.length
        })
      ),
      () => ({ size, sha256: bytesToHex(hash.digest()) })
    )
  })

/**
 * Under its name a file is whole or not there: it is written under another, synced, read again and compared with what came;
 * then renamed.
 */
const writeSafely = <E, E2, R>(
  path: string,
  mode: number,
  bytes: Stream.Stream<Uint8Array, E, R>,
  compare: (digest: Digest) => Effect.Effect<void, E2>
): Effect.Effect<Digest, E | E2 | PlatformError | string, R | FileSystem.FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const part = yield* partOf(path, mode)
      const came = yield* Effect.scoped(
        Effect.gen(function* () {
          const file = yield* fs.open(part, { flag: "w" })
          // awaited even where it is interrupted: a write that outlives its file meets whatever has the descriptor next
          const write = (piece: Uint8Array) =>
            // platform-node takes an empty one for a write that failed
            piece.length === 0 ? Effect.void : Effect.uninterruptible(file.writeAll(piece))
          const digest = yield* digestOf(Stream.tap(bytes, write))
          yield* file.sync
          return digest
        })
      )
      yield* compare(came)
      const written = yield* digestOf(fs.stream(part))
      if (written.sha256 !== came.sha256) return yield* Effect.fail("what is on disk is not what was written")
      yield* fs.rename(part, path)
      return came
    })
  )

/** An empty file of a name that nobody else has; what is left under it is removed, except by a crash. */
const partOf = (
  path: string,
  mode: number
): Effect.Effect<string, PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const number = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
    const part = `${path}.part-${number.toString(36)}`
    const made = Effect.scoped(fs.open(part, { flag: "wx", mode }))
    yield* Effect.acquireRelease(made, () => Effect.ignore(fs.remove(part, { force: true })))
    return part
  })

/**
 * Names are in directories, so all of them are synced, from the innermost. One that cannot be is excused where this run has made
 * nothing in it; whatever else keeps it from that is heard.
 */
const syncNames = ({ syncsDirectories, upwards }: Place, touched: number) =>
  Effect.forEach(
    upwards,
    (directory, index) =>
      index < touched && syncsDirectories
        ? sync(directory)
        : Effect.catchIf(sync(directory), cannotBeSynced, () => Effect.void),
    { discard: true }
  )

const sync = (directory: string): Effect.Effect<void, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = yield* fs.open(directory, { flag: "r" })
    yield* file.sync
  }).pipe(Effect.scoped)

/** What open(2) and fsync(2) say of a directory that may not be opened, or that cannot be synced. */
const cannotBeSynced = (error: PlatformError): boolean =>
  ["EACCES", "EPERM", "EISDIR", "EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(codeOf(error) ?? "")
