/**
 * What became of one attachment of a collection, and what becomes of many: a summary by outcome and tag, and how far the work is.
 *
 * @example
 * ```ts
 * import { Console, Effect, Stream } from "effect"
 * import { Attachments, DeleteReport } from "effect-bigin"
 *
 * const rows = Stream.make({ module: "Contacts", recordId: "1", attachmentId: "2" })
 *
 * const program = Attachments.deleteMany(rows).pipe(
 *   Stream.run(DeleteReport.summary),
 *   Effect.tap((summary) => Console.log(summary)),
 *   // an early end is a failure, and has the summary as well
 *   Effect.tapErrorTag("CollectionStopped", ({ summary }) => Console.log(summary))
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
// not first, since the declarations lose an import that no type needs, and the module's docstring with it
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import type { Summary } from "./errors/operations.ts"
import { micros } from "./internal/monotonic.ts"
import { add, type DeleteReport, empty } from "./models/collection.ts"

export { Summary } from "./errors/operations.ts"
export { add, type DeleteReport, empty, Outcome, type OutcomeEncoded, schema } from "./models/collection.ts"

/**
 * Folds a stream of reports into their summary.
 *
 * @example
 * ```ts
 * import { Console, Effect, Stream } from "effect"
 * import { Attachments, DeleteReport } from "effect-bigin"
 *
 * const refs = Stream.make({ module: "Contacts", recordId: "1", attachmentId: "2" })
 *
 * const program = Stream.run(Attachments.deleteMany(refs), DeleteReport.summary).pipe(
 *   Effect.tap(({ outcomes, total }) => Console.log(`${outcomes.Deleted} of ${total} are deleted`)),
 *   // an early end is a failure, and has the summary as well
 *   Effect.tapErrorTag("CollectionStopped", ({ summary }) => Console.log(summary))
 * )
 * ```
 *
 * @since 0.1.0
 * @category summaries
 */
export const summary: Sink.Sink<Summary, DeleteReport<unknown>> = Sink.foldLeftChunks(empty, (summary, reports) =>
  Chunk.reduce(reports, summary, add)
)

/**
 * How far the work is.
 *
 * @since 0.1.0
 * @category progress
 */
export interface Progress {
  /** Of all reports so far. Its `total` counts NotAttempted too; what is done stands in its `outcomes`. */
  readonly summary: Summary
  /** How many were asked for: all that are reported, without NotAttempted and InvalidInput, of which nothing was sent. */
  readonly attempted: number
  /** Since the beginning, in whole milliseconds. */
  readonly elapsed: Duration.Duration
  /** How many were attempted a second. Zero before there is any time to divide by. */
  readonly perSecond: number
  /**
   * The time for what is not reported yet, at this rate, in whole milliseconds. After an early end it falls to zero, since what is
   * NotAttempted is reported. Absent where the total is not known, and before there is a rate.
   */
  readonly remaining?: Duration.Duration
  /** How many API credits remain, by the last answer that told. */
  readonly creditsRemaining?: number
}

/**
 * The progress that a summary is after some time, of a `total` where that is known.
 *
 * @example
 * ```ts
 * import { Duration } from "effect"
 * import { DeleteReport } from "effect-bigin"
 *
 * const summary: DeleteReport.Summary = { total: 50, outcomes: { Deleted: 50, AlreadyGone: 0 }, failed: {} }
 * // 5 a second, 30 seconds remaining
 * DeleteReport.progress(summary, Duration.seconds(10), 200)
 * ```
 *
 * @since 0.1.0
 * @category progress
 */
export const progress = (summary: Summary, elapsed: Duration.Duration, total?: number): Progress => {
  const seconds = Duration.toSeconds(elapsed)
  const { InvalidInput = 0, NotAttempted = 0 } = summary.failed
  const attempted = summary.total - InvalidInput - NotAttempted
  const perSecond = seconds > 0 ? attempted / seconds : 0
  return {
    summary,
    attempted,
    elapsed,
    perSecond,
    ...(total === undefined || perSecond === 0
      ? {}
      : { remaining: Duration.millis(Math.round((Math.max(0, total - summary.total) / perSecond) * 1_000)) })
  }
}

/**
 * Puts beside each report the progress that it makes. `total` is how many there will be.
 *
 * @example
 * ```ts
 * import { Console, Duration, Stream } from "effect"
 * import { Attachments, DeleteReport } from "effect-bigin"
 *
 * const refs = [{ module: "Contacts", recordId: "1", attachmentId: "2" }]
 *
 * const program = Attachments.deleteMany(Stream.fromIterable(refs)).pipe(
 *   DeleteReport.withProgress({ total: refs.length }),
 *   // with a source of many, once for each hundred: `attempted % 100 === 0`
 *   Stream.runForEach(([, { attempted, remaining }]) =>
 *     Console.log(`${attempted} attempted, ${remaining === undefined ? "?" : Duration.format(remaining)} to go`)
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category progress
 */
export const withProgress =
  (options: { readonly total?: number | undefined } = {}) =>
  <Item, E, R>(
    reports: Stream.Stream<DeleteReport<Item>, E, R>
  ): Stream.Stream<readonly [DeleteReport<Item>, Progress], E, R> =>
    Stream.unwrap(
      Effect.map(micros, (began) =>
        Stream.mapAccumEffect(reports, progress(empty, Duration.zero), (before, report) =>
          Effect.map(micros, (now) => {
            const { creditsRemaining = before.creditsRemaining } = report
            const after: Progress = {
              ...progress(
                add(before.summary, report),
                Duration.millis(Math.floor((now - began) / 1_000)),
                options.total
              ),
              ...(creditsRemaining === undefined ? {} : { creditsRemaining })
            }
            return [after, [report, after] as const] as const
          })
        )
      )
    )
