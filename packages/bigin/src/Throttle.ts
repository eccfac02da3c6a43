/**
 * A throttle as a Layer over HttpClient: at most so many calls at once and so many a second, first come, first served.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { longestSleep, micros, wholeMillis } from "./internal/monotonic.ts"
import { CurrentDeadline } from "./internal/request/attempt.ts"
import { handOn } from "./internal/request/exchange.ts"

/**
 * How much to let through. What is not given has no limit.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limits {
  /** The most calls at once: 1 or more, a fraction is cut off. */
  readonly concurrent?: number | undefined
  /**
   * The most calls that begin in any window of one second: more than 0. From 1 on a fraction is cut off; below it the window
   * is longer, so that 0.5 is one call in two seconds. A wait for the window is one of whole milliseconds.
   */
  readonly perSecond?: number | undefined
}

/**
 * Holds back the calls of everybody who shares the HttpClient that it makes, so that no more than the limits go out. First
 * come, first served: nobody overtakes one who waits, and one who is interrupted leaves the line.
 *
 * - A call counts as one of those at once from its request until the headers of its answer are there, it failed or it was
 *   interrupted. The body, a download for example, is read outside of it. Over a client with an Exchange (`Transport`) the body of
 *   an answer counts too, but for a download.
 * - The window slides: there is no moment at which it fills up again at once. A call that failed has begun all the same. It is
 *   counted on a clock that is never set back, so a change of the date neither opens nor closes it.
 * - The wait is not part of `BiginConfig.AttemptTimeout`, so RequestTimedOut still means that the request was sent. A timeout
 *   of your own around the call does see it.
 * - An auth layer that is built on this HttpClient mints through it, and its mints wait in the same line. Give auth another
 *   client to leave them out.
 * - What repeats a request above it comes through each time; what repeats it below, once for all. A DELETE should meet
 *   neither: retry around the operation.
 *
 * A layer that is built twice is two throttles. It adds no error; a limit that would let nothing through, or is NaN, is a
 * defect when the layer is built, a RangeError.
 *
 * Bigin limits calls at once and answers too many with 429, RateLimited; how many is not documented. Zoho CRM, its sister,
 * allows 5 to 25 by edition.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 * import { BiginAuth, deleteAttachment, Throttle } from "effect-bigin"
 *
 * const http = Layer.provide(Throttle.layer({ concurrent: 5, perSecond: 10 }), FetchHttpClient.layer)
 *
 * const program = Effect.forEach(
 *   ["1", "2", "3"],
 *   (attachmentId) => deleteAttachment({ module: "Contacts", recordId: "1", attachmentId }),
 *   { concurrency: "unbounded" }
 * ).pipe(Effect.provide(Layer.provideMerge(BiginAuth.layerConfig, http)))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (limits: Limits): Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.zipWith(HttpClient.HttpClient, make(limits), (client, throttled) =>
      // around what prepares the request too: a header with a time in it is made after the wait
      handOn(
        client,
        HttpClient.transformResponse(client, throttled),
        (exchange) => (request, limits) => throttled(exchange(request, limits))
      )
    )
  )

/** Effect's Semaphore lets a newcomer overtake, and its RateLimiter twice as many into a second; hence a line of our own. */
const make = ({ concurrent = Infinity, perSecond = Infinity }: Limits) =>
  Effect.gen(function* () {
    if (!(concurrent >= 1)) return yield* invalid("concurrent", "1 or more", concurrent)
    if (!(perSecond > 0)) return yield* invalid("perSecond", "more than 0", perSecond)

    /** In the order of arrival. Only the latch of the first is ever opened, and only while a place is free. */
    const line = new Set<Effect.Latch>()
    let underWay = 0

    const callFirst = () => {
      const [first] = line
      if (underWay + 1 <= concurrent) first?.unsafeOpen()
    }

    const arrive = Effect.sync(() => {
      const turn = Effect.unsafeMakeLatch()
      line.add(turn)
      callFirst()
      return turn
    })

    /** Of one who waited or one who was under way: the line tells which, so no interruption falls in between. */
    const leave = (turn: Effect.Latch) =>
      Effect.sync(() => {
        if (!line.delete(turn)) underWay -= 1
        callFirst()
      })

    const most = Math.max(1, Math.floor(perSecond))
    const window = Math.round(1_000_000 / Math.min(1, perSecond))
    /** When each call that began in the last window drops out of it, in microseconds. */
    const ends: Array<number> = []

    /** The first in line waits for the window, the others wait behind it. */
    const begin = (turn: Effect.Latch): Effect.Effect<void> =>
      Effect.flatMap(micros, (now) => {
        while (ends[0] !== undefined && ends[0] <= now) ends.shift()
        if (ends[0] !== undefined && ends.length >= most) {
          // a timer counts whole milliseconds: with less it would ring before the end, again and again
          const pause = Math.min(wholeMillis(ends[0] - now), longestSleep)
          return Effect.zipRight(Effect.sleep(pause), begin(turn))
        }
        ends.push(now + window)
        line.delete(turn)
        underWay += 1
        callFirst()
        return Effect.void
      })

    return <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.acquireUseRelease(arrive, (turn) => Effect.zipRight(waiting(turn.whenOpen(begin(turn))), call), leave)
  })

/** The time of an attempt stands still while its request waits here. */
const waiting = (wait: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.flatMap(CurrentDeadline, (deadline) =>
    deadline === undefined
      ? wait
      : Effect.acquireUseRelease(
          Effect.sync(deadline.hold),
          () => wait,
          () => Effect.sync(deadline.release)
        )
  )

const invalid = (name: keyof Limits, allowed: string, given: number) =>
  Effect.die(new RangeError(`Throttle.layer: ${name} has to be ${allowed}, not ${given}`))
