/** A collection: the same proof for each of many, with one pause, one early stop and one account for all. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { type CollectionStopped, type DeleteAttachmentError, NotAttempted } from "../../errors/operations.ts"
import { isTransient } from "../../errors/traits.ts"
import { ConnectionLost, type RateLimited } from "../../errors/undocumented.ts"
import { type End, makeAccounts } from "./accounts.ts"
import { makeInbox } from "./inbox.ts"
import { type Attempted, makeLifetime } from "./lifetime.ts"
import { adaptive, fixed } from "./limit.ts"
import { makePace } from "./pace.ts"
import { makeRecords } from "./records.ts"
import { type Answered, deletedAtOnce, type Policy, pursue } from "../proof/ensure.ts"
import { type Heard, witness } from "../proof/witness.ts"
import type { Answer } from "../answer/item.ts"
import { CurrentDeparture, watched } from "../request/departure.ts"
import { handOn } from "../request/exchange.ts"
import type { DeleteManyOptions, DeleteReport } from "../../models/collection.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import { type AttachmentRef, parseAttachmentRef, type RecordRef } from "../../models/ids.ts"

/** How many may wait for a list, beside those that are at work. */
const mostInDoubt = 900
const mostAtOnce = 100
/** How long doubts of one record gather before its list is read. */
const gathering = "1 second"

type Environment = HttpClient.HttpClient | BiginAuth

