/**
 * Begins ABORTS requests by WAY and interrupts each at some moment, and prints what is left of them. It ends by itself, so nothing
 * may keep it alive behind that.
 */
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { Cause, Effect, Exit, Fiber, Stream, Supervisor } from "effect"
import { Transport } from "effect-bigin"
import { NodeTransport } from "effect-bigin-node"
import { setTimeout as after } from "node:timers/promises"

const { ABORTS: aborts = "", ORIGIN: origin = "", WAY: way } = process.env

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

const streams = { begun: 0, ended: 0 }
const upload = Stream.make(new Uint8Array(10_000)).pipe(
  Stream.concat(Stream.never),
  Stream.onStart(Effect.sync(() => (streams.begun += 1))),
  Stream.ensuring(Effect.sync(() => (streams.ended += 1)))
)

const send = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<unknown, unknown, HttpClient.HttpClient> =>
  Effect.flatMap(HttpClient.HttpClient, (client): Effect.Effect<unknown, unknown> =>
    way === "exchange" && Transport.isTransport(client)
      ? client[Transport.TypeId](Effect.succeed(request), {
          most: 1_000_000,
          deadline: (onTimeout) => {
            const timer = setTimeout(onTimeout, 3_600_000)
            return () => clearTimeout(timer)
          }
        })
      : Effect.flatMap(client.execute(request), ({ text }) => text)
  )

/** Turns of the event loop, and for some a while: before it connects, while it waits, and in the middle of a body. */
const moment = (index: number) =>
  Effect.promise(async () => {
    const turns = index % 13
    for (let turn = 0; turn < turns; turn++) await new Promise((resume) => setImmediate(resume))
    if (turns === 12) await after(index % 7)
  })

const abort = (index: number) =>
  Effect.gen(function* () {
    // the server answers by the path: not at all, half of a short answer, half of a long one; one in four sends a stream
    const url = `${origin}/${index % 3}`
    const request =
      index % 4 === 0 ? HttpClientRequest.bodyStream(HttpClientRequest.post(url), upload) : HttpClientRequest.del(url)
    const fiber = yield* Effect.fork(send(request))
    yield* moment(index)
    const exit = yield* Fiber.interrupt(fiber)
    return Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause) ? "Interrupted" : exit._tag
  })

/** How many connections the server has, but for that of the question. */
const open = () => fetch(`${origin}/open`, { headers: { connection: "close" } }).then((answer) => answer.json())

const collected = async () => {
  for (let time = 0; time < 4; time++) {
    globalThis.gc?.()
    await after(5)
  }
  return process.memoryUsage().heapUsed
}

const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)

const program = Effect.gen(function* () {
  const ends: { [tag: string]: number } = {}
  const run = (from: number, to: number) =>
    Effect.forEach(
      Array.from({ length: to - from }, (_, index) => from + index),
      (index) => Effect.map(abort(index), (end) => void (ends[end] = (ends[end] ?? 0) + 1)),
      { concurrency: 20, discard: true }
    ).pipe(Effect.zipRight(Effect.promise(collected)))
  const before = listeners()
  const early = yield* run(0, Number(aborts) / 2)
  const late = yield* run(Number(aborts) / 2, Number(aborts))
  // a connection that is ended is gone a moment later
  yield* Effect.promise(() => after(100))
  const left = yield* Effect.promise(open)
  const { begun, ended } = fibers
  const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length
  return {
    ends,
    growth: late - early,
    left,
    fibersLeft: begun - ended,
    streamsLeft: streams.begun - streams.ended,
    streams: streams.begun,
    listeners: listeners() - before,
    timers,
    faults
  }
})

const seen = await Effect.runPromise(
  program.pipe(Effect.supervised(new Counting()), Effect.provide(NodeTransport.layer))
)
const left = await open()
console.log(JSON.stringify({ ...seen, leftBehind: left }))
