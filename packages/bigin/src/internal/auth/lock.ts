/** A lock that is a file, since Node has no flock. It is an economy: the price of one that is lost is a second mint. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { within } from "./within.ts"

/** Under this a store offers the lock of a key. */
export const Lock: unique symbol = Symbol("effect-bigin/internal/Lock")

export type Locking = (key: string) => Effect.Effect<void, PlatformError | "hangs", Scope.Scope>

const pollMillis = 250
/** A holder writes its file anew every second: one that has not for four is gone. No clock and no process id is compared. */
const abandonedMillis = 4_000
/** As long as the mint of a holder takes at most; then it goes on without the lock. */
const patienceMillis = 35_000
/** On Windows a file is denied while it is being removed. */
const deniedMillis = 1_000

/** Held while the scope is open. */
export const lockFile = (
  fs: FileSystem.FileSystem,
  file: string
): Effect.Effect<void, PlatformError | "hangs", Scope.Scope> =>
  Effect.gen(function* () {
    const holder = crypto.randomUUID()
    const content = within(Effect.option(fs.readFileString(file)), "2 seconds")
    const isOurs = Effect.map(
      content,
      Option.exists((text) => text.startsWith(holder))
    )
    const remove = within(fs.remove(file, { force: true }), "2 seconds")
    const write = (text: string, flag: "wx" | "r+") =>
      within(fs.writeFileString(file, text, { flag, mode: 0o600 }), "2 seconds")
    const tryLock = (isPatient: boolean) =>
      write(holder, "wx").pipe(
        Effect.as(true),
        Effect.catchIf(
          (error) =>
            error !== "hangs" &&
            error._tag === "SystemError" &&
            (error.reason === "AlreadyExists" || (isPatient && error.reason === "PermissionDenied")),
          () => Effect.succeed(false)
        )
      )

    yield* Effect.addFinalizer(() => Effect.ignore(Effect.flatMap(isOurs, (ours) => (ours ? remove : Effect.void))))
    let seen: Option.Option<string> = Option.none()
    let unchanged = 0
    for (let waited = 0; !(yield* tryLock(waited < deniedMillis)); waited += pollMillis) {
      if (waited > patienceMillis) return
      yield* Effect.sleep(pollMillis)
      const now = yield* content
      unchanged = Equal.equals(now, seen) ? unchanged + pollMillis : 0
      seen = now
      if (unchanged >= abandonedMillis) yield* Effect.ignore(remove)
    }
    // one that was broken meanwhile is another's
    const rewritten = Effect.flatMap(isOurs, (ours) =>
      ours ? Effect.as(write(`${holder} ${Math.random()}`, "r+"), true) : Effect.succeed(false)
    )
    yield* rewritten.pipe(
      Effect.repeat({ schedule: Schedule.spaced("1 second"), while: (ours) => ours }),
      Effect.ignore,
      Effect.forkScoped
    )
  })
