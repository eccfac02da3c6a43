/**
 * Begins ABORTS calls and interrupts each at some moment, and prints what is left of them. Nothing may keep it alive behind
 * that: their timeout is an hour.
 */
import { Cause, Duration, Effect, Exit, Fiber, Redacted, Supervisor } from "effect"
import { BiginAuth, BiginConfig, deleteAttachment } from "effect-bigin"
import { setTimeout as after } from "node:timers/promises"
import { client } from "./clients.ts"

const { ABORTS: aborts = "", BIGIN_ORIGIN: apiOrigin = "" } = process.env

const faults: Array<string> = []
process.on("uncaughtException", (error) => faults.push(`uncaught ${error.stack}`))
process.on("unhandledRejection", (error) => faults.push(`unhandled ${error instanceof Error ? error.stack : error}`))
process.on("warning", (warning) => faults.push(`warning ${warning.stack}`))

const fibers = { begun: 0, ended: 0 }
class Counting extends Supervisor.AbstractSupervisor<void> {
  override readonly value = Effect.void
  override onStart() {
    fibers.begun += 1
  }
  override onEnd() {
    fibers.ended += 1
  }
}

const auth = BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin })

/** Turns of the event loop, and for some a while: before it connects, while it waits, and in the middle of a body. */
const moment = (index: number) =>
  Effect.promise(async () => {
    const turns = index % 13
    for (let turn = 0; turn < turns; turn++) await new Promise((resume) => setImmediate(resume))
    if (turns === 12) await after(index % 7)
  })

const abort = (index: number) =>
  Effect.gen(function* () {
    // the server answers by the record: not at all, half of a short answer, half of a long one
    const ref = { module: "Contacts", recordId: String((index % 3) + 1), attachmentId: String(index + 1) }
    const fiber = yield* Effect.fork(deleteAttachment(ref))
    yield* moment(index)
    const exit = yield* Fiber.interrupt(fiber)
    return Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause) ? "Interrupted" : exit._tag
  })

/** How many connections the server has, but for that of the question. */
const open = () => fetch(`${apiOrigin}/open`, { headers: { connection: "close" } }).then((answer) => answer.json())

const collected = async () => {
  for (let time = 0; time < 4; time++) {
    globalThis.gc?.()
    await after(5)
  }
  return process.memoryUsage().heapUsed
}

const program = Effect.gen(function* () {
  const ends: { [tag: string]: number } = {}
  const run = (from: number, to: number) =>
    Effect.forEach(
      Array.from({ length: to - from }, (_, index) => from + index),
      (index) => Effect.map(abort(index), (end) => void (ends[end] = (ends[end] ?? 0) + 1)),
      { concurrency: 20, discard: true }
    ).pipe(Effect.zipRight(Effect.promise(collected)))
  const early = yield* run(0, Number(aborts) / 2)
  const late = yield* run(Number(aborts) / 2, Number(aborts))
  // a connection that is ended is gone a moment later
  yield* Effect.promise(() => after(100))
  const left = yield* Effect.promise(open)
  const { ended, begun } = fibers
  const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout")
  return { ends, growth: late - early, left, fibersLeft: begun - ended, timers: timers.length, faults }
})

const seen = await Effect.runPromise(
  program.pipe(
    Effect.supervised(new Counting()),
    Effect.provideService(BiginConfig.AttemptTimeout, Duration.hours(1)),
    Effect.provide([auth, client])
  )
)
console.log(JSON.stringify(seen))
