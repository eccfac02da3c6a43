import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"

/** The endings of a file, and of one that is being written. */
const whole = ".json"
const aside = ".tmp"

/** After that nobody is writing it any more: its process was killed. */
const abandonedMillis = 3_600_000

/** Unlike `KeyValueStore.layerFileSystem` it keeps its files from others, and whole. */
export const fileStore = (
  directory: string
): Effect.Effect<KeyValueStore.KeyValueStore, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })

    const namesOf = (ending: string) =>
      Effect.map(fs.readDirectory(directory), (names) => names.filter((name) => name.endsWith(ending)))
    const remove = (name: string) => fs.remove(path.join(directory, name), { force: true })
    /** Any key makes a name that every file system takes. */
    const nameOf = (key: string) => `${Encoding.encodeBase64Url(key)}${whole}`

    const now = yield* Clock.currentTimeMillis
    yield* Effect.forEach(yield* namesOf(aside), (name) =>
      fs.stat(path.join(directory, name)).pipe(
        Effect.map(({ mtime }) => Option.exists(mtime, (written) => written.getTime() < now - abandonedMillis)),
        Effect.flatMap((abandoned) => (abandoned ? remove(name) : Effect.void)),
        // another process has been faster
        Effect.ignore
      )
    )

    const set = (key: string, value: string) => {
      const temporary = path.join(directory, `${crypto.randomUUID()}${aside}`)
      const written = Effect.gen(function* () {
        const file = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
        yield* file.writeAll(new TextEncoder().encode(value))
        yield* file.sync
      }).pipe(Effect.scoped)
      return Effect.zipRight(written, fs.rename(temporary, path.join(directory, nameOf(key)))).pipe(
        // in one piece: an interruption in the middle would leave the temporary file behind
        Effect.uninterruptible,
        Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
      )
    }

    return KeyValueStore.makeStringOnly({
      get: (key) =>
        fs.readFileString(path.join(directory, nameOf(key))).pipe(
          Effect.map(Option.some),
          Effect.catchIf(
            (error) => error._tag === "SystemError" && error.reason === "NotFound",
            () => Effect.succeedNone
          )
        ),
      set,
      remove: (key) => remove(nameOf(key)),
      clear: Effect.flatMap(namesOf(whole), (names) => Effect.forEach(names, remove, { discard: true })),
      size: Effect.map(namesOf(whole), (names) => names.length)
    })
  })
