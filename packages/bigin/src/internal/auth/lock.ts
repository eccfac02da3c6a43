/** A lock that is a file, since Node has no flock. It is an economy: the price of one that is lost is a second mint. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
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
/** On Windows a file can't be written while it is being removed, for which its errors have no one name. */
const removalMillis = 1_000

/** Held while the scope is open. */
export const lockFile = (
  fs: FileSystem.FileSystem,
  file: string
): Effect.Effect<void, PlatformError | "hangs", Scope.Scope> =>
  Effect.gen(function* () {
    const holder = crypto.randomUUID()
    const bounded = <A, E>(self: Effect.Effect<A, E>) => within(self, "2 seconds")
    const content = Effect.map(
      bounded(Effect.option(fs.readFileString(file))),
      Option.getOrElse(() => "")
    )
    const write = (text: string, flag: "wx" | "r+") => bounded(fs.writeFileString(file, text, { flag, mode: 0o600 }))
    const remove = bounded(fs.remove(file, { force: true }))
    // one that was broken meanwhile is another's
    const ifOurs = <E>(act: Effect.Effect<void, E>) =>
      Effect.flatMap(content, (text) =>
        Effect.as(
          Effect.when(act, () => text.startsWith(holder)),
          text.startsWith(holder)
        )
      )

    const isTaken = (waited: number) =>
      write(holder, "wx").pipe(
        Effect.as(false),
        Effect.catchIf(
          (error) =>
            error !== "hangs" &&
            (waited < removalMillis || (error._tag === "SystemError" && error.reason === "AlreadyExists")),
          () => Effect.succeed(true)
        )
      )

    yield* Effect.addFinalizer(() => Effect.ignore(ifOurs(remove)))
    let seen: string | undefined
    let unchanged = 0
    for (let waited = 0; yield* isTaken(waited); waited += pollMillis) {
      if (waited > patienceMillis) return
      yield* Effect.sleep(pollMillis)
      const text = yield* content
      unchanged = text === seen ? unchanged + pollMillis : 0
      seen = text
      if (unchanged >= abandonedMillis) yield* remove
    }
    yield* ifOurs(Effect.suspend(() => write(`${holder} ${Math.random()}`, "r+"))).pipe(
      Effect.repeat({ schedule: Schedule.spaced("1 second"), while: (ours) => ours }),
      Effect.ignore,
      Effect.forkScoped
    )
  })
