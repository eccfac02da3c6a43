/**
 * Runs a program in virtual time, as TestClock does, for tests that run thousands: TestClock waits some milliseconds of real time before
 * each step. Here a step is made as soon as no fiber and no promise can go on.
 */
import { Clock, Duration, Effect, type Exit, type Scheduler } from "effect"

/** Has promises that are settled go on. */
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** A fiber has others go on after so many `steps`: with few they meet, and are interrupted, anywhere. */
export const runInVirtualTime = async <A, E>(program: Effect.Effect<A, E>, steps: number): Promise<Exit.Exit<A, E>> => {
  let now = 0
  const nanos = () => BigInt(Math.round(now * 1e6))
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>()
  const ready: Array<() => void> = []

  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        const timer = { at: now + Duration.toMillis(duration), ring: () => resume(Effect.void) }
        timers.add(timer)
        return Effect.sync(() => timers.delete(timer))
      })
  }
  const scheduler: Scheduler.Scheduler = {
    shouldYield: ({ currentOpCount }) => (currentOpCount > steps ? 0 : false),
    scheduleTask: (task) => void ready.push(task)
  }

  const fiber = Effect.runFork(Effect.withClock(program, clock), { scheduler })
  for (;;) {
    do {
      for (let index = 0; index < ready.length; index++) ready[index]?.()
      ready.length = 0
      await turn()
    } while (ready.length > 0)
    const exit = fiber.unsafePoll()
    if (exit !== null) return exit
    // of those that ring at the same moment the one that was set first
    let next: { readonly at: number; readonly ring: () => void } | undefined
    for (const timer of timers) if (next === undefined || timer.at < next.at) next = timer
    if (next === undefined || next.at === Infinity) throw new Error("the program waits for nothing")
    timers.delete(next)
    now = next.at
    next.ring()
  }
}
