/** Collections that are drawn, each run to its end in virtual time, and a judge of what they say of themselves. */
import { isDeepStrictEqual } from "node:util"
import { HttpClient } from "@effect/platform"
import {
  Cause,
  Chunk,
  Duration,
  Effect,
  Either,
  Exit,
  FastCheck,
  Fiber,
  Layer,
  Logger,
  LogLevel,
  Option,
  Random,
  Stream
} from "effect"
import { Attachments, BiginAuth, BiginConfig, DeleteReport, Errors, type Ids, Retry, Throttle } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { credentials, deletes, ids, lists, record } from "./collection.ts"
import { daemons, hedging, type Hopping, plain, pooled, queued, repeating } from "./hopping.ts"
import { runInVirtualTime } from "./virtualTime.ts"

const clients = {
  plain,
  queued: queued(2),
  pooled: pooled(2),
  daemons,
  hedging,
  repeating
} satisfies Record<string, Hopping>

/** None of them makes Bigin lie: what it says of an id is so. */
const faults = {
  none: FakeBigin.garble((reply) => reply),
  lost: FakeBigin.loseAnswer,
  cut: FakeBigin.cut,
  badGateway: FakeBigin.badGateway,
  truncated: FakeBigin.truncate,
  slow: FakeBigin.delay("2 seconds"),
  tooSlow: FakeBigin.delay("9 seconds"),
  doneAndSlow: (bigin) => Effect.flatMap(bigin, (reply) => FakeBigin.delay("2 seconds")(Effect.succeed(reply))),
  doneAndSilent: (bigin) => Effect.zipRight(bigin, Effect.never),
  down: FakeBigin.answerWith(Fixtures.html(503, "down")),
  throttled: FakeBigin.answerWith(Fixtures.rateLimited()),
  throttledFor: FakeBigin.answerWith(Fixtures.rateLimited(7)),
  refusedToken: FakeBigin.answerWith(Fixtures.undocumented.InvalidToken),
  vague: FakeBigin.answerWith(Fixtures.documented("InvalidData")),
  denied: FakeBigin.answerWith(Fixtures.documented("NoPermission")),
  outOfScope: FakeBigin.answerWith(Fixtures.documented("OAuthScopeMismatch"))
} satisfies Record<string, FakeBigin.Fault>

const keysOf = <K extends string>(table: Record<K, unknown>) => Object.keys(table) as Array<K> // of a literal object

const oneOf = <const T extends ReadonlyArray<unknown>>(...values: T) => FastCheck.constantFrom<T[number]>(...values)
const fault = oneOf(...keysOf(faults))

export const plans = FastCheck.record({
  client: oneOf(...keysOf(clients)),
  throttle: oneOf("none", "none", "none", "above", "below"),
  source: oneOf("array", "claims", "held claims", "slow", "failing", "dying", "endless"),
  rows: FastCheck.array(
    FastCheck.record({
      recordId: oneOf(1, 1, 2),
      // the fifth is not there
      id: oneOf(1, 2, 3, 4, 5),
      isMalformed: oneOf(true, ...Array.from({ length: 9 }, () => false))
    }),
    { minLength: 1, maxLength: 7 }
  ),
  deletes: FastCheck.array(fault, { maxLength: 6 }),
  lists: FastCheck.array(fault, { maxLength: 3 }),
  concurrency: oneOf(1, 2, 3, "adaptive"),
  retries: oneOf(0, 1, 2),
  stopOn: oneOf("auth", "auth", "nothing", "NoPermission", "RateLimited"),
  credits: FastCheck.option(FastCheck.nat(9)),
  end: FastCheck.oneof(
    FastCheck.constant({ _tag: "Its own" as const }),
    FastCheck.record({
      _tag: FastCheck.constant("Interrupted" as const),
      at: FastCheck.oneof(FastCheck.integer({ min: 1, max: 4_000 }), FastCheck.integer({ min: 1, max: 25_000 }))
    }),
    FastCheck.record({ _tag: FastCheck.constant("Cut" as const), after: FastCheck.integer({ min: 1, max: 4 }) })
  ),
  hearing: oneOf("at once", "at once", "slow", "dying"),
  token: oneOf("at once", "at once", "slow"),
  renewal: oneOf("none", "slow and none", "another"),
  /** After how many steps a fiber has others go on. */
  steps: oneOf(2_048, 2_048, 12, 16, 25, 60),
  seed: FastCheck.nat()
})

export type Plan = typeof plans extends FastCheck.Arbitrary<infer A> ? A : never

