/**
 * When to ask again, as values.
 *
 * - `safely` is what `Effect.retry` takes for a deletion or an upload, and `reads` what it takes for what only reads.
 * - `schedule` is the schedule of both. It waits as long as Bigin says.
 * - `delay` is the decision behind it, and pure.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Decision from "effect/ScheduleDecision"
import * as Interval from "effect/ScheduleInterval"
import { isBiginError, isSafeToRetry, isTransient } from "./errors/traits.ts"
import { longestSleep, micros, wholeMillis } from "./internal/monotonic.ts"

/**
 * How patient to be. What is not given has its default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Policy {
  /** The wait before the first retry, which doubles with each. Default: 200 milliseconds. */
  readonly base?: Duration.DurationInput | undefined
  /** The longest such wait, before jitter. `retryAfter` of an error may be longer. Default: 30 seconds. */
  readonly cap?: Duration.DurationInput | undefined
  /** How many retries, after the first attempt. Zero is one attempt. Default: 5. */
  readonly times?: number | undefined
  /**
   * The longest `retryAfter` that is waited for, before jitter. One that is longer ends the schedule at once. With
   * `Duration.infinity` it is waited for however long it is. Default: 2 minutes.
   */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /**
   * No retry begins later than this after the first failure. Zero is one attempt. What a request then waits for elsewhere, such
   * as a throttle, comes on top. Default: no limit.
   */
  readonly within?: Duration.DurationInput | undefined
}

/**
 * What is known when a retry is to be decided on.
 *
 * @since 0.1.0
 * @category models
 */
export interface Situation {
  /** 1 for the first retry. */
  readonly retry: number
  /** How long ago the first attempt failed: none of it where it is not given. */
  readonly elapsed?: Duration.Duration | undefined
  /** What the attempt has failed with. */
  readonly error: unknown
  /** From 0 to 1: how much of the jitter to take. */
  readonly random: number
}

/**
 * How long to wait before a retry, in whole milliseconds, or none where there is to be none. Jitter adds up to half of the wait
 * that doubles; it never undercuts `retryAfter`.
 *
 * @example
 * ```ts
 * import { Duration } from "effect"
 * import { Errors, Retry } from "effect-bigin"
 *
 * const ref = { module: "Contacts", recordId: "1", attachmentId: "2" }
 * const error = new Errors.RateLimited({ ref, status: 429, details: null, retryAfter: Duration.seconds(30) })
 * // Some(30 seconds)
 * Retry.delay({ times: 3 }, { retry: 1, error, random: 0 })
 * ```
 *
 * @since 0.1.0
 * @category deciding
 */
export const delay = (
  policy: Policy,
  { elapsed = Duration.zero, error, random, retry }: Situation
): Option.Option<Duration.Duration> => {
  const {
    base = "200 millis",
    cap = "30 seconds",
    maxRetryAfter = "2 minutes",
    times = 5,
    within = Duration.infinity
  } = policy
  const asked = retryAfterOf(error)
  if (!(retry <= times) || Duration.greaterThan(asked, maxRetryAfter) || Duration.equals(within, 0))
    return Option.none()
  // finite, whatever is given: infinity times nothing is no number
  const doubled = Duration.toMillis(base) * 2 ** Math.min(retry - 1, 100)
  const backoff = Math.min(Duration.toMillis(cap), doubled, Number.MAX_SAFE_INTEGER)
  const wait = Duration.millis(Math.ceil(Math.max(backoff, Duration.toMillis(asked)) + (backoff / 2) * random))
  return Duration.lessThanOrEqualTo(Duration.sum(elapsed, wait), within) ? Option.some(wait) : Option.none()
}

/** Of another library's error nothing is asked. */
const retryAfterOf = (error: unknown): Duration.Duration =>
  (isBiginError(error) && "retryAfter" in error ? error.retryAfter : undefined) ?? Duration.zero

/**
 * A schedule for `Effect.retry`, which gives the wait before each retry. It decides how long, and not whether the failure
 * is one to retry: that is `while`, which `safely` and `reads` have beside it. Where Bigin does not say how long to wait, the
 * five waits of the default take some 6 to 9 seconds.
 *
 * Waits and `within` are counted on a clock that is never set back, so a change of the date neither prolongs nor ends them.
 * With a `maxRetryAfter` beyond 24 days, which is the longest that Effect's Clock sleeps, a wait may be longer than that.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Attachments, Retry } from "effect-bigin"
 *
 * const program = Attachments.ensureDeleted(
 *   { module: "Contacts", recordId: "1", attachmentId: "2" },
 *   { schedule: Retry.schedule({ times: 3, within: "1 minute" }) }
 * ).pipe(Effect.andThen(({ outcome }) => Effect.log(outcome)))
 * ```
 *
 * @since 0.1.0
 * @category schedules
 */
export const schedule = (policy: Policy = {}): Schedule.Schedule<Duration.Duration, unknown> =>
  Schedule.makeWithState<State, unknown, Duration.Duration>({ retries: 0 }, (now, error, { retries, since }) =>
    Effect.gen(function* () {
      const time = yield* micros
      const state = { retries: retries + 1, since: since ?? time }
      const situation = {
        retry: state.retries,
        elapsed: Duration.millis(wholeMillis(time - state.since)),
        error,
        random: yield* Random.next
      }
      const wait = delay(policy, situation)
      if (Option.isNone(wait)) return [state, Duration.zero, Decision.done] as const
      const millis = Duration.toMillis(wait.value)
      yield* sleepThrough(millis - longestSleep)
      return [state, wait.value, Decision.continueWith(Interval.after(now + Math.min(millis, longestSleep)))] as const
    })
  )

interface State {
  /** How many there have been. */
  readonly retries: number
  /** When the first attempt failed. */
  readonly since?: number
}

/** What is longer than Effect's Clock sleeps at once. */
const sleepThrough = (millis: number): Effect.Effect<void> =>
  millis > 0
    ? Effect.zipRight(
        Effect.sleep(Math.min(millis, longestSleep)),
        Effect.suspend(() => sleepThrough(millis - longestSleep))
      )
    : Effect.void

/**
 * What `Effect.retry` takes: when to ask again, and after which failures.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryOptions {
  /** The waits of `Retry.schedule`. */
  readonly schedule: Schedule.Schedule<Duration.Duration, unknown>
  /** Any other failure comes out at once. */
  readonly while: (error: unknown) => boolean
}

/**
 * For a deletion or an upload: asks again only after a failure that certainly did nothing, and may pass
 * (`Errors.isSafeToRetry`). So no DELETE is sent after one that may have happened. A failure that may have deleted comes out at
 * once; `Attachments.ensureDeleted` goes on from there.
 *
 * `Effect.retry` keeps its error type, also what is never the last failure.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Retry } from "effect-bigin"
 *
 * const patient = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.retry(Retry.safely({ times: 3, within: "1 minute" }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category retrying
 */
export const safely = (policy: Policy = {}): RetryOptions => ({ schedule: schedule(policy), while: isSafeToRetry })

/**
 * For what only reads, a download for example: asks again after every failure that may pass (`Errors.isTransient`). Not for a
 * deletion, whose lost answer says nothing of what it did, nor for an upload, which would attach twice.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Attachments, Retry } from "effect-bigin"
 *
 * // each try begins the file anew
 * const sizeOf = Attachments.downloadAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Stream.runFold(0, (size, piece) => size + piece.length),
 *   Effect.retry(Retry.reads())
 * )
 * ```
 *
 * @since 0.1.0
 * @category retrying
 */
export const reads = (policy: Policy = {}): RetryOptions => ({ schedule: schedule(policy), while: isTransient })
