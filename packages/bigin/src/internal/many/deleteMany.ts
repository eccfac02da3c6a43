/** A collection: the same proof for each of many, with one pause, one early stop and one account for all. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { type DeleteAttachmentError, type EnsureDeletedError, NotAttempted } from "../../errors/operations.ts"
import { hasCategory } from "../../errors/traits.ts"
import { ConnectionLost, type RateLimited } from "../../errors/undocumented.ts"
import { type Attempted, watched } from "./departures.ts"
import { makeDoubts } from "./doubts.ts"
import { makeGate } from "./gate.ts"
import { makeLifetime } from "./lifetime.ts"
import { adaptive, fixed } from "./limit.ts"
import { raceFirst } from "./raceFirst.ts"
import { makeSource } from "./source.ts"
import { type Answered, deletedAtOnce, type Ending, type Policy, pursue } from "../proof/ensure.ts"
import { type Heard, witness } from "../proof/witness.ts"
import type { Answer } from "../answer/item.ts"
import { handOn } from "../request/exchange.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import type { DeleteReport } from "../../models/collection.ts"
import type { DeleteManyOptions } from "../../models/collection.ts"
import { type AttachmentRef, parseAttachmentRef } from "../../models/ids.ts"
import { type Fields, fieldsOf, shown } from "../../models/input.ts"

/** How many may wait for a list, beside those that are at work. */
const mostInDoubt = 900
const mostAtOnce = 100
/** How long a 429 to a list holds everybody back at most. */
const longestPause = Duration.minutes(2)
/** How long doubts of one record gather before its list is read. */
const gathering = "1 second"
/** How many reports may wait for whoever reads them. */
const reportsAhead = 256

type Environment = HttpClient.HttpClient | BiginAuth

/** What is reported: how a pursuit ended, or that there was none. */
type End = Ending | { readonly attempts: 0; readonly error: NotAttempted }

export const deleteMany = <E, R, R2>(
  refs: Stream.Stream<AttachmentRef.Input, E, R>,
  attempt: (ref: AttachmentRef) => Effect.Effect<AttachmentRef, DeleteAttachmentError, Environment>,
  options: DeleteManyOptions<R2> & { readonly schedule: Policy }
): Stream.Stream<DeleteReport, E, R | R2 | Environment> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { concurrency = "adaptive", keepCredits, schedule, stopOn = hasCategory("auth") } = options
      const clock = yield* Effect.clock
      const limit = concurrency === "adaptive" ? adaptive() : fixed(bounded(concurrency))
      const gate = makeGate(limit)
      const source = yield* makeSource(refs)
      const reports = yield* Mailbox.make<DeleteReport, E>(reportsAhead)
      const lifetime = yield* makeLifetime({ onStop: source.close, onClose: gate.shut })
      const { guarded, run, stop, unlessClosing } = lifetime
      const scope = yield* Effect.scope
      let inDoubt = 0

      const report = (ref: AttachmentRef, began: number, end: End) =>
        Effect.gen(function* () {
          // whatever `stopOn` does, this is reported first
          const stopped = "error" in end ? yield* Effect.exit(stopIfAsked(end.error)) : Exit.void
          const one: DeleteReport = { ref, duration: Duration.millis(clock.unsafeCurrentTimeMillis() - began), ...end }
          // in a fiber of its own, where it may wait as it likes and nobody interrupts it
          if (options.onReport !== undefined) {
            yield* Effect.flatMap(Effect.fork(Effect.interruptible(options.onReport(one))), Fiber.join)
          }
          yield* reports.offer(one)
          yield* stopped
        })

      const stopIfAsked = (error: EnsureDeletedError | NotAttempted) =>
        Effect.suspend(() => {
          if (error._tag === "NotAttempted") return Effect.void
          const last = error._tag === "OutcomeUnknown" ? error.last : error
          return stopOn(last) ? stop(last._tag) : Effect.void
        })

      const untouched = (ref: AttachmentRef): End => ({
        attempts: 0,
        error: new NotAttempted({ ref, stoppedBy: lifetime.stoppedBy() ?? "Interruption" })
      })

      const doubts = makeDoubts<Environment>(
        (record, ids) =>
          Effect.gen(function* () {
            const place = yield* gate.enter
            if (place === undefined) return unasked
            const says = yield* unlessClosing(witness(record, ids), unasked)
            const limited = Array.from(ids, says).find(isLimited)
            place.leave(limited !== undefined, clock.unsafeCurrentTimeMillis())
            if (limited !== undefined) yield* Effect.forkIn(openAfter(limited.left), scope)
            return says
          }),
        unlessClosing(Effect.sleep(gathering), undefined),
        (work) => Effect.asVoid(run(work))
      )

      /** A reading that met a 429 has closed the gate for all, whatever each of its doubts does next. Nobody waits for this. */
      const openAfter = ({ retryAfter = Duration.seconds(1) }: RateLimited) =>
        Effect.interruptible(
          Effect.andThen(Effect.sleep(Duration.min(retryAfter, longestPause)), Effect.sync(gate.open))
        )

      /** One DELETE; none where the collection has ended before it was sent. With a 429 the gate is closed. */
      const send = (ref: AttachmentRef, isFirst: boolean): Effect.Effect<Option.Option<Answered>, never, Environment> =>
        doubts.deleting(
          ref,
          Effect.gen(function* () {
            const place = yield* gate.enter
            if (place === undefined) return Option.none()
            const attempted = yield* lifetime.attempt(attempt(ref), isFirst)
            const answered = answerOf(ref, attempted)
            place.leave(Option.exists(answered, isLimited), clock.unsafeCurrentTimeMillis())
            const defects = Option.flatMap(Exit.causeOption(attempted.exit), Cause.keepDefects)
            if (Option.isSome(defects)) yield* guarded(Effect.failCause(defects.value), undefined)
            return answered
          })
        )

      /** After a first failure. Whoever waits for a list lets its worker go on. */
      const follow = (ref: AttachmentRef, began: number, first: DeleteAttachmentError) =>
        Effect.gen(function* () {
          const driver = yield* Schedule.driver(schedule)
          const parked = yield* Deferred.make<void>()
          let isParked = false
          const park = Effect.suspend(() => {
            if (isParked || inDoubt >= mostInDoubt) return Effect.void
            isParked = true
            inDoubt += 1
            return Deferred.succeed(parked, undefined)
          })
          const wait = (error: DeleteAttachmentError) =>
            guarded(unlessClosing(Effect.isSuccess(driver.next(error)), false), false)

          const pursuit = pursue<Environment>(ref, first, {
            wait,
            again: (error) =>
              // everybody waits with whom was told to: the gate is closed until then
              (error._tag === "RateLimited" ? Effect.ensuring(wait(error), Effect.sync(gate.open)) : wait(error)).pipe(
                Effect.flatMap((more) => (more ? send(ref, false) : Effect.succeedNone))
              ),
            consult: Effect.zipRight(park, doubts.consult(ref))
          })
          const fiber = yield* run(
            pursuit.pipe(
              Effect.flatMap((end) => report(ref, began, end)),
              Effect.ensuring(
                Effect.sync(() => {
                  if (isParked) inDoubt -= 1
                })
              )
            )
          )
          // once it was stopped there is no other to take, and a worker that was called off cannot wait
          if (lifetime.stoppedBy() !== undefined) return
          yield* unlessClosing(raceFirst(Effect.asVoid(Fiber.await(fiber)), Deferred.await(parked)), undefined)
        })

      /** An item from its ref to its report, or to where its worker may go on without it. */
      const treat = (input: AttachmentRef.Input) => {
        const began = clock.unsafeCurrentTimeMillis()
        const parsed = parseAttachmentRef(input)
        if (Either.isLeft(parsed)) return report(plain(input), began, { attempts: 0, error: parsed.left })
        const ref = parsed.right
        return Effect.flatMap(send(ref, true), (first) => {
          if (Option.isNone(first)) return report(ref, began, untouched(ref))
          if (Either.isRight(first.value)) return report(ref, began, deletedAtOnce)
          return follow(ref, began, first.value.left)
        })
      }

      const worker = Effect.gen(function* () {
        for (;;) {
          const input = yield* source.next
          if (Option.isNone(input)) return
          yield* treat(input.value)
        }
      })

      const work = Effect.gen(function* () {
        for (let count = 0; count < limit.most; count++) yield* run(worker)
        yield* lifetime.over
        yield* source.closed
        const now = clock.unsafeCurrentTimeMillis()
        for (const input of source.rest()) {
          yield* guarded(report(plain(input), now, untouched(plain(input))), undefined)
        }
        yield* reports.done(Exit.flatMap(lifetime.exit(), source.exit))
      })

      const client = watchingCredits(watched(yield* HttpClient.HttpClient), keepCredits || 0, stop("ApiCredits"))
      yield* Effect.acquireRelease(
        Effect.forkDaemon(Effect.provideService(work, HttpClient.HttpClient, client)),
        (working) =>
          Effect.all([lifetime.close("Interruption"), reports.shutdown, Fiber.await(working)], { discard: true })
      )
      return Mailbox.toStream(reports)
    })
  )

