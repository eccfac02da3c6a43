/** A collection: the same proof for each of many, with one pause, one early stop and one account for all. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { DeleteManyOptions } from "../../Attachments.ts"
import type { BiginAuth } from "../../BiginAuth.ts"
import type { DeleteReport } from "../../DeleteReport.ts"
import { type DeleteAttachmentError, NotAttempted } from "../../errors/operations.ts"
import { hasCategory } from "../../errors/traits.ts"
import { type AttachmentRef, parseAttachmentRef } from "../../Ids.ts"
import * as Retry from "../../Retry.ts"
import { type Answered, deletedAtOnce, type Ending, pursue } from "../ensure.ts"
import { shown } from "../shown.ts"
import { type Heard, witness } from "../witness.ts"
import { makeDoubts } from "./doubts.ts"
import { makeGate } from "./gate.ts"
import { adaptive, fixed } from "./limit.ts"
import { makeSource } from "./source.ts"

/** How many may wait for a list, beside those that are at work. */
const mostInDoubt = 975
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
  options: DeleteManyOptions<R2>
): Stream.Stream<DeleteReport, E, R | R2 | Environment> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const {
        concurrency = "adaptive",
        keepCredits = 0,
        schedule = Retry.schedule(),
        stopOn = hasCategory("auth")
      } = options
      const limit = concurrency === "adaptive" ? adaptive() : fixed(bounded(concurrency))
      const gate = makeGate(limit)
      const source = yield* makeSource(refs)
      const reports = yield* Mailbox.make<DeleteReport, E>(reportsAhead)
      const fibers = yield* FiberSet.make()
      const closing = yield* Deferred.make<void>()
      let stoppedBy: string | undefined
      let inDoubt = 0

      /** Takes nothing new; what is under way goes on to its end. */
      const stop = (why: string) =>
        Effect.suspend(() => {
          stoppedBy ??= why
          return source.close
        })

      /** Waits for nothing any more either: what was sent is answered, and that is the end of it. */
      const close = Effect.gen(function* () {
        yield* stop("Interruption")
        gate.shut()
        yield* Deferred.succeed(closing, undefined)
        yield* reports.shutdown
      })

      const unlessClosing = <A, R3>(effect: Effect.Effect<A, never, R3>, otherwise: A): Effect.Effect<A, never, R3> =>
        Effect.raceFirst(effect, Effect.as(Deferred.await(closing), otherwise))

      /** In a fiber that nobody interrupts; inside of it races end as usual, wherever it is begun. */
      const run = <R3>(effect: Effect.Effect<void, never, R3>): Effect.Effect<Fiber.RuntimeFiber<void>, never, R3> =>
        effect.pipe(
          Effect.catchAllCause((cause) => Effect.zipRight(reports.failCause(cause), close)),
          Effect.interruptible,
          FiberSet.run(fibers)
        )

      const report = (ref: AttachmentRef, began: number, end: End) =>
        Effect.gen(function* () {
          if ("error" in end && end.error._tag !== "NotAttempted") {
            const last = end.error._tag === "OutcomeUnknown" ? end.error.last : end.error
            if (stopOn(last)) yield* stop(last._tag)
          }
          const now = yield* Clock.currentTimeMillis
          const one: DeleteReport = { ref, duration: Duration.millis(now - began), ...end }
          if (options.onReport !== undefined) yield* options.onReport(one)
          yield* reports.offer(one)
        })

      const untouched = (ref: AttachmentRef): End => ({
        attempts: 0,
        error: new NotAttempted({ ref, stoppedBy: stoppedBy ?? "Interruption" })
      })

      const doubts = makeDoubts<Environment>(
        (record, ids) =>
          Effect.gen(function* () {
            const place = yield* gate.enter
            if (place === undefined) return unasked
            const says = yield* unlessClosing(witness(record, ids), unasked)
            place.leave(false, yield* Clock.currentTimeMillis)
            return says
          }),
        unlessClosing(Effect.sleep(gathering), undefined),
        (work) => Effect.asVoid(run(work))
      )

      /** One DELETE; none where the collection has ended before it was sent. */
      const send = (ref: AttachmentRef, isFirst: boolean): Effect.Effect<Option.Option<Answered>, never, Environment> =>
        doubts.deleting(
          ref,
          Effect.gen(function* () {
            const place = yield* gate.enter
            if (place === undefined) return Option.none()
            const isOver = isFirst && stoppedBy !== undefined
            const answered = isOver ? undefined : yield* Effect.either(attempt(ref))
            place.leave(answered !== undefined && isLimited(answered), yield* Clock.currentTimeMillis)
            return Option.fromNullable(answered)
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
          const wait = (error: DeleteAttachmentError) => unlessClosing(Effect.isSuccess(driver.next(error)), false)
          /** Everybody waits with whom was told to. */
          const waitClosed = (error: DeleteAttachmentError) => Effect.ensuring(wait(error), Effect.sync(gate.open))

          const pursuit = pursue<Environment>(ref, first, {
            // with this failure `send` has closed the gate
            again: (error) =>
              Effect.flatMap(error._tag === "RateLimited" ? waitClosed(error) : wait(error), (more) =>
                more ? send(ref, false) : Effect.succeedNone
              ),
            wait: (error) => {
              if (error._tag !== "RateLimited") return wait(error)
              return Effect.zipRight(Effect.sync(gate.close), waitClosed(error))
            },
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
          yield* Effect.raceFirst(Fiber.await(fiber), Deferred.await(parked))
        })

      const treat = (input: AttachmentRef.Input) =>
        Effect.gen(function* () {
          const began = yield* Clock.currentTimeMillis
          const parsed = parseAttachmentRef(input)
          if (Either.isLeft(parsed)) return yield* report(plain(input), began, { attempts: 0, error: parsed.left })
          const ref = parsed.right
          const first = yield* send(ref, true)
          if (Option.isNone(first)) return yield* report(ref, began, untouched(ref))
          if (Either.isRight(first.value)) return yield* report(ref, began, deletedAtOnce)
          return yield* follow(ref, began, first.value.left)
        })

      const worker = Effect.gen(function* () {
        for (;;) {
          const input = yield* source.next
          if (Option.isNone(input)) return
          yield* treat(input.value)
        }
      })

      const work = Effect.gen(function* () {
        for (let count = 0; count < limit.most; count++) yield* run(worker)
        yield* FiberSet.awaitEmpty(fibers)
        const now = yield* Clock.currentTimeMillis
        for (const input of source.rest()) yield* report(plain(input), now, untouched(plain(input)))
        yield* reports.done(source.exit())
      })

      const counted = HttpClient.tap(yield* HttpClient.HttpClient, ({ headers }) => {
        const remaining = headers["x-api-credits-remaining"]
        return /^\d+$/.test(remaining ?? "") && Number(remaining) <= keepCredits ? stop("ApiCredits") : Effect.void
      })
      yield* Effect.acquireRelease(
        Effect.forkDaemon(Effect.interruptible(Effect.provideService(work, HttpClient.HttpClient, counted))),
        (working) => Effect.zipRight(close, Fiber.await(working))
      )
      return Mailbox.toStream(reports)
    })
  )

const unasked = (): Heard => Either.right("unasked")

const isLimited = (answered: Answered): boolean => Either.isLeft(answered) && answered.left._tag === "RateLimited"

/** From 1 to 1,000; what is no number is 1. */
const bounded = (concurrency: number): number => Math.min(1000, Math.max(1, Math.floor(concurrency) || 1))

/** What can be told of a ref that nobody has checked. */
const plain = (input: AttachmentRef.Input): AttachmentRef => {
  const { attachmentId, module, recordId } = typeof input === "object" && input !== null ? input : noRef
  return { module: shown(module), recordId: shown(recordId), attachmentId: shown(attachmentId) }
}

const noRef: Partial<AttachmentRef.Input> = {}
