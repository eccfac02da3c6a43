/** Where a run is written down while it happens. */
import { Cause, Effect, Exit, Option } from "effect"
import { inspect } from "node:util"
import { Errors } from "effect-bigin"
import type { Event, EventOf, Item, Terms } from "./history.ts"

/** An event before it has its time. */
type Entry = Event extends infer E ? (E extends Event ? Omit<E, "at"> : never) : never

/** What a caller was told, without of which item. */
export type Told = Omit<EventOf<"Said">, "at" | "_tag" | keyof Item>

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
  <A, E>(journal: Journal, item: Item, outcome: (value: A) => Told) =>
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

const read = <A>(exit: Exit.Exit<A, unknown>, outcome: (value: A) => Told): Told => {
  if (Exit.isSuccess(exit)) return outcome(exit.value)
  if (Cause.isInterruptedOnly(exit.cause)) return { said: "interrupted", how: "interrupted" }
  return Option.match(Option.filter(Cause.failureOption(exit.cause), Errors.isBiginError), {
    onNone: () => ({ said: "died", how: Cause.pretty(exit.cause) }),
    onSome: failing
  })
}

/** What a failure tells. */
export const failing = (error: Errors.BiginError): Told => ({
  said: Errors.mayHaveApplied(error) ? "doubt" : "untouched",
  how: error._tag,
  ...(error._tag === "OutcomeUnknown" && { attempts: error.attempts, last: error.last._tag }),
  ...(error._tag === "NotAttempted" && { stoppedBy: error.stoppedBy })
})
