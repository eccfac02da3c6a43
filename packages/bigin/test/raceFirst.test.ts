import { Effect, Exit, FiberId, type Scheduler } from "effect"
import { assert, describe, it } from "vitest"
import { raceFirst } from "../src/internal/many/raceFirst.ts"

/** Interrupts it before a certain task, while fibers give way after so many steps; whether it has ended when nothing is left to run. */
const ends = (effect: Effect.Effect<unknown>, quantum: number, interruptedBefore: number): boolean => {
  const tasks: Array<() => void> = []
  const scheduler: Scheduler.Scheduler = {
    shouldYield: (fiber) => (fiber.currentOpCount > quantum ? 0 : false),
    scheduleTask: (task) => void tasks.push(task)
  }
  const fiber = Effect.runFork(effect, { scheduler })
  let interrupted = false
  for (let index = 0; index < tasks.length || !interrupted;) {
    if (!interrupted && (index === interruptedBefore || index === tasks.length)) {
      interrupted = true
      fiber.unsafeInterruptAsFork(FiberId.none)
      continue
    }
    tasks[index++]?.()
  }
  return fiber.unsafePoll() !== null
}

const steps = (count: number) => Effect.forEach(Array.from({ length: count }), () => Effect.void, { discard: true })

describe("raceFirst", () => {
  it("gives the exit of whichever ends first and interrupts the other", async () => {
    let interrupted = 0
    const never = Effect.onInterrupt(Effect.never, () => Effect.sync(() => (interrupted += 1)))
    assert.strictEqual(await Effect.runPromise(raceFirst(Effect.succeed(1), never)), 1)
    assert.strictEqual(await Effect.runPromise(raceFirst(never, Effect.succeed(2))), 2)
    assert.deepStrictEqual(await Effect.runPromiseExit(raceFirst(never, Effect.fail("no"))), Exit.fail("no"))
    assert.strictEqual(interrupted, 3)
  })

  it("ends wherever it is interrupted", () => {
    for (let before = 0; before < 12; before++) {
      const race = Effect.zipRight(steps(before), raceFirst(Effect.never, Effect.zipRight(steps(20), Effect.never)))
      for (let quantum = 16; quantum < 48; quantum++) {
        for (let task = 0; task < 16; task++) assert.isTrue(ends(race, quantum, task), `${before} ${quantum} ${task}`)
      }
    }
  })
})
