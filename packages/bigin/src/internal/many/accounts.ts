/** What a collection reports, and how it ends: each item once, and an early end that cannot pass for another. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as Take from "effect/Take"
import { CollectionStopped, type DeleteAttachmentError, type NotAttempted } from "../../errors/operations.ts"
import { hasCategory } from "../../errors/traits.ts"
import type { InvalidInput } from "../../errors/undocumented.ts"
import type { Taken } from "./inbox.ts"
import type { Lifetime } from "./lifetime.ts"
import { unsafeMicros } from "../monotonic.ts"
import type { Ending } from "../proof/ensure.ts"
import { add, type DeleteManyOptions, type DeleteReport, empty } from "../../models/collection.ts"
import type { AttachmentRef } from "../../models/ids.ts"

/** How many reports may wait for whoever reads them. */
const reportsAhead = 256

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
    // not a Mailbox, which may forget to wake its reader where that gives way to others before it waits (effect 3.22)
    const reports = yield* Queue.bounded<Take.Take<DeleteReport<Item>, E | CollectionStopped>>(reportsAhead)
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

      /** By what an answer says of the credits, before the answer itself is acted on. */
      remain: (creditsRemaining: number): void => {
        credits = { creditsRemaining }
        if (creditsRemaining <= (keepCredits || 0)) lifetime.stop({ stoppedBy: "ApiCredits" })
      },

      report: ({ began, item }: Taken<Item>, end: End): Effect.Effect<unknown> =>
        Effect.suspend(() => {
          if ("error" in end && end.error._tag !== "NotAttempted") {
            stopIfAsked(end.error._tag === "OutcomeUnknown" ? end.error.last : end.error)
          }
          const duration = Duration.millis(Math.floor((unsafeMicros(clock) - began) / 1_000))
          const one: DeleteReport<Item> = { item, duration, ...credits, ...end }
          summary = add(summary, one)
          // interrupted where nobody reads any more
          const emitted = Effect.exit(Queue.offer(reports, Take.of(one)))
          if (onReport === undefined) return emitted
          // with the caller's own HttpClient, in a fiber of its own, where it may wait as it likes and nobody interrupts it
          const heard: Effect.Effect<void> = Effect.mapInputContext(Effect.interruptible(onReport(one)), () => callers)
          return Effect.zipRight(Effect.flatMap(Effect.forkDaemon(heard), Fiber.join), emitted)
        }),

      /** After the last report. An early end is told whatever else there is to tell. */
      end: (source: Exit.Exit<void, E>): Effect.Effect<unknown> =>
        Effect.suspend(() => {
          const broken = lifetime.broken()
          const stopped = lifetime.stopped()
          const stop = stopped && Take.fail(new CollectionStopped({ ...stopped, summary }))
          const ended = Exit.match(source, { onFailure: Take.failCause, onSuccess: () => Take.end })
          const take = broken === undefined ? (stop ?? ended) : Take.failCause(broken)
          const why = "After the collection was stopped, its source failed"
          const log = stopped && Exit.isFailure(source) ? Effect.logError(why, source.cause) : Effect.void
          return Effect.zipRight(Queue.offer(reports, take), log)
        }),

      stream: Stream.flattenTake(Stream.fromQueue(reports)),
      shutdown: Queue.shutdown(reports)
    }
  })