/** What an answer says of the credits is acted on before the answer itself. */
const watchingCredits = (client: HttpClient.HttpClient, keep: number, whenSpent: Effect.Effect<void>) => {
  const watch = ({ headers }: Pick<Answer, "headers">) => {
    const remaining = headers["x-api-credits-remaining"] ?? ""
    return /^\d+$/.test(remaining) && Number(remaining) <= keep ? whenSpent : Effect.void
  }
  const watching = HttpClient.transformResponse(
    client,
    Effect.tapBoth({
      onSuccess: watch,
      // one that filters by status makes a failure of an answer
      onFailure: (error) => (error._tag === "ResponseError" ? watch(error.response) : Effect.void)
    })
  )
  return handOn(client, watching, (exchange) => (request, limits) => Effect.tap(exchange(request, limits), watch))
}

const unasked = (): Heard => Either.right("unasked")

const isLimited = <A>(answered: Either.Either<A, DeleteAttachmentError>): answered is Either.Left<RateLimited, A> =>
  Either.isLeft(answered) && answered.left._tag === "RateLimited"

/** None where it was called off, or has died, before anything was sent. */
const answerOf = (
  ref: AttachmentRef,
  { departed, exit, refusal }: Attempted<AttachmentRef, DeleteAttachmentError>
): Option.Option<Answered> => {
  if (Exit.isSuccess(exit)) return Option.some(Either.right(exit.value))
  // of what has left and was not answered nothing is known
  const otherwise = departed ? new ConnectionLost({ ref, reason: "unknown" }) : refusal
  return Option.map(
    Option.orElse(Cause.failureOption(exit.cause), () => Option.fromNullable(otherwise)),
    Either.left
  )
}

/** What is no number is 1. */
const bounded = (concurrency: number): number => Math.min(mostAtOnce, Math.max(1, Math.floor(concurrency) || 1))

/** What can be told of a ref that nobody has checked. */
const plain = (input: AttachmentRef.Input): AttachmentRef => {
  const { attachmentId, module, recordId } = fieldsOf(input) ?? noFields
  return { module: shown(module), recordId: shown(recordId), attachmentId: shown(attachmentId) }
}

const noFields: Fields = {}
