/** A collection: the same proof for each of many, with one pause, one early stop and one account for all. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { type CollectionStopped, type DeleteAttachmentError, NotAttempted } from "../../errors/operations.ts"
import { isTransient } from "../../errors/traits.ts"
import { type End, makeAccounts } from "./accounts.ts"
import { makeInbox, type Taken } from "./inbox.ts"
import { type Hand, makeLifetime } from "./lifetime.ts"
import { adaptive, fixed } from "./limit.ts"
import { makePace, type Place } from "./pace.ts"
import { type Busy, makeRecords } from "./records.ts"
import { type Told, unsent } from "../request/departure.ts"
import { type Answered, deletedAtOnce, type Policy, pursue } from "../proof/ensure.ts"
import { type Heard, witness } from "../proof/witness.ts"
import type { DeleteManyOptions, DeleteReport } from "../../models/collection.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import { type AttachmentRef, parseAttachmentRef, type RecordRef } from "../../models/ids.ts"

/** How many may wait for a list, beside those that are at work. */
const mostInDoubt = 900

type Environment = HttpClient.HttpClient | BiginAuth
type Attempt = (ref: AttachmentRef) => Effect.Effect<AttachmentRef, DeleteAttachmentError, Environment>

/** One that is to be deleted, by whom, its record, and whether more requests have left for it than were answered. */
type Pursued = { readonly hand: Hand; readonly ref: AttachmentRef; busy: Busy; isOpen: boolean }

