/**
 * What became of one attachment of a collection, and what becomes of many: a summary by outcome and tag, and how far the work is.
 *
 * @example
 * ```ts
 * import { Console, Effect, Stream } from "effect"
 * import { Attachments, DeleteReport } from "effect-bigin"
 *
 * const refs = Stream.make({ module: "Contacts", recordId: "1", attachmentId: "2" })
 *
 * const program = Attachments.deleteMany(refs).pipe(
 *   Stream.run(DeleteReport.summary),
 *   Effect.andThen(({ failed, outcomes, total }) => Console.log(total, outcomes, failed))
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import type { EnsureDeletedError, NotAttempted } from "./errors/operations.ts"
import type { DeleteReport } from "./models/collection.ts"
import type { Deletion } from "./models/deletion.ts"

export { DeleteReport } from "./models/collection.ts"

/**
 * Many reports, counted. Each is in `total` and in one other place.
 *
 * @since 0.1.0
 * @category summaries
 */
export interface Summary {
  readonly total: number
  readonly outcomes: { readonly [Outcome in Deletion["outcome"]]: number }
  /** By the `_tag` of the error. */
  readonly failed: { readonly [Tag in (EnsureDeletedError | NotAttempted)["_tag"]]?: number }
}

/**
 * A summary of nothing.
 *
 * @since 0.1.0
 * @category summaries
 */
export const empty: Summary = { total: 0, outcomes: { Deleted: 0, AlreadyGone: 0 }, failed: {} }

/**
 * A summary with one report more.
 *
 * @since 0.1.0
 * @category summaries
 */
export const add = ({ failed, outcomes, total }: Summary, report: DeleteReport): Summary =>
  "error" in report
    ? {
        total: total + 1,
        outcomes,
        failed: { ...failed, [report.error._tag]: (failed[report.error._tag] ?? 0) + 1 }
      }
    : { total: total + 1, outcomes: { ...outcomes, [report.outcome]: outcomes[report.outcome] + 1 }, failed }

/**
 * Folds a stream of reports into their summary.
 *
 * @since 0.1.0
 * @category summaries
 */
export const summary: Sink.Sink<Summary, DeleteReport> = Sink.foldLeft(empty, add)

/**
 * How far the work is.
 *
 * @since 0.1.0
 * @category progress
 */
export interface Progress {
  readonly summary: Summary
  readonly elapsed: Duration.Duration
  /** Reports a second since the beginning; zero before there is any time to divide by. */
  readonly perSecond: number
  /** What is left at this rate, in whole milliseconds; absent where the total is not known or nothing was done yet. */
  readonly remaining?: Duration.Duration
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
  const perSecond = seconds > 0 ? summary.total / seconds : 0
  return {
    summary,
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
 *   Stream.runForEach(([, { perSecond, remaining = Duration.zero, summary }]) =>
 *     Console.log(summary.total, perSecond, Duration.format(remaining))
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category progress
 */
export const withProgress =
  (options: { readonly total?: number | undefined } = {}) =>
  <E, R>(reports: Stream.Stream<DeleteReport, E, R>): Stream.Stream<readonly [DeleteReport, Progress], E, R> =>
    Stream.unwrap(
      Effect.map(Clock.currentTimeMillis, (began) =>
        Stream.mapAccumEffect(reports, empty, (before, report) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            const summary = add(before, report)
            return [summary, [report, progress(summary, Duration.millis(now - began), options.total)] as const] as const
          })
        )
      )
    )
