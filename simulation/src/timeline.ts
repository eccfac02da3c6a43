/** Virtual time and the order of things: a clock and a scheduler that do nothing by themselves, so that a run repeats exactly. */
import { Clock, Duration, Effect, type Fiber, type Scheduler } from "effect"

export interface Timeline {
  readonly clock: Clock.Clock
  readonly scheduler: Scheduler.Scheduler
  /** Milliseconds since the beginning. */
  readonly now: () => number
  /** Has the world do something later; it is no sleep of a program. */
  readonly after: (millis: number, action: () => void) => void
  /** Runs what is ready, one task after the other, until nothing is; how many it were. `before` is told the number of each. */
  readonly drain: (before: (task: number) => void) => number
  /** Goes to the next moment at which something happens and has it happen; false where there is none. */
  readonly advance: () => boolean
  /** Fibers that have run and not ended. */
  readonly alive: () => number
}

interface Timer {
  readonly at: number
  readonly action: () => void
}

/** More than any program here takes: then it runs in circles. */
const mostTasks = 20_000

/** A fiber gives way to the others after a `quantum` of steps: with a small one they meet, and are interrupted, anywhere. */
export const makeTimeline = (quantum: number): Timeline => {
  let now = 0
  let done = 0
  const ready: Array<Scheduler.Task> = []
  const timers: Array<Timer> = []
  const fibers = new Set<Fiber.RuntimeFiber<unknown, unknown>>()

  const add = (millis: number, action: () => void): Timer => {
    const timer = { at: now + millis, action }
    // those of one moment in the order in which they were set
    let index = timers.length
    while (index > 0 && (timers[index - 1]?.at ?? 0) > timer.at) index--
    timers.splice(index, 0, timer)
    return timer
  }

  const remove = (timer: Timer): void => {
    const index = timers.indexOf(timer)
    if (index >= 0) timers.splice(index, 1)
  }

  const nanos = () => BigInt(Math.round(now * 1e6))

  return {
    clock: {
      [Clock.ClockTypeId]: Clock.ClockTypeId,
      unsafeCurrentTimeMillis: () => now,
      unsafeCurrentTimeNanos: nanos,
      currentTimeMillis: Effect.sync(() => now),
      currentTimeNanos: Effect.sync(nanos),
      sleep: (duration) =>
        Effect.async<void>((resume) => {
          const millis = Duration.toMillis(duration)
          // an infinite one wakes nobody, and is left behind unless it is interrupted
          const timer = add(millis, () => resume(Effect.void))
          return Effect.sync(() => remove(timer))
        })
    },
    scheduler: {
      shouldYield: (fiber) => (fiber.currentOpCount > quantum ? 0 : false),
      scheduleTask: (task, _priority, fiber) => {
        if (fiber !== undefined) fibers.add(fiber)
        ready.push(task)
      }
    },
    now: () => now,
    after: (millis, action) => void add(millis, action),
    drain: (before) => {
      // what a task makes ready runs behind the others
      for (let index = 0; index < ready.length; index++) {
        if (++done > mostTasks) throw new Error("the program runs in circles")
        before(done)
        ready[index]?.()
      }
      return ready.splice(0).length
    },
    advance: () => {
      const [next] = timers
      // one that sleeps for ever is last, and wakes never
      if (next === undefined || next.at === Infinity) return false
      timers.shift()
      now = next.at
      next.action()
      return true
    },
    alive: () => [...fibers].filter((fiber) => fiber.unsafePoll() === null).length
  }
}