export const deleteMany = <Item extends AttachmentRef.Input, E, R, R2>(
  items: Stream.Stream<Item, E, R>,
  attempts: Effect.Effect<Attempt, never, Environment>,
  options: DeleteManyOptions<Item, R2> & { readonly schedule: Policy }
): Stream.Stream<DeleteReport<Item>, E | CollectionStopped, R | R2 | Environment> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { concurrency = "adaptive", schedule } = options
      const limit = concurrency === "adaptive" ? adaptive() : fixed(bounded(concurrency))
      const attempt = yield* attempts
      const inbox = yield* makeInbox(items)
      const lifetime = yield* makeLifetime<Environment>(inbox.shut, (headers) => accounts.remain(headers))
      const { isClosed, isStopped } = lifetime
      const takePlace = yield* makePace(limit)
      const accounts = yield* makeAccounts<Item, E, R2>(options, lifetime)
      let inDoubt = 0

      /** Reads the list of a record, in its turn among the calls. What it cannot be read for may be what ends the collection. */
      const read = (record: RecordRef, ids: ReadonlySet<string>) =>
        Effect.gen(function* () {
          const place = yield* lifetime.taking(takePlace, isClosed)
          if (place === undefined) return unasked
          const says = Option.getOrElse(yield* lifetime.wait(witness(record, ids)), () => unasked)
          const failure = Array.from(ids, says).find(Either.isLeft)?.left
          place(failure)
          if (failure !== undefined && !isTransient(failure)) accounts.stopIfAsked(failure)
          return says
        })

      // doubts of one record gather for a second before its list is read
      const records = makeRecords<Environment>(read, lifetime.wait(Effect.sleep("1 second")), lifetime.run)

      /** One DELETE, in its turn among the calls; then what follows. None where it is over before it was sent. */
      const send = <A>(
        one: Pursued,
        isOver: () => boolean,
        then: (answered: Option.Option<Answered>) => Effect.Effect<A, never, Environment>
      ): Effect.Effect<A, never, Environment> => {
        const sendAt = (place: Place | undefined) => {
          const end = ({ answered, isOpen }: Told) => {
            one.isOpen ||= isOpen
            place?.(Option.getOrUndefined(Option.flatMap(answered, Either.getLeft)))
            records.end(one.busy)
            return then(answered)
          }
          return place ? lifetime.attempt(one.hand, one.ref, attempt(one.ref), isOver, end) : end(unsent)
        }
        const place = takePlace()
        return place ? sendAt(place) : Effect.flatMap(lifetime.taking(takePlace, isOver), sendAt)
      }

      /** After a first failure, to an end that is known. What waits for a list has another worker take its place. */
      const follow = (one: Pursued, first: DeleteAttachmentError) =>
        Effect.gen(function* () {
          const driver = yield* Schedule.driver(schedule)
          let isReplaced = false
          const replace = Effect.sync(() => {
            if (isReplaced || inDoubt >= mostInDoubt) return
            isReplaced = true
            inDoubt += 1
            lifetime.run(worker)
          })
          const wait = (error: DeleteAttachmentError) =>
            Effect.map(lifetime.wait(Effect.isSuccess(driver.next(error))), Option.contains(true))
          const end = yield* pursue<Environment>(one.ref, first, {
            wait,
            again: (error) =>
              Effect.gen(function* () {
                if (!(yield* wait(error))) return Option.none()
                const busy = yield* lifetime.taking((again) => records.begin(one.ref, () => again), isClosed, replace)
                if (busy === undefined) return Option.none()
                one.busy = busy
                return yield* send(one, isClosed, Effect.succeed)
              }),
            consult: Effect.map(
              Effect.zipRight(replace, lifetime.wait(records.consult(one.ref))),
              Option.getOrElse((): Heard => unasked())
            ),
            isOpen: () => one.isOpen
          })
          if (isReplaced) inDoubt -= 1
          return { end, isReplaced }
        })

      const untouched = (ref: AttachmentRef): End => ({
        attempts: 0,
        ref,
        error: new NotAttempted({ ref, stoppedBy: lifetime.stopped()?.stoppedBy ?? "Interruption" })
      })

      /** An item to its report, or aside while the list of its record is read. True where its worker has nothing more to do. */
      const treat = (hand: Hand, taken: Taken<Item>): Effect.Effect<boolean | void, never, Environment> => {
        const parsed = parseAttachmentRef(taken.item)
        if (Either.isLeft(parsed)) return accounts.report(taken, { attempts: 0, error: parsed.left })
        const ref = parsed.right
        if (isStopped()) return accounts.report(taken, untouched(ref))
        const busy = records.begin(ref, () => inbox.putAside(taken))
        if (busy === undefined) return Effect.void
        const one = { hand, ref, busy, isOpen: false }
        return send(one, isStopped, (first) => {
          if (Option.isNone(first)) return accounts.report(taken, untouched(ref))
          if (Either.isRight(first.value)) return accounts.report(taken, { ref, ...deletedAtOnce })
          return Effect.flatMap(follow(one, first.value.left), ({ end, isReplaced }) =>
            Effect.as(accounts.report(taken, { ref, ...end }), isReplaced)
          )
        })
      }

      /** One item after another: a loop costs less than effects that call each other. */
      const worker = (hand: Hand): Effect.Effect<void, never, Environment> => {
        let isOver = false
        const treatIt = (taken: Taken<Item> | undefined) => (taken ? treat(hand, taken) : Effect.succeed(true))
        const all = Effect.whileLoop({
          while: () => !isOver,
          body: () => inbox.take(treatIt),
          step: (isLast) => (isOver = isLast === true)
        })
        return Effect.flatMap(lifetime.guarded(all), () => (isOver ? Effect.void : worker(hand)))
      }

      const workers = Effect.gen(function* () {
        for (let count = 0; count < limit.most; count++) lifetime.run(worker)
        yield* lifetime.over
      })
      const work = Effect.gen(function* () {
        yield* workers
        yield* inbox.end
        // what a pull brought that ended after all else
        yield* workers
        yield* accounts.end(inbox.exit())
      })

      yield* Effect.acquireRelease(Effect.forkDaemon(Effect.uninterruptible(work)), (working) =>
        Effect.suspend(() => {
          lifetime.close({ stoppedBy: "Interruption" })
          return Effect.zipRight(accounts.shutdown, Fiber.await(working))
        })
      )
      return accounts.stream
    })
  )

const unasked = (): Heard => Either.right("unasked")

/** From 1 to 100; what is no number is 1. */
const bounded = (concurrency: number): number => Math.min(100, Math.max(1, Math.floor(concurrency) || 1))