/** An item is more than what names an attachment. */
interface Row extends Ids.AttachmentRef.Input {
  readonly row: number
}

type Report = DeleteReport.DeleteReport<Row>

const refOf = ({ attachmentId, recordId }: Ids.AttachmentRef.Input) => `${recordId}/${attachmentId}`

/** A pull writes down what it gives at the moment when it has its effect, and is not over by then. */
const makeSource = ({ rows, source }: Plan) => {
  /** By the pull that gave them. */
  const pulls: Array<ReadonlyArray<Row>> = []
  let given = 0
  const next = (): Row => {
    const { id, isMalformed, recordId } = rows[given % rows.length] ?? { id: 1, isMalformed: false, recordId: 1 }
    given += 1
    return { ...record(recordId), attachmentId: isMalformed ? `no id ${id}` : String(id), row: given }
  }
  const give = (count: number) =>
    Effect.sync(() => {
      const pulled = Array.from({ length: count }, next)
      pulls.push(pulled)
      return Chunk.unsafeFromArray(pulled)
    })
  const claim = (millis: number) =>
    Effect.delay(give(1), Duration.millis(millis)).pipe(Effect.zipLeft(Effect.sleep(Duration.millis(millis))))
  const each = (pull: Effect.Effect<Chunk.Chunk<Row>>, most = rows.length) =>
    Stream.repeatEffectChunkOption(Effect.suspend(() => (given < most ? pull : Effect.fail(Option.none()))))
  const all = Stream.repeatEffectChunkOption(
    Effect.suspend(() => (given === 0 ? Effect.uninterruptible(give(rows.length)) : Effect.fail(Option.none())))
  )
  const streams = {
    array: all,
    claims: each(claim(200)),
    "held claims": each(Effect.uninterruptible(claim(700))),
    slow: each(claim(1_500)),
    failing: Stream.concat(
      all,
      Stream.fromEffect(Effect.delay(Effect.fail("the source is broken" as const), "1 second"))
    ),
    dying: Stream.concat(all, Stream.fromEffect(Effect.delay(Effect.die("the source has a bug"), "1 second"))),
    endless: each(claim(100), Infinity)
  } satisfies Record<Plan["source"], Stream.Stream<Row, "the source is broken">>
  return { pulls, rows: streams[source] as Stream.Stream<Row, "the source is broken"> } // of them the widest
}

const authOf = ({ renewal, token }: Plan) =>
  BiginAuth.make({
    credentials: token === "slow" ? Effect.delay(Effect.succeed(credentials), "1 second") : Effect.succeed(credentials),
    renew: () => {
      if (renewal === "another") return Effect.delay(Effect.succeedSome(credentials), "1 second")
      return renewal === "none" ? Effect.succeedNone : Effect.delay(Effect.succeedNone, "3 seconds")
    }
  })

const stops = {
  auth: Errors.hasCategory("auth"),
  nothing: () => false,
  NoPermission: ({ _tag }: Errors.BiginError) => _tag === "NoPermission",
  RateLimited: ({ _tag }: Errors.BiginError) => _tag === "RateLimited"
} satisfies Record<Plan["stopOn"], (error: Errors.DeleteAttachmentError) => boolean>

const keepCredits = 2

const clientOf = ({ client, throttle }: Plan) =>
  Effect.gen(function* () {
    const base = yield* HttpClient.HttpClient
    const throttled = (client: HttpClient.HttpClient) =>
      Effect.provide(
        HttpClient.HttpClient,
        Layer.provide(Throttle.layer({ concurrent: 2, perSecond: 2 }), Layer.succeed(HttpClient.HttpClient, client))
      )
    const hopping = yield* clients[client](throttle === "below" ? yield* throttled(base) : base)
    return throttle === "above" ? yield* throttled(hopping) : hopping
  })

const injectAll = (plan: Plan) =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.FakeBigin
    let credits = (plan.credits ?? Infinity) + keepCredits
    const counted =
      (fault: FakeBigin.Fault): FakeBigin.Fault =>
      (bigin) =>
        Effect.map(fault(bigin), (outcome) => {
          if (outcome._tag !== "Whole" || plan.credits === null) return outcome
          credits = Math.max(0, credits - 1)
          const headers = { ...outcome.reply.headers, "x-api-credits-remaining": String(credits) }
          return { ...outcome, reply: { ...outcome.reply, headers } }
        })
    for (const name of plan.deletes) yield* fake.inject({ fault: counted(faults[name]), when: deletes })
    for (const name of plan.lists) yield* fake.inject({ fault: counted(faults[name]), when: lists })
    yield* fake.inject({ fault: counted(faults.none), times: Infinity })
  })

