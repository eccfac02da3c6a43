/** Runs a plan from the beginning to the end of everything in it, and gives its history. */
import { FileSystem, HttpClient, Path } from "@effect/platform"
import { Cause, Context, Duration, Effect, FiberId, FiberRef, HashSet, Layer, Logger, Random, Redacted } from "effect"
import { BiginAuth, BiginConfig, Throttle } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import { clients, Operation } from "./clients.ts"
import { type Disk, makeDisk } from "./disk.ts"
import { attemptMillis } from "./faults.ts"
import type { History } from "./history.ts"
import { type Journal, makeJournal } from "./journal.ts"
import { malformed, type Plan, type Task } from "./plan.ts"
import { programs } from "./programs/index.ts"
import { together } from "./together.ts"
import { makeTimeline, type Timeline } from "./timeline.ts"
import { idOf, makeWorld, recordOf, textIn } from "./world.ts"

const { clientId, clientSecret, refreshToken } = Fixtures.client
const accessToken = Fixtures.accessTokens.administrator

const auths = {
  "access token": BiginAuth.layerToken({ accessToken: Redacted.make(accessToken) }),
  "refresh token": BiginAuth.layerRefreshToken({
    clientId,
    clientSecret: Redacted.make(clientSecret),
    refreshToken: Redacted.make(refreshToken)
  })
} as const

/** More steps than this are no step: a fiber that gives way no sooner does what it does in one. */
const largeQuantum = 2_048

export const run = async (plan: Plan): Promise<History> => {
  const timeline = makeTimeline(plan.quantum)
  const journal = makeJournal(timeline.now, [accessToken, clientSecret, refreshToken])
  const disk = makeDisk(plan.disk, (what) => journal.add({ _tag: "DiskFault", what }))
  const world = makeWorld(plan, timeline, journal, disk)
  const begin = () =>
    Effect.runFork(program(plan, world.client, disk, journal, timeline), { scheduler: timeline.scheduler })

  let fiber = begin()
  const isOver = () => fiber.unsafePoll() !== null
  const drain = () =>
    timeline.drain((task) => {
      if (isOver()) return undefined
      if (task === plan.interruptedBefore) {
        journal.add({ _tag: "Interrupted" })
        fiber.unsafeInterruptAsFork(FiberId.none)
      }
      if (task !== plan.crashesBefore) return undefined
      journal.add({ _tag: "Crashed", operations: journal.terms.length })
      timeline.stopPrograms()
      world.hangUp()
      disk.crash()
      fiber = begin()
      return "stop"
    })

  try {
    drain()
    while (!isOver()) {
      // no program here waits for a promise while others wait for the time; one that did would need a turn each time
      const isLater = timeline.advance()
      if (!isLater) await turn()
      if (drain() === 0 && !isLater) {
        journal.add({ _tag: "Hung", why: "the program waits for nothing" })
        break
      }
    }
    journal.add({ _tag: "Finished", fibers: timeline.alive() })
    // what is late happens before anybody judges
    while (timeline.advance()) drain()
  } catch (error) {
    journal.add({ _tag: "Hung", why: String(error) })
  }
  const { asksLast, passesOn, queues, repeats } = clients[plan.client]
  return {
    ...journal,
    throttle: plan.throttle,
    client: { asksLast, passesOn, queues, repeats },
    hasOneToken: plan.auth === "access token",
    attachments: Array.from({ length: plan.attachments }, (_, position) => {
      const id = idOf(position)
      return { id, record: recordOf(position, plan.records).recordId, content: textIn(id) }
    })
  }
}

const path = Effect.runSync(Effect.scoped(Layer.build(Path.layer)))

/** Has promises that are settled go on. */
export const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

const program = (plan: Plan, client: HttpClient.HttpClient, disk: Disk, journal: Journal, timeline: Timeline) => {
  const logger = Logger.make(({ annotations, cause, message }) => {
    for (const value of [message, annotations, cause]) journal.print(value)
  })
  const wrapped = Layer.scoped(HttpClient.HttpClient, clients[plan.client].make(client))
  const throttled = plan.throttle === null ? wrapped : Layer.provide(Throttle.layer(plan.throttle), wrapped)
  return together(
    plan.tasks.map((task) => performed(task, plan, journal)),
    plan.concurrency
  ).pipe(
    Effect.provide(Layer.provideMerge(auths[plan.auth], throttled)),
    Effect.provide(
      Context.make(BiginConfig.AttemptTimeout, Duration.millis(attemptMillis)).pipe(
        Context.add(BiginConfig.ApiVersion, plan.version),
        Context.add(FileSystem.FileSystem, disk.fileSystem),
        Context.merge(path)
      )
    ),
    // a tenth of the time went into spans, of which nothing here is judged
    Effect.withTracerEnabled(false),
    Effect.withClock(timeline.clock),
    Effect.withRandom(Random.make(plan.jitter)),
    Effect.locally(FiberRef.currentLoggers, HashSet.make(logger))
  )
}

const performed = (task: Task, plan: Plan, journal: Journal) =>
  Effect.suspend(() => {
    const { run, terms } = programs[task.program]
    const operation = journal.terms.push({ program: task.program, ...terms(task) }) - 1
    // one that was drawn beyond the last is some other
    const refs = task.targets.map((target) => {
      if (target === malformed) return { ...recordOf(0, plan.records), attachmentId: "1e3" }
      const position = target % (plan.attachments + 1)
      return { ...recordOf(position, plan.records), attachmentId: idOf(position) }
    })
    const { collection, policy, times } = task
    const losesPulls = plan.quantum < largeQuantum
    const running = run({ operation, refs, times, policy, collection, losesPulls }, journal).pipe(
      Effect.provideService(Operation, operation)
    )
    const patient =
      task.patience === null ? running : Effect.asVoid(Effect.timeoutOption(running, Duration.millis(task.patience)))
    return Effect.delay(patient, Duration.millis(task.startsAt)).pipe(
      Effect.tapErrorCause((cause) =>
        Effect.sync(() => {
          const isInterrupted = Cause.isInterruptedOnly(cause)
          journal.add({ _tag: "Failed", operation, isInterrupted, how: Cause.pretty(cause) })
        })
      )
    )
  })
