/** What a collection reports, and how it ends: each item once, and an early end that cannot pass for another. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { CollectionStopped, type DeleteAttachmentError, type NotAttempted } from "../../errors/operations.ts"
import { hasCategory } from "../../errors/traits.ts"
import type { InvalidInput } from "../../errors/undocumented.ts"
import { makeBatches } from "../batches.ts"
import type { Taken } from "./inbox.ts"
import type { Lifetime } from "./lifetime.ts"
import { unsafeMicros } from "../monotonic.ts"
import type { Answer } from "../answer/item.ts"
import type { Ending } from "../proof/ensure.ts"
import { add, type DeleteManyOptions, type DeleteReport, empty } from "../../models/collection.ts"
import type { AttachmentRef } from "../../models/ids.ts"

/** How many reports may wait for whoever reads them. */
const reportsAhead = 128

/** What there is to say of an item: how a pursuit ended, or that there was none. */
export type End =
  | (Ending & { readonly ref: AttachmentRef })
  | { readonly attempts: 0; readonly ref: AttachmentRef; readonly error: NotAttempted }
  | { readonly attempts: 0; readonly error: InvalidInput }

export const makeAccounts = <Item, E, R>(
  { keepCredits, onReport, stopOn = hasCategory("auth") }: DeleteManyOptions<Item, R>,
  lifetime: Lifetime
) =>
  Effect.gen(function* () {
    const reports = makeBatches<DeleteReport<Item>, E | CollectionStopped>(reportsAhead)
    const clock = yield* Effect.clock
    const callers = yield* Effect.context<R>()
    let summary = empty
    let credits: { readonly creditsRemaining?: number } = {}

    /** Ends the collection early where the caller says so of a failure. */
    const stopIfAsked = (error: DeleteAttachmentError): void => {
      try {
        if (stopOn(error)) lifetime.stop({ stoppedBy: error._tag, error })
      } catch (defect) {
        lifetime.broke(Cause.die(defect))
      }
    }

    return {
      stopIfAsked,
      /** Looks at what an answer says of the API credits. Bigin says it when half of them are used (CRM). */
      remain: (headers: Answer["headers"]): void => {
        const remaining = headers["x-api-credits-remaining"] ?? ""
        if (!/^\d{1,15}$/.test(remaining)) return
        credits = { creditsRemaining: Number(remaining) }
        if (Number(remaining) <= (keepCredits || 0)) lifetime.stop({ stoppedBy: "ApiCredits" })
      },
      report: ({ began, item }: Taken<Item>, end: End): Effect.Effect<void> => {
        if ("error" in end && end.error._tag !== "NotAttempted") {
          stopIfAsked(end.error._tag === "OutcomeUnknown" ? end.error.last : end.error)
        }
        const duration = Duration.millis(Math.floor((unsafeMicros(clock) - began) / 1_000))
        const one: DeleteReport<Item> = { item, duration, ...end, ...credits }
        summary = add(summary, one)
        if (onReport === undefined) return reports.offer(one)
        // in the caller's own context and a fiber of its own, where it may wait as it likes and nobody interrupts it
        const hear = Effect.interruptible(Effect.suspend(() => onReport(one)))
        const heard: Effect.Effect<void> = Effect.mapInputContext(hear, () => callers)
        return Effect.flatMap(Effect.flatMap(Effect.forkDaemon(heard), Fiber.join), () => reports.offer(one))
      },
      /** After the last report. An early end is told whatever else there is to tell. */
      end: (source: Exit.Exit<void, E>): Effect.Effect<void> => {
        const broken = lifetime.broken()
        const stopped = lifetime.stopped()
        const ended = stopped === undefined ? source : Exit.fail(new CollectionStopped({ ...stopped, summary }))
        reports.end(broken === undefined ? ended : Exit.failCause(broken))
        const why = "After the collection was stopped, its source failed"
        return stopped && Exit.isFailure(source) ? Effect.logError(why, source.cause) : Effect.void
      },
      stream: reports.stream,
      shutdown: Effect.sync(() => reports.end(Exit.void))
    }
  })
