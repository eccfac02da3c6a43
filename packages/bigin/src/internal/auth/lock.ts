/** A lock that is a file, since Node has no flock. It is an economy: the price of one that is lost is a second mint. */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { within } from "./within.ts"

/** Under this a store offers the lock of a key. */
export const Lock: unique symbol = Symbol("effect-bigin/internal/Lock")

export type Locking = (key: string) => Effect.Effect<void, PlatformError | "hangs", Scope.Scope>

const pollMillis = 250
/** A holder writes its file anew every second: one that has not for four is gone. No clock and no process id is compared. */
const abandonedMillis = 4_000
/** By then somebody has broken it who could. */
const unbrokenMillis = 7_000
/** As long as the mint of a holder takes at most; then it goes on without the lock. */
const patienceMillis = 35_000
/** On Windows a file can't be written while it is being removed, for which its errors have no one name. */
const removalMillis = 1_000

/** Held while the scope is open. Who breaks it holds the second file for that moment, so that nobody breaks a new one. */
export const lockFile = (
  fs: FileSystem.FileSystem,
  file: string,
  breaking: string
): Effect.Effect<void, PlatformError | "hangs", Scope.Scope> =>
  Effect.gen(function* () {
    const holder = crypto.randomUUID()
    const bounded = <A, E>(self: Effect.Effect<A, E>) => within(self, "2 seconds")
    const content = bounded(Effect.orElseSucceed(fs.readFileString(file), () => ""))
    const remove = (path: string) => bounded(fs.remove(path, { force: true }))
    const create = (path: string, isPatient: boolean) =>
      bounded(fs.writeFileString(path, holder, { flag: "wx", mode: 0o600 })).pipe(
        Effect.as(true),
        Effect.catchIf(
          (error) =>
            error !== "hangs" && (isPatient || (error._tag === "SystemError" && error.reason === "AlreadyExists")),
          () => Effect.succeed(false)
        )
      )
    // one that was broken meanwhile is another's
    const ifOurs = <E>(act: Effect.Effect<void, E>) =>
      Effect.flatMap(content, (text) => (text.startsWith(holder) ? Effect.as(act, true) : Effect.succeed(false)))

    yield* Effect.addFinalizer(() => Effect.ignore(ifOurs(remove(file))))
    let seen = ""
    let unchanged = 0
    for (let waited = 0; !(yield* create(file, waited < removalMillis)); waited += pollMillis) {
      if (waited > patienceMillis) return
      if (unchanged > unbrokenMillis) yield* Effect.fail("hangs" as const)
      yield* Effect.sleep(pollMillis)
      const text = yield* content
      unchanged = text === seen ? unchanged + pollMillis : 0
      seen = text
      if (unchanged >= abandonedMillis && (yield* create(breaking, false))) {
        if ((yield* content) === seen) yield* remove(file)
        yield* remove(breaking)
      }
    }
    const rewrite = Effect.suspend(() => fs.writeFileString(file, `${holder} ${Math.random()}`, { flag: "r+" }))
    yield* ifOurs(bounded(rewrite)).pipe(
      Effect.repeat({ schedule: Schedule.spaced("1 second"), while: (ours) => ours }),
      Effect.ignore,
      Effect.forkScoped
    )
  })