const here = FakeBigin.layerWith({
  records: [1, 2].map((recordId) => ({
    ...record(recordId),
    attachments: ids(4).map((id) => ({ id, fileName: `${id}.txt`, size: 1 }))
  }))
})

const wasThere = (ref: string) => !ref.endsWith("/5")

/** What there is to judge of a run. */
export interface History {
  readonly plan: Plan
  readonly pulls: ReadonlyArray<ReadonlyArray<Row>>
  readonly heard: ReadonlyArray<Report>
  readonly emitted: ReadonlyArray<Report>
  /** None where it has not ended. */
  readonly exit: Option.Option<Exit.Exit<void, unknown>>
  /** What came after the end. */
  readonly later: ReadonlyArray<Report>
  /** What a DELETE was sent for, half an hour after the end. */
  readonly sent: ReadonlySet<string>
  readonly left: ReadonlySet<string>
  /** How many DELETEs left after the end. */
  readonly sentLater: number
  readonly listed: number
}

export const run = async (plan: Plan): Promise<History> =>
  Exit.getOrElse(await runInVirtualTime(history(plan), plan.steps), (cause) => {
    throw new Error(Cause.pretty(cause))
  })

const history = (plan: Plan): Effect.Effect<History> =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.FakeBigin
    yield* injectAll(plan)
    const { pulls, rows } = makeSource(plan)
    const heard: Array<Report> = []
    const emitted: Array<Report> = []
    const onReport = (report: Report) =>
      Effect.suspend(() => {
        heard.push(report)
        if (plan.hearing === "slow") return Effect.sleep("500 millis")
        return plan.hearing === "dying" && heard.length >= 3 ? Effect.die("nobody hears") : Effect.void
      })
    const collection = Attachments.deleteMany(rows, {
      concurrency: plan.concurrency,
      schedule: Retry.schedule({ times: plan.retries, base: "1 second" }),
      stopOn: stops[plan.stopOn],
      keepCredits,
      onReport
    })
    let reports = 0
    let requests = 0
    const close = Effect.map(fake.requests, (all) => {
      reports = heard.length
      requests = all.filter(deletes).length
    })
    const { end } = plan
    const isCut = end._tag === "Cut" || (end._tag === "Its own" && plan.source === "endless")
    const fiber = yield* collection.pipe(
      isCut ? Stream.take(end._tag === "Cut" ? end.after : 6) : (all) => all,
      Stream.runForEach((report) => Effect.sync(() => void emitted.push(report))),
      Effect.provideService(HttpClient.HttpClient, yield* clientOf(plan)),
      Effect.provideService(BiginAuth.BiginAuth, authOf(plan)),
      Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5)),
      Effect.withRandom(Random.make(plan.seed)),
      Effect.ensuring(close),
      Effect.fork
    )
    if (end._tag === "Interrupted") {
      yield* Effect.sleep(Duration.millis(end.at))
      yield* Fiber.interruptFork(fiber)
    }
    yield* Effect.sleep("1 hour")
    const exit = yield* Fiber.poll(fiber)
    yield* Effect.sleep("30 minutes")
    const allRequests = yield* fake.requests
    const left = yield* Effect.forEach([1, 2], (recordId) =>
      Effect.map(fake.attachments(record(recordId)), (all) => all.map(({ id }) => `${recordId}/${id}`))
    )
    return {
      plan,
      pulls,
      heard: heard.slice(0, reports),
      emitted,
      exit,
      later: heard.slice(reports),
      sent: new Set(
        allRequests.flatMap(({ method, url }) => {
          const [, recordId, id] = /Contacts\/(\d+)\/Attachments\/(\d+)$/.exec(url) ?? []
          return method === "DELETE" ? [`${recordId}/${id}`] : []
        })
      ),
      left: new Set(left.flat()),
      sentLater: allRequests.filter(deletes).length - requests,
      listed: allRequests.filter(lists).length
    }
  }).pipe(Effect.scoped, Effect.provide(here), Logger.withMinimumLogLevel(LogLevel.None))

