import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Unlike `KeyValueStore.layerFileSystem` it keeps its files from others, and whole. */
export const fileStore = (
  directory: string
): Effect.Effect<KeyValueStore.KeyValueStore, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })

    const fileOf = (key: string) => path.join(directory, encodeURIComponent(key))
    const isFile = (name: string) => !name.endsWith(aside)

    const set = (key: string, value: string) =>
      Effect.gen(function* () {
        const temporary = `${fileOf(key)}.${crypto.randomUUID()}${aside}`
        const file = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
        yield* Effect.addFinalizer(() => Effect.ignore(fs.remove(temporary, { force: true })))
        yield* file.writeAll(new TextEncoder().encode(value))
        yield* file.sync
        yield* fs.rename(temporary, fileOf(key))
      }).pipe(Effect.scoped)

    return KeyValueStore.makeStringOnly({
      get: (key) =>
        fs.readFileString(fileOf(key)).pipe(
          Effect.map(Option.some),
          Effect.catchIf(
            (error) => error._tag === "SystemError" && error.reason === "NotFound",
            () => Effect.succeedNone
          )
        ),
      set,
      remove: (key) => fs.remove(fileOf(key), { force: true }),
      clear: Effect.flatMap(fs.readDirectory(directory), (names) =>
        Effect.forEach(names, (name) => fs.remove(path.join(directory, name)), { discard: true })
      ),
      size: Effect.map(fs.readDirectory(directory), (names) => names.filter(isFile).length)
    })
  })

/** The ending of a file that is being written. */
const aside = ".tmp"
