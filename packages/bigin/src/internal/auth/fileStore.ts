/** Tokens in files of a folder, which may hold other people's as well: only those with endings of our own are touched. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Path from "@effect/platform/Path"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Lock, lockFile, type Locking } from "./lock.ts"

const whole = ".bigin-token.json"
const aside = ".bigin-token.tmp"
const lock = ".bigin-token.lock"

/** What nobody has written for that long is no longer used: an entry for 30 days, a file that a killed process left for an hour. */
const lives = [
  [whole, Duration.days(30)],
  [aside, Duration.hours(1)],
  [lock, Duration.hours(1)]
] as const

/** Any key makes a name that every file system takes. */
const nameOf = (key: string): string => bytesToHex(sha256(utf8ToBytes(key)))

/** Unlike `KeyValueStore.layerFileSystem` it keeps its files from others, and whole. */
export const fileStore = (
  directory: string
): Effect.Effect<KeyValueStore.KeyValueStore, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const make = fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
    yield* make

    const inside = (name: string) => path.join(directory, name)
    const namesOf = (ending: string) =>
      Effect.map(fs.readDirectory(directory), (names) => names.filter((name) => name.endsWith(ending)))

    const now = yield* Clock.currentTimeMillis
    for (const [ending, life] of lives) {
      const isOld = (written: Option.Option<Date>) =>
        Option.exists(written, (date) => date.getTime() < now - Duration.toMillis(life))
      yield* Effect.forEach(yield* namesOf(ending), (name) =>
        fs.stat(inside(name)).pipe(
          Effect.flatMap(({ mtime, type }) =>
            type === "File" && isOld(mtime) ? fs.remove(inside(name)) : Effect.void
          ),
          // another process has been faster
          Effect.ignore
        )
      )
    }

    const set = (key: string, value: string) => {
      const temporary = inside(`${crypto.randomUUID()}${aside}`)
      const written = Effect.gen(function* () {
        const file = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
        yield* file.writeAll(new TextEncoder().encode(value))
        yield* file.sync
      }).pipe(Effect.scoped)
      return Effect.zipRight(make, Effect.zipRight(written, fs.rename(temporary, inside(nameOf(key) + whole)))).pipe(
        // in one piece: an interruption in the middle would leave the temporary file behind
        Effect.uninterruptible,
        Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
      )
    }

    let isHeard = false
    /** Windows has no modes. */
    const warned = (file: string) =>
      Effect.flatMap(fs.stat(file), ({ mode }) => {
        if (isHeard || path.sep === "\\" || (mode & 0o077) === 0) return Effect.void
        isHeard = true
        return Effect.logWarning(`Others than its owner may read the token in ${file}; its mode should be 600`)
      })

    const get = (key: string) => {
      const file = inside(nameOf(key) + whole)
      return Effect.zipLeft(Effect.asSome(fs.readFileString(file)), warned(file)).pipe(
        Effect.catchIf(
          (error) => error._tag === "SystemError" && error.reason === "NotFound",
          () => Effect.succeedNone
        )
      )
    }

    const locking: Locking = (key) => Effect.zipRight(make, lockFile(fs, inside(nameOf(key) + lock)))

    const store = KeyValueStore.makeStringOnly({
      get,
      set,
      remove: (key) => fs.remove(inside(nameOf(key) + whole), { force: true }),
      clear: Effect.flatMap(namesOf(whole), (names) =>
        Effect.forEach(names, (name) => fs.remove(inside(name), { force: true }), { discard: true })
      ),
      size: Effect.map(namesOf(whole), (names) => names.length)
    })
    return Object.assign(store, { [Lock]: locking })
  })
