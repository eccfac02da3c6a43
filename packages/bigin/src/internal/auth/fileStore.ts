/** Tokens in files of a folder, which may hold other people's as well: only those with endings of our own are touched. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { hash } from "./keyValueTokens.ts"
import { Lock, lockFile, type Locking } from "./lock.ts"
import { within } from "./within.ts"

const whole = ".bigin-token.json"
const aside = ".bigin-token.tmp"
const lock = ".bigin-token.lock"

/** What nobody has written for that long is no longer used: an entry for 30 days, what a killed process left for an hour. */
const lives = { [whole]: Duration.days(30), [aside]: Duration.hours(1), [lock]: Duration.hours(1) }

/** Unlike `KeyValueStore.layerFileSystem` it keeps its files from others, and whole. */
export const fileStore = (
  directory: string
): Effect.Effect<KeyValueStore.KeyValueStore, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const inside = (name: string) => path.join(directory, name)
    /** Any key makes a name that every file system takes. */
    const fileOf = (key: string, ending = whole) => inside(hash(key) + ending)
    const make = fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
    const filesOf = (ending: string) =>
      Effect.map(fs.readDirectory(directory), (names) => names.filter((name) => name.endsWith(ending)).map(inside))

    const isOld = (file: string, life: Duration.Duration) =>
      Effect.map(Effect.all([fs.stat(file), Clock.currentTimeMillis]), ([{ mtime }, now]) =>
        Option.exists(mtime, (written) => written.getTime() < now - Duration.toMillis(life))
      )
    const sweep = Effect.forEach(Object.entries(lives), ([ending, life]) =>
      Effect.flatMap(
        filesOf(ending),
        // a folder is not removed, and another process may have been faster
        Effect.forEach((file) => Effect.ignore(Effect.whenEffect(fs.remove(file), isOld(file, life))))
      )
    )
    // what is wrong with the folder is told when it is used
    yield* Effect.ignore(within(Effect.zipRight(make, sweep), "5 seconds"))

    let isHeard = false
    const readable = (file: string) =>
      Effect.flatMap(fs.stat(file), ({ mode }) => {
        // Windows has no modes
        if (isHeard || path.sep === "\\" || (mode & 0o077) === 0) return Effect.void
        isHeard = true
        return Effect.logWarning(`Others than its owner may read the token in ${file}; its mode should be 600`)
      })

    const store = KeyValueStore.makeStringOnly({
      get: (key) =>
        Effect.zipLeft(Effect.asSome(fs.readFileString(fileOf(key))), readable(fileOf(key))).pipe(
          Effect.catchIf(
            (error) => error._tag === "SystemError" && error.reason === "NotFound",
            () => Effect.succeedNone
          )
        ),
      set: (key, value) => {
        const temporary = inside(`${crypto.randomUUID()}${aside}`)
        const written = Effect.gen(function* () {
          const file = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
          // writing nothing fails
          if (value !== "") yield* file.writeAll(new TextEncoder().encode(value))
          yield* file.sync
        }).pipe(Effect.scoped)
        return Effect.all([make, written, fs.rename(temporary, fileOf(key))], { discard: true }).pipe(
          // in one piece: an interruption in the middle would leave the temporary file behind
          Effect.uninterruptible,
          Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
        )
      },
      remove: (key) => fs.remove(fileOf(key), { force: true }),
      clear: Effect.flatMap(
        filesOf(whole),
        Effect.forEach((file) => fs.remove(file, { force: true }), { discard: true })
      ),
      size: Effect.map(filesOf(whole), (files) => files.length)
    })
    const locking: Locking = (key) =>
      Effect.zipRight(within(make, "2 seconds"), lockFile(fs, fileOf(key, lock), fileOf(`${key}/breaking`, lock)))
    return Object.assign(store, { [Lock]: locking })
  })
