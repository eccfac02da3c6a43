/** Virtual time and the order of things: a clock and a scheduler that do nothing by themselves, so that a run repeats exactly. */
import { Clock, Duration, Effect, type Fiber, type Scheduler } from "effect"

export interface Timeline {
  /** What the programs take for the time. */
  readonly clock: Clock.Clock
  /** What it is for everybody else. */
  readonly worldClock: Clock.Clock
  readonly scheduler: Scheduler.Scheduler
  /** Milliseconds since the beginning. */
  readonly now: () => number
  /** Has the world do something later; it is no sleep of a program. */
  readonly after: (millis: number, action: () => void) => void
  /** Runs what is ready, one task after the other, until nothing is; how many it were. `before` is told the number of each, and may stop it. */
  readonly drain: (before: (task: number) => "stop" | void) => number
  /** Goes to the next moment at which something happens and has it happen; false where there is none. */
  readonly advance: () => boolean
  /** Fibers that have run and not ended. */
  readonly alive: () => number
  /** Sets the date of the programs' clock forward or back; what passes goes on as it did. */
  readonly setClock: (by: number) => void
  /** Has all programs stop where they are, for good. */
  readonly stopPrograms: () => void
}

interface Timer {
  readonly at: number
  readonly isSleep: boolean
  readonly action: () => void
}

/** More than any program here takes: then it runs in circles. */
const mostTasks = 20_000

/** A fiber gives way to the others after a `quantum` of steps: with a small one they meet, and are interrupted, anywhere. */
export const makeTimeline = (quantum: number): Timeline => {
  let now = 0
  let done = 0
  let ahead = 0
  let ready: Array<Scheduler.Task> = []
  let timers: Array<Timer> = []
  const fibers = new Set<Fiber.RuntimeFiber<unknown, unknown>>()

  const add = (millis: number, action: () => void, isSleep: boolean): Timer => {
    const timer = { at: now + millis, action, isSleep }
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

  const clockOf = (millis: () => number): Clock.Clock => ({
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        // an infinite one wakes nobody, and is left behind unless it is interrupted
        const timer = add(Duration.toMillis(duration), () => resume(Effect.void), true)
        return Effect.sync(() => remove(timer))
      })
  })

  return {
    clock: clockOf(() => now + ahead),
    worldClock: clockOf(() => now),
    scheduler: {
      shouldYield: (fiber) => (fiber.currentOpCount > quantum ? 0 : false),
      scheduleTask: (task, _priority, fiber) => {
        if (fiber !== undefined) fibers.add(fiber)
        ready.push(task)
      }
    },
    now: () => now,
    after: (millis, action) => void add(millis, action, false),
    drain: (before) => {
      let ran = 0
      // what a task makes ready runs behind the others
      for (let index = 0; index < ready.length; index++) {
        if (++done > mostTasks) throw new Error("the program runs in circles")
        ran += 1
        // after a stop others begin, from the beginning
        if (before(done) === "stop") index = -1
        else ready[index]?.()
      }
      ready = []
      return ran
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
    alive: () => [...fibers].filter((fiber) => fiber.unsafePoll() === null).length,
    setClock: (by) => {
      ahead += by
    },
    stopPrograms: () => {
      ready = []
      timers = timers.filter(({ isSleep }) => !isSleep)
      fibers.clear()
    }
  }
}
