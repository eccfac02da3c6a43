/**
 * When to ask again, as values: a schedule that waits as long as Bigin says, and the decision behind it, which is pure.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { isBiginError } from "./errors/traits.ts"

/**
 * How patient to be. What is not given has its default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Policy {
  /** The wait before the first retry, which doubles with each: 200 milliseconds. */
  readonly base?: Duration.DurationInput | undefined
  /** The longest such wait: 30 seconds, before jitter. `retryAfter` of an error may be longer. */
  readonly cap?: Duration.DurationInput | undefined
  /** How many retries, after the first attempt: 5. Zero is one attempt. */
  readonly times?: number | undefined
  /** The longest `retryAfter` that is waited for: 2 minutes, before jitter. One that is longer ends the schedule at once. */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /**
   * No retry is decided on that would begin later than this after the first failure: no such limit. Zero is one attempt. What
   * a request then waits for elsewhere, such as a throttle, comes on top.
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
 * How long to wait before a retry, or none where there is to be none. Jitter adds up to half of the wait that doubles; it
 * never undercuts `retryAfter`.
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
  const wait = Duration.millis(Math.round(Math.max(backoff, Duration.toMillis(asked)) + (backoff / 2) * random))
  return Duration.lessThanOrEqualTo(Duration.sum(elapsed, wait), within) ? Option.some(wait) : Option.none()
}

/** Of another library's error nothing is asked. */
const retryAfterOf = (error: unknown): Duration.Duration =>
  (isBiginError(error) && "retryAfter" in error ? error.retryAfter : undefined) ?? Duration.zero

/**
 * A schedule for `Effect.retry`, which gives the wait before each retry. It decides how long, and not whether the failure
 * is one to retry: that is `while`, and for a deletion `Errors.isSafeToRetry`. Where Bigin does not say how long to wait,
 * the five waits of the default take some 6 to 9 seconds.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Errors, Retry } from "effect-bigin"
 *
 * const patient = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.retry({ schedule: Retry.schedule({ times: 3, within: "1 minute" }), while: Errors.isSafeToRetry })
 * )
 * ```
 *
 * @since 0.1.0
 * @category schedules
 */
export const schedule = (policy: Policy = {}): Schedule.Schedule<Duration.Duration, unknown> =>
  Schedule.identity<unknown>().pipe(
    Schedule.intersect(Schedule.forever),
    Schedule.intersect(Schedule.elapsed),
    Schedule.mapEffect(([[error, before], elapsed]) =>
      Effect.map(Random.next, (random) => delay(policy, { retry: before + 1, elapsed, error, random }))
    ),
    Schedule.whileOutput(Option.isSome),
    Schedule.map(Option.getOrElse(() => Duration.zero)),
    Schedule.modifyDelay((wait) => wait)
  )
