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

/** What is read of Bigin, where it is kept, and how often a read is repeated. */
export interface Order {
  readonly ref: AttachmentRef
  readonly folder: string
  readonly rows: Stream.Stream<Attachment, ListAttachmentsError, Bigin>
  readonly bytes: Stream.Stream<Uint8Array, DownloadAttachmentError, Bigin>
  readonly policy: Policy
}

/** Where the parts of an archive lie. */
interface Place {
  readonly directory: string
  /** The directory and all above it, of which this run may have made some. */
  readonly upwards: ReadonlyArray<string>
  readonly manifest: string
  readonly file: (fileName: string | undefined) => string
}

/** What an earlier run has kept, if it is whole still; else what is kept now. */
export const archive = (order: Order): Effect.Effect<ArchiveManifest, ArchiveFailed, Disk | Bigin> =>
  Effect.gen(function* () {
    const place = yield* placeOf(order)
    return yield* kept(order.ref, place).pipe(
      Effect.flatMap(Option.match({ onNone: () => keep(order, place), onSome: Effect.succeed })),
      // also what an earlier run kept: it may have ended before its names were on disk
      Effect.tap(() => Effect.forEach(place.upwards, sync, { discard: true })),
      Effect.catchAll((error) => Effect.fail(failed(order.ref, place.manifest, error)))
    )
  })

/** Named by ids: a file's own name is somebody else's text, of which no more than a harmless ending is used. */
const placeOf = ({ folder, ref }: Order): Effect.Effect<Place, never, Path.Path> =>
  Effect.map(Path.Path, (path) => {
    const directory = path.join(folder, ref.module, ref.recordId)
    return {
      directory,
      upwards: upwards(path, path.resolve(directory)),
      manifest: path.join(directory, `${ref.attachmentId}.manifest.json`),
      file: (fileName) =>
        path.join(directory, `${ref.attachmentId}${/\.[A-Za-z0-9]{1,16}$/.exec(fileName ?? "")?.[0] ?? ""}`)
    }
  })

const upwards = (path: Path.Path, directory: string): ReadonlyArray<string> => {
  const parent = path.dirname(directory)
  return parent === directory ? [directory] : [directory, ...upwards(path, parent)]
}

type Problem = string | PlatformError | ListAttachmentsError | DownloadAttachmentError

/** Of a platform's error its method and reason: it knows of files and of nothing secret, but says it at length. */
const failed = (ref: AttachmentRef, path: string, problem: Problem): ArchiveFailed => {
  if (typeof problem === "string") return new ArchiveFailed({ ref, path, reason: problem })
  if (isBiginError(problem)) return new ArchiveFailed({ ref, path, reason: problem.message, last: problem })
  const reason = problem._tag === "SystemError" ? problem.reason : "BadArgument"
  return new ArchiveFailed({ ref, path, reason: `${problem.method} of the file system failed with ${reason}` })
}

const Json = Schema.parseJson(ArchiveManifest, { space: 2 })

/** None where there is no manifest, where it cannot be read as one of this attachment, or where its file is not whole. */
const kept = (ref: AttachmentRef, place: Place): Effect.Effect<Option.Option<ArchiveManifest>, never, Disk> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const manifest = yield* Effect.flatMap(fs.readFileString(place.manifest), Schema.decode(Json))
    if (!isSameRef(manifest.ref, ref)) return Option.none()
    if ("linkUrl" in manifest) return Option.some(manifest)
    const { sha256, size } = yield* digestOf(fs.stream(place.file(manifest.fileName)))
    return sha256 === manifest.sha256 && size === manifest.size ? Option.some(manifest) : Option.none()
  }).pipe(Effect.orElseSucceed(Option.none))

const isSameRef = (one: AttachmentRef, other: AttachmentRef): boolean =>
  one.module === other.module && one.recordId === other.recordId && one.attachmentId === other.attachmentId

const keep = (order: Order, place: Place): Effect.Effect<ArchiveManifest, Problem, Disk | Bigin> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    yield* fs.makeDirectory(place.directory, { recursive: true })
    const row = yield* rowOf(order)
    const { fileName, linkUrl, size } = row
    const common = {
      ref: order.ref,
      ...(fileName === undefined ? {} : { fileName }),
      archivedAt: DateTime.formatIso(yield* DateTime.now)
    }
    const manifest: ArchiveManifest =
      // an empty one leads nowhere, so it is no reason to keep nothing of what may be a file
      linkUrl === undefined || linkUrl === ""
        ? { ...common, ...(yield* keepFile(order, place.file(fileName), size)) }
        : { ...common, linkUrl }
    const text = yield* Effect.orDie(Schema.encode(Json)(manifest))
    yield* writeSafely(place.manifest, Stream.succeed(new TextEncoder().encode(`${text}\n`)), () => Effect.void)
    return manifest
  })

/** A row tells whether it is a link, and of a file its size. */
const rowOf = ({ policy, ref, rows }: Order): Effect.Effect<Attachment, Problem, Bigin> =>
  patiently(
    rows.pipe(
      Stream.filter(({ id }) => id === ref.attachmentId),
      Stream.runHead
    ),
    policy
  ).pipe(
    Effect.flatMap(Option.match({ onNone: () => Effect.fail("the list does not have it"), onSome: Effect.succeed }))
  )

/** Reads change nothing, so they are repeated while that may help. */
const patiently = <A, R>(self: Effect.Effect<A, Problem, R>, policy: Policy): Effect.Effect<A, Problem, R> =>
  Effect.flatMap(Schedule.driver(policy), (driver) => {
    const attempt: Effect.Effect<A, Problem, R> = Effect.catchIf(self, isTransient, (problem) =>
      Effect.matchEffect(driver.next(problem), { onFailure: () => Effect.fail(problem), onSuccess: () => attempt })
    )
    return attempt
  })

const keepFile = ({ bytes, policy }: Order, path: string, size: number | undefined) =>
  Effect.gen(function* () {
    if (size === undefined) return yield* Effect.fail("the list tells no size to compare it with")
    const compare = (digest: Digest) =>
      digest.size === size ? Effect.void : Effect.fail(`${digest.size} bytes came, and ${size} are what the list tells`)
    return yield* patiently(writeSafely(path, bytes, compare), policy)
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
  bytes: Stream.Stream<Uint8Array, E, R>,
  compare: (digest: Digest) => Effect.Effect<void, E2>
): Effect.Effect<Digest, E | E2 | PlatformError | string, R | FileSystem.FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const part = yield* partOf(path)
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
const partOf = (path: string): Effect.Effect<string, PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const number = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
    const part = `${path}.part-${number.toString(36)}`
    const made = Effect.scoped(fs.open(part, { flag: "wx" }))
    yield* Effect.acquireRelease(made, () => Effect.ignore(fs.remove(part, { force: true })))
    return part
  })

/** Names are in directories. Not every system opens or syncs one, and need not; whatever else keeps it from that is heard. */
const sync = (directory: string): Effect.Effect<void, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = yield* fs.open(directory, { flag: "r" })
    yield* file.sync
  }).pipe(
    Effect.scoped,
    Effect.catchIf(
      (error) => needless.has(own(error.cause, "code")),
      () => Effect.void
    )
  )

/** What open(2) and fsync(2) say of a directory that may not be opened, or that cannot be synced. */
const needless: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EPERM",
  "EISDIR",
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS"
])
