/** Where a run is written down while it happens. */
import { Cause, Effect, Exit } from "effect"
import { inspect } from "node:util"
import { Errors } from "effect-bigin"
import type { Event, Saying, Terms } from "./history.ts"

/** An event before it has its time. */
type Entry = Event extends infer E ? (E extends Event ? Omit<E, "at"> : never) : never

export interface Journal {
  readonly events: Array<Event>
  readonly terms: Array<Terms>
  readonly secrets: Array<string>
  readonly printed: Array<string>
  readonly add: (entry: Entry) => void
  readonly keepSecret: (secret: string) => void
  /** Prints a value in every way in which a caller may. */
  readonly print: (value: unknown) => void
}

export const makeJournal = (now: () => number, secrets: ReadonlyArray<string>): Journal => {
  const journal = {
    events: Array<Event>(),
    terms: Array<Terms>(),
    secrets: [...secrets],
    printed: Array<string>(),
    add: (entry: Entry) => void journal.events.push({ at: now(), ...entry } as Event), // the entry is an event but for its time
    keepSecret: (secret: string) => void journal.secrets.push(secret),
    print: (value: unknown) => {
      journal.printed.push(String(value), JSON.stringify(value) ?? "", inspect(value, { depth: 10 }))
      if (Exit.isExit(value) && Exit.isFailure(value)) journal.printed.push(Cause.pretty(value.cause))
    }
  }
  return journal
}

/** Writes down that an item was begun and what became of it, exactly once whatever happens. */
export const accounted =
  <A, E>(
    journal: Journal,
    item: { readonly operation: number; readonly attachment: string },
    outcome: (value: A) => string
  ) =>
  <R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.sync(() => journal.add({ _tag: "Began", ...item })),
      () => self,
      (_, exit) =>
        Effect.sync(() => {
          journal.add({ _tag: "Said", ...item, ...read(exit, outcome) })
          journal.print(exit)
        })
    )

const read = <A>(
  exit: Exit.Exit<A, unknown>,
  outcome: (value: A) => string
): { readonly said: Saying; readonly how: string } => {
  if (Exit.isSuccess(exit)) return { said: "gone", how: outcome(exit.value) }
  if (Cause.isInterruptedOnly(exit.cause)) return { said: "interrupted", how: "interrupted" }
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "None" || !Errors.isBiginError(failure.value))
    return { said: "died", how: Cause.pretty(exit.cause) }
  return { said: Errors.mayHaveApplied(failure.value) ? "doubt" : "untouched", how: failure.value._tag }
}
