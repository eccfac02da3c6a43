/** What talks to the transport: in a fiber of its own, with a time limit and with what goes along with a request. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import { constTrue } from "effect/Function"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"

/** The time that an attempt has left. A client that holds a request back stops it for that long. */
export interface Deadline {
  readonly hold: () => void
  /** Ends one `hold`; after the last of them the whole time is there again. */
  readonly release: () => void
}

/** The deadline of the attempt that a client is called for. It reaches through all that is wrapped around the client. */
export class CurrentDeadline extends Context.Reference<CurrentDeadline>()("effect-bigin/internal/CurrentDeadline", {
  defaultValue: (): Deadline | undefined => undefined
}) {}

/**
 * Runs what sends a request, or reads an answer, for no longer than `duration`; then it is interrupted and `onTimeout` is the
 * failure. To its caller it is one effect:
 *
 * - it is interrupted, and waited for, where the caller is interrupted;
 * - it goes on to its end where the caller may not be interrupted, and the time ends it all the same;
 * - the FiberRefs that it sets reach the caller.
 *
 * `Effect.timeoutFail` takes two fibers and a race, which is four times the cost of this. A fiber that interrupted itself would
 * stay interrupted, so one it must be.
 */
export const withDeadline = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  duration: Duration.Duration,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.withFiberRuntime<A, E | E2, R>((caller, status) => {
      let given = caller.getFiberRefs()
      const alarm = makeAlarm(wakeAfter(duration, caller))
      const child = Runtime.runFork(
        Runtime.make({
          context: contextOf<R>(caller.currentContext, alarm),
          runtimeFlags: RuntimeFlags.enable(status.runtimeFlags, RuntimeFlags.Interruption),
          fiberRefs: given
        }),
        // a fiber that fails tells the log that nobody handles it
        Effect.exit(self),
        { updateRefs: (refs, id) => (given = untraced(refs, id)) }
      )
      const end = (exit: Exit.Exit<Exit.Exit<A, E>>): Effect.Effect<A, E | E2> => {
        alarm.stop()
        // what came in the last moment, an answer or a failure, is what came
        const outcome: Effect.Effect<A, E | E2> =
          alarm.hasRung() && Exit.isInterrupted(exit) ? Effect.failSync(onTimeout) : Exit.flatten(exit)
        const refs = child.getFiberRefs()
        return isChanged(refs, given) ? Effect.zipRight(Effect.inheritFiberRefs(withoutOwn(refs)), outcome) : outcome
      }

      // a client that answers at once needs no timer
      const exit = child.unsafePoll()
      if (exit !== null) return end(exit)
      alarm.start(() => child.unsafeInterruptAsFork(FiberId.none))
      return restore(exitOf(child)).pipe(
        // not onInterrupt, which keeps garbage alive until the next full collection
        Effect.onExit((exit) =>
          Exit.isInterrupted(exit) ? Effect.exit(Effect.flatMap(Fiber.interrupt(child), end)) : Effect.void
        ),
        Effect.flatMap(end)
      )
    })
  )

/** An observer, since a fiber that is joined gives its FiberRefs too, those of the library among them. */
const exitOf = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.async((resume) => fiber.addObserver((exit) => resume(Effect.succeed(exit))))

interface Alarm extends Deadline {
  readonly start: (onRing: () => void) => void
  readonly stop: () => void
  readonly hasRung: () => boolean
}

/** Rings once, when `wake` says so, unless it is stopped or held by then. */
const makeAlarm = (wake: (ring: () => void) => () => void): Alarm => {
  let onRing: (() => void) | undefined
  let cancel: (() => void) | undefined
  let holds = 0
  let rung = false
  const unset = () => {
    cancel?.()
    cancel = undefined
  }
  const set = () => {
    if (onRing === undefined || holds > 0) return
    const ring = onRing
    cancel = wake(() => {
      rung = true
      ring()
    })
  }
  return {
    start: (ring) => {
      onRing = ring
      set()
    },
    stop: () => {
      onRing = undefined
      unset()
    },
    hold: () => {
      holds += 1
      unset()
    },
    release: () => {
      holds -= 1
      set()
    },
    hasRung: () => rung
  }
}

const liveClock = Context.get(DefaultServices.liveServices, Clock.Clock)

/** The longest that a timer takes: 24 days. */
const longest = 2 ** 31 - 1

/**
 * Rings when `duration` is over on the fiber's Clock, unless what it gives is called before. Reads no clock: one that stands still
 * would never be late.
 */
export const wakeAfter =
  (duration: Duration.Duration, fiber: Fiber.RuntimeFiber<unknown, unknown>) =>
  (ring: () => void): (() => void) => {
    const millis = Duration.toMillis(duration)
    if (millis > longest) return () => {}
    const clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
    if (clock === liveClock) {
      const timer = setTimeout(ring, millis)
      return () => clearTimeout(timer)
    }
    const runtime = Runtime.make({
      context: fiber.currentContext,
      runtimeFlags: Runtime.defaultRuntimeFlags,
      fiberRefs: fiber.getFiberRefs()
    })
    const sleeping = Runtime.runFork(runtime, Effect.andThen(clock.sleep(duration), Effect.sync(ring)))
    return () => sleeping.unsafeInterruptAsFork(FiberId.none)
  }

/**
 * fetch follows redirects unless told otherwise, and would take the token along; a list from a cache would prove an absence
 * that is none. The caller's other settings stay.
 */
const contextOf = <R>(context: Context.Context<never>, deadline: Deadline): Context.Context<R> => {
  const init = context.unsafeMap.get(FetchHttpClient.RequestInit.key) as RequestInit | undefined // what that tag holds
  return Context.unsafeMake(
    new Map(context.unsafeMap)
      .set(FetchHttpClient.RequestInit.key, init === undefined ? requestInit : { ...init, ...requestInit })
      .set(CurrentDeadline.key, deadline)
    // of a fiber that runs an effect which requires R
  ) as Context.Context<R>
}

const requestInit = { redirect: "manual", cache: "no-store" } as const satisfies RequestInit

/** The span of the operation tells the call; one below it would record the URL, and its headers would go to Zoho. */
const untraced = (refs: FiberRefs.FiberRefs, fiberId: FiberId.Runtime): FiberRefs.FiberRefs =>
  FiberRefs.updateAs(refs, { fiberId, fiberRef: HttpClient.currentTracerDisabledWhen, value: constTrue })

/** Those of the library, and one in which every fiber notes its own flags when it is asked for its FiberRefs. */
const own: ReadonlySet<unknown> = new Set([
  FiberRef.currentContext,
  HttpClient.currentTracerDisabledWhen,
  FiberRef.currentRuntimeFlags
])

const isChanged = (refs: FiberRefs.FiberRefs, given: FiberRefs.FiberRefs): boolean => {
  if (refs === given) return false
  for (const [ref, stack] of refs.locals) {
    if (given.locals.get(ref) !== stack && !own.has(ref)) return true
  }
  return false
}

const withoutOwn = (refs: FiberRefs.FiberRefs): FiberRefs.FiberRefs =>
  FiberRefs.delete(FiberRefs.delete(refs, FiberRef.currentContext), HttpClient.currentTracerDisabledWhen)