export const deleteMany = <Item extends AttachmentRef.Input, E, R, R2>(
  items: Stream.Stream<Item, E, R>,
  attempt: (ref: AttachmentRef) => Effect.Effect<AttachmentRef, DeleteAttachmentError, Environment>,
  options: DeleteManyOptions<Item, R2> & { readonly schedule: Policy }
): Stream.Stream<DeleteReport<Item>, E | CollectionStopped, R | R2 | Environment> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { concurrency = "adaptive", schedule } = options
      const limit = concurrency === "adaptive" ? adaptive() : fixed(bounded(concurrency))
      const takePlace = yield* makePace(limit)
      const inbox = yield* makeInbox(items)
      const lifetime = yield* makeLifetime(inbox.shut)
      const accounts = yield* makeAccounts<Item, E, R2>(options, lifetime)
      const clock = yield* Effect.clock
      let inDoubt = 0

      /** Reads the list of a record, in its turn among the calls. What it cannot be read for may be what ends the collection. */
      const read = (record: RecordRef, ids: ReadonlySet<string>) =>
        Effect.gen(function* () {
          const place = yield* lifetime.taking(takePlace, false)
          if (place === undefined) return unasked
          const says = Option.getOrElse(yield* lifetime.wait(witness(record, ids)), () => unasked)
          const failure = Array.from(ids, says).find(Either.isLeft)?.left
          if (failure?._tag === "RateLimited") yield* place.refused(failure)
          else place.end()
          if (failure !== undefined && !isTransient(failure)) accounts.stopIfAsked(failure)
          return says
        })

      const records = makeRecords<Environment>({
        read,
        gather: lifetime.wait(Effect.sleep(gathering)),
        run: lifetime.run
      })

      /** One DELETE on a record where it may begin, in its turn among the calls; none where it is over before it was sent. */
      const send = (ref: AttachmentRef, isFirst: boolean) =>
        Effect.gen(function* () {
          const place = yield* lifetime.taking(takePlace, isFirst)
          if (place === undefined) return Option.none()
          const attempted = yield* lifetime.attempt(attempt(ref), isFirst)
          const defects = Option.flatMap(Exit.causeOption(attempted.exit), Cause.keepDefects)
          if (Option.isSome(defects)) lifetime.broke(defects.value)
          const answered = answerOf(ref, attempted)
          if (Option.isSome(answered) && isLimited(answered.value)) yield* place.refused(answered.value.left)
          else place.end()
          return answered
        }).pipe(Effect.tap(() => records.end(ref)))

      /** After a first failure, to an end that is known. What waits for a list has another worker take its place. */
      const follow = (ref: AttachmentRef, first: DeleteAttachmentError) =>
        Effect.gen(function* () {
          const driver = yield* Schedule.driver(schedule)
          let isReplaced = false
          const replace = Effect.suspend(() => {
            if (isReplaced || inDoubt >= mostInDoubt) return Effect.void
            isReplaced = true
            inDoubt += 1
            return lifetime.run(worker)
          })
          const wait = (error: DeleteAttachmentError) =>
            Effect.map(lifetime.wait(Effect.isSuccess(driver.next(error))), Option.contains(true))
          const end = yield* pursue<Environment>(ref, first, {
            wait,
            again: (error) =>
              Effect.gen(function* () {
                if (!(yield* wait(error))) return Option.none()
                const mayBegin = yield* lifetime.taking((again) => records.begin(ref, again) || undefined, false)
                return mayBegin ? yield* send(ref, false) : Option.none()
              }),
            consult: Effect.zipRight(
              replace as Effect.Effect<void>,
              Effect.map(
                lifetime.wait(records.consult(ref)),
                Option.getOrElse((): Heard => unasked())
              )
            )
          })
          if (isReplaced) inDoubt -= 1
          return { end, isReplaced }
        })

      /** An item to its report, or aside while the list of its record is read. True where another worker has replaced this one. */
      const treat = (item: Item) =>
        Effect.gen(function* () {
          const began = clock.unsafeCurrentTimeNanos()
          const parsed = parseAttachmentRef(item)
          if (Either.isLeft(parsed)) {
            yield* accounts.report(item, began, { attempts: 0, error: parsed.left })
            return false
          }
          const ref = parsed.right
          if (lifetime.isOver(true)) {
            yield* accounts.report(item, began, untouched(ref))
            return false
          }
          let back = () => {}
          if (!records.begin(ref, () => back())) {
            back = inbox.putAside(item)
            return false
          }
          const first = yield* send(ref, true)
          if (Option.isNone(first)) {
            yield* accounts.report(item, began, untouched(ref))
            return false
          }
          if (Either.isRight(first.value)) {
            yield* accounts.report(item, began, { ...deletedAtOnce, ref })
            return false
          }
          const { end, isReplaced } = yield* follow(ref, first.value.left)
          yield* accounts.report(item, began, { ...end, ref })
          return isReplaced
        })

      const untouched = (ref: AttachmentRef): End => ({
        attempts: 0,
        ref,
        error: new NotAttempted({ ref, stoppedBy: lifetime.stopped()?.stoppedBy ?? "Interruption" })
      })

      const worker: Effect.Effect<void, never, Environment> = Effect.suspend(() =>
        Effect.gen(function* () {
          for (;;) {
            const item = yield* inbox.take
            if (Option.isNone(item) || (yield* treat(item.value))) return
          }
          // which attempt it is at is told for each anew
        }).pipe(Effect.provideService(CurrentDeparture, { of: undefined }))
      )

      const work = Effect.gen(function* () {
        for (let count = 0; count < limit.most; count++) yield* lifetime.run(worker)
        yield* lifetime.over
        // what a pull brought that ended after all else
        for (const item of yield* inbox.rest) yield* lifetime.run(Effect.asVoid(treat(item)))
        yield* lifetime.over
        yield* accounts.end(inbox.exit())
      })

      const client = watchingCredits(watched(yield* HttpClient.HttpClient), accounts.remain)
      yield* Effect.acquireRelease(
        Effect.forkDaemon(Effect.provideService(Effect.uninterruptible(work), HttpClient.HttpClient, client)),
        (working) =>
          Effect.suspend(() => {
            lifetime.close({ stoppedBy: "Interruption" })
            return Effect.zipRight(accounts.shutdown, Fiber.await(working))
          })
      )
      return accounts.stream
    })
  )

/** Looks at what each answer says of the credits. */
const watchingCredits = (client: HttpClient.HttpClient, remain: (credits: number) => void) => {
  const watch = ({ headers }: Pick<Answer, "headers">) =>
    Effect.sync(() => {
      const remaining = headers["x-api-credits-remaining"] ?? ""
      if (/^\d{1,15}$/.test(remaining)) remain(Number(remaining))
    })
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
  { exit, hasLeft, refusal }: Attempted<AttachmentRef, DeleteAttachmentError>
): Option.Option<Answered> => {
  if (Exit.isSuccess(exit)) return Option.some(Either.right(exit.value))
  // of what has left and was not answered nothing is known
  const otherwise = hasLeft ? new ConnectionLost({ ref, reason: "unknown" }) : refusal
  return Option.map(
    Option.orElse(Cause.failureOption(exit.cause), () => Option.fromNullable(otherwise)),
    Either.left
  )
}

/** What is no number is 1. */
const bounded = (concurrency: number): number => Math.min(mostAtOnce, Math.max(1, Math.floor(concurrency) || 1))
