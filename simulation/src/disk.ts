/**
 * A disk that knows what a crash would leave: of a file what was synced, under the names that its directory was synced with.
 */
import { FileSystem } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import { Effect, Stream } from "effect"
import type { DiskFault } from "./plan.ts"

export interface Disk {
  readonly fileSystem: FileSystem.FileSystem
  /** What a crash now would leave, by name. */
  readonly durable: () => ReadonlyMap<string, Uint8Array>
  /** Leaves no more than that. */
  readonly crash: () => void
}

interface Inode {
  bytes: Uint8Array
  synced: Uint8Array
}

/** Each act meets the next of the faults; after those all is well. What is met is told. */
export const makeDisk = (faults: ReadonlyArray<DiskFault>, onFault: (what: string) => void): Disk => {
  let names = new Map<string, Inode>()
  let synced = new Map<string, Inode>()
  let acts = 0

  const failed = (method: string, path: string, reason: SystemError["reason"] = "Unknown") =>
    new SystemError({ module: "FileSystem", method, reason, pathOrDescriptor: path })

  /** Gives way first, so that others may come in between. */
  const act = <A>(method: string, path: string, does: (rots: boolean) => A | SystemError) =>
    Effect.zipRight(
      Effect.yieldNow(),
      Effect.suspend(() => {
        const fault = faults[acts++] ?? "none"
        if (fault === "fails" || (fault === "rots" && method === "writeAll")) onFault(`${method} ${fault}`)
        const done = fault === "fails" ? failed(method, path) : does(fault === "rots")
        return done instanceof SystemError ? Effect.fail(done) : Effect.succeed(done)
      })
    )

  const fileOf = (path: string, inode: Inode): FileSystem.File => ({
    ...notUsed,
    writeAll: (bytes) =>
      act("writeAll", path, (rots) => {
        const more = Uint8Array.from([...inode.bytes, ...bytes])
        inode.bytes = rots ? more.with(more.length - 1, 0) : more
      }),
    sync: act("sync", path, () => {
      inode.synced = inode.bytes
    })
  })

  /** Whatever is in it: there is one directory. */
  const directory: FileSystem.File = {
    ...notUsed,
    sync: act("sync", ".", () => {
      synced = new Map(names)
    })
  }

  const fileSystem = FileSystem.makeNoop({
    // of the directories the one that is there from the beginning, and what has a file in it
    exists: (path) => act("exists", path, () => path === "/" || [...names.keys()].some((name) => name.includes(path))),
    makeDirectory: (path) => act("makeDirectory", path, () => undefined),
    open: (path, options) =>
      act("open", path, () => {
        if (options?.flag === "r") return directory
        const known = names.get(path)
        if (known !== undefined && options?.flag === "wx") return failed("open", path, "AlreadyExists")
        const inode = known ?? { bytes: new Uint8Array(), synced: new Uint8Array() }
        inode.bytes = new Uint8Array()
        names.set(path, inode)
        return fileOf(path, inode)
      }),
    stream: (path) =>
      Stream.unwrap(
        act("stream", path, () => {
          const inode = names.get(path)
          return inode === undefined ? failed("stream", path, "NotFound") : Stream.make(inode.bytes)
        })
      ),
    readFileString: (path) =>
      act("readFileString", path, () => {
        const inode = names.get(path)
        return inode === undefined ? failed("readFileString", path, "NotFound") : new TextDecoder().decode(inode.bytes)
      }),
    rename: (from, to) =>
      act("rename", from, () => {
        const inode = names.get(from)
        if (inode === undefined) return failed("rename", from, "NotFound")
        names.delete(from)
        names.set(to, inode)
        return undefined
      }),
    remove: (path) => act("remove", path, () => void names.delete(path))
  })

  return {
    fileSystem,
    durable: () => new Map([...synced].map(([path, inode]) => [path, inode.synced])),
    crash: () => {
      for (const inode of synced.values()) inode.bytes = inode.synced
      names = new Map(synced)
    }
  }
}

/** The rest of an open file. */
const notUsed = {
  [FileSystem.FileTypeId]: FileSystem.FileTypeId,
  fd: FileSystem.FileDescriptor(0),
  stat: Effect.dieMessage("not used"),
  seek: () => Effect.dieMessage("not used"),
  read: () => Effect.dieMessage("not used"),
  readAlloc: () => Effect.dieMessage("not used"),
  truncate: () => Effect.dieMessage("not used"),
  write: () => Effect.dieMessage("not used"),
  writeAll: () => Effect.dieMessage("not used")
} as const