/** What is wrong with what a run said of itself: nothing, if all is well. */
export const judge = (history: History): ReadonlyArray<string> => {
  const { emitted, exit, heard, later, left, listed, plan, pulls, sent, sentLater } = history
  const wrong: Array<string> = []
  const hold = (isSo: boolean, otherwise: string) => {
    if (!isSo) wrong.push(otherwise)
  }
  if (Option.isNone(exit)) return ["it has not ended"]
  const ended = exit.value
  const failure = Exit.isFailure(ended)
    ? Either.getOrUndefined(Either.flip(Cause.failureOrCause(ended.cause)))
    : undefined
  const defects = Exit.isFailure(ended) ? [...Cause.defects(ended.cause)] : []
  const isDeaf = plan.hearing === "dying" && heard.length >= 3
  const isCut = plan.end._tag === "Cut" || plan.source === "endless"
  const isInterrupted = Exit.isInterrupted(ended)

  // each that was pulled is reported once, by its very value
  const pulled = pulls.flat()
  const items = heard.map(({ item }) => item)
  hold(new Set(items).size === items.length, "an item was reported twice")
  hold(
    items.every((item) => pulled.includes(item)),
    "what was reported was never pulled"
  )
  const lost = pulled.filter((item) => !items.includes(item))
  const isHeld = plan.source !== "claims" && plan.source !== "slow" && plan.source !== "endless"
  hold(
    lost.every((item) => !isHeld && pulls.at(-1)?.includes(item) === true),
    `${lost.length} items were lost`
  )
  hold(later.length === 0, "a report came after the end")
  hold(sentLater === 0, "a DELETE left after the end")

  // what is said of each is so
  for (const report of heard) {
    const ref = refOf(report.item)
    const isMalformed = report.item.attachmentId.toString().startsWith("no")
    hold(isMalformed === !("ref" in report), `${ref} is malformed, or is not`)
    if (!("ref" in report)) continue
    hold(refOf(report.ref) === ref, `${ref} was told of as ${refOf(report.ref)}`)
    hold("error" in report || !left.has(ref), `${ref} is there and was told to be gone`)
  }
  for (const ref of new Set(items.map(refOf))) {
    const reports = heard.filter(({ item }) => refOf(item) === ref)
    const tags = reports.map((report) => ("error" in report ? report.error._tag : report.outcome))
    const isUntouched = tags.every((tag) => tag === "NotAttempted")
    hold(!isUntouched || !sent.has(ref), `${ref} was told not to be sent`)
    const isRefused = tags.every((tag) => tag !== "OutcomeUnknown" && tag !== "Deleted" && tag !== "AlreadyGone")
    hold(
      !isRefused || !wasThere(ref) || left.has(ref) || reports.some((report) => !("ref" in report)),
      `${ref} was told to be there: ${tags}`
    )
  }

  // it ends as it says
  const stopsOn = (report: Report): boolean => {
    if ((report.creditsRemaining ?? Infinity) <= keepCredits) return true
    if (!("error" in report)) return false
    const { error } = report
    if (error._tag === "NotAttempted") return error.stoppedBy !== "Interruption" && error.stoppedBy !== "Defect"
    return stops[plan.stopOn](error._tag === "OutcomeUnknown" ? error.last : error)
  }
  const isStopped = heard.some(stopsOn)
  const stop = failure instanceof Errors.CollectionStopped ? failure : undefined
  if (stop !== undefined) {
    hold(isStopped || plan.lists.slice(0, listed).length > 0 || plan.credits !== null, "it was not stopped")
    hold(
      isDeepStrictEqual(stop.summary, heard.reduce<DeleteReport.Summary>(DeleteReport.add, DeleteReport.empty)),
      "its summary is not that of its reports"
    )
    const stoppedBy = heard.flatMap((report) =>
      "error" in report && report.error._tag === "NotAttempted" ? [report.error.stoppedBy] : []
    )
    hold(
      stoppedBy.every((tag) => tag === stop.stoppedBy),
      `it was stopped by ${stop.stoppedBy} and by ${stoppedBy}`
    )
  }
  hold(
    emitted.every((report) => heard.includes(report)),
    "what was emitted was not heard"
  )
  hold(new Set(emitted).size === emitted.length, "a report was emitted twice")
  if (isInterrupted) hold(plan.end._tag === "Interrupted", "it was interrupted by nobody")
  else if (!isCut) {
    hold(emitted.length === heard.length || isDeaf, "not all that was heard was emitted")
    const expected = () => {
      if (isDeaf) return defects[0] === "nobody hears"
      if (isStopped) return stop !== undefined
      if (stop !== undefined) return true
      if (plan.source === "failing") return failure === "the source is broken"
      if (plan.source === "dying") return defects[0] === "the source has a bug"
      return Exit.isSuccess(ended)
    }
    hold(expected(), `it ended as it should not: ${Exit.isFailure(ended) ? Cause.pretty(ended.cause) : "well"}`)
  }
  return wrong
}
