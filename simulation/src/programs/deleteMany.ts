/** A collection, of a source and with a listener that may be slow or die, to its end or cut short. */
import { Cause, Chunk, Effect, Exit, Option, Stream } from "effect"
import { Attachments, type DeleteReport, Errors } from "effect-bigin"
import { attemptMillis } from "../faults.ts"
import type { Collection, EventOf } from "../history.ts"
import { failing, type Journal, type Told } from "../journal.ts"
import { type Order, policies, type Program, untilProven } from "./program.ts"

/** What the source gives: a ref, and the row of the caller's that it stands in. */
type Item = Order["refs"][number] & { readonly row: number }

export const deleteMany: Program = {
  terms: (order) => ({ ...untilProven(order), waits: attemptMillis, collection: order.collection }),
  run: (order, journal) => {
    const { collection, operation, policy, times } = order
    const source = makeSource(order, journal)
    const heard = (report: DeleteReport.DeleteReport<Item>) => {
      const item = source.rowOf(report.item)
      journal.add({ _tag: "Said", operation, item, attachment: report.item.attachmentId, ...told(report) })
      journal.print(report)
      return item
    }
    const reports = Attachments.deleteMany(source.items, {
      schedule: policies[policy].schedule(times),
      concurrency: collection.concurrency,
      stopOn: stopOns[collection.stopOn],
      keepCredits: collection.keepCredits ?? undefined,
      onReport: (report) =>
        Effect.suspend(() => {
          const item = heard(report)
          const noted = Effect.sync(() => journal.add({ _tag: "Noted", operation, item }))
          return Effect.zipRight(listening(collection.onReport, item), noted)
        })
    })
    return (collection.cut === null ? reports : Stream.take(reports, collection.cut)).pipe(
      Stream.runForEach(({ item }) =>
        Effect.sync(() => journal.add({ _tag: "Emitted", operation, item: source.rowOf(item) }))
      ),
      Effect.onExit((exit) =>
        Effect.sync(() => {
          source.close()
          journal.add({ _tag: "Closed", operation, ...ending(exit) })
          journal.print(exit)
        })
      ),
      Effect.catchAllCause((cause) => (Cause.isInterruptedOnly(cause) ? Effect.failCause(cause) : Effect.void)),
      // of the failures none is left
      Effect.catchAll(() => Effect.void)
    )
  }
}

const stopOns = {
  default: undefined,
  never: () => false,
  permission: Errors.hasCategory("permission"),
  anything: () => true
} satisfies Record<Collection["stopOn"], ((error: Errors.DeleteAttachmentError) => boolean) | undefined>

export const listenerDied = "the listener dies"
export const sourceDied = "the source dies"

/** Whoever dies does so of every other report. */
const listening = (how: Collection["onReport"], item: number): Effect.Effect<void> => {
  if (how === "dies" && item % 2 === 1) return Effect.dieMessage(listenerDied)
  return how === "slow" ? Effect.sleep("150 millis") : Effect.void
}

const told = (report: DeleteReport.DeleteReport<Item>): Told => ({
  ...("error" in report ? failing(report.error) : { said: "gone", how: `${report.outcome} ${report.proof}` }),
  attempts: report.attempts,
  duration: Number(report.duration.value._tag === "Millis" ? report.duration.value.millis : Number.NaN)
})

const ending = (
  exit: Exit.Exit<void, "the source is broken" | Errors.CollectionStopped>
): Pick<EventOf<"Closed">, "how" | "why" | "summary"> => {
  if (Exit.isSuccess(exit)) return { how: "done" }
  if (Cause.isInterruptedOnly(exit.cause)) return { how: "interrupted" }
  return Option.match(Cause.failureOption(exit.cause), {
    onNone: () => ({ how: "died", why: Cause.pretty(exit.cause) }),
    onSome: (failure) =>
      failure === "the source is broken"
        ? { how: "failed", why: failure }
        : {
            how: "stopped",
            why: failure.stoppedBy,
            summary: { total: failure.summary.total, ...failure.summary.outcomes, ...failure.summary.failed }
          }
  })
}

/** Its items, written down when they are given. */
const makeSource = ({ collection, losesPulls, operation, refs }: Order, journal: Journal) => {
  const { atATime, ends, pull } = collection
  const rows = new Map<Item, number>()
  let last: ReadonlyArray<Item> = []

  /** The next ones, or none behind the last. */
  const give = (): ReadonlyArray<Item> => {
    const first = rows.size
    const most = ends === "never" ? first + atATime : Math.min(first + atATime, refs.length)
    const given: Array<Item> = []
    for (let row = first; row < most; row++) {
      const ref = refs[row % refs.length]
      if (ref === undefined) break
      const item = { ...ref, row }
      rows.set(item, row)
      given.push(item)
      journal.add({ _tag: "Began", operation, item: row, attachment: ref.attachmentId })
    }
    return (last = given)
  }
  const given = Effect.suspend(() => {
    const items = give()
    return items.length === 0 ? Effect.fail(Option.none()) : Effect.succeed(Chunk.unsafeFromArray(items))
  })
  const pulls = {
    "at once": given,
    slow: Effect.delay(given, "300 millis"),
    // what it does is done before anybody has it, and nobody may come in between
    claims: Effect.uninterruptible(Effect.tap(given, () => Effect.sleep("40 millis")))
  }
  const items: Stream.Stream<Item> = Stream.repeatEffectChunkOption(pulls[pull])
  const behind = {
    ends: Stream.empty,
    never: Stream.empty,
    fails: Stream.fail("the source is broken" as const),
    dies: Stream.dieMessage(sourceDied)
  }

  return {
    items: Stream.concat(items, behind[ends]),
    /** That of the very value which was given. */
    rowOf: (item: Item): number => rows.get(item) ?? -1,
    /** What a pull that may be interrupted has in its hands then reaches nobody: all of it, or nothing. */
    close: () => {
      const isReported = journal.events.some(
        (event) => event._tag === "Said" && event.operation === operation && last.some(({ row }) => row === event.item)
      )
      if (isReported || !losesPulls || pull === "claims") return
      for (const { attachmentId, row } of last) {
        const item = { operation, item: row, attachment: attachmentId }
        journal.add({ _tag: "Said", ...item, said: "interrupted", how: "interrupted" })
      }
    }
  }
}
