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
import { makeLifetime } from "./lifetime.ts"
import { adaptive, fixed } from "./limit.ts"
import { makePace, type Place } from "./pace.ts"
import { makeRecords } from "./records.ts"
import { type Answered, deletedAtOnce, type Policy, pursue } from "../proof/ensure.ts"
import { type Heard, witness } from "../proof/witness.ts"
import type { DeleteManyOptions, DeleteReport } from "../../models/collection.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import { type AttachmentRef, parseAttachmentRef, type RecordRef } from "../../models/ids.ts"

/** How many may wait for a list, beside those that are at work. */
const mostInDoubt = 900
const mostAtOnce = 100
/** How long doubts of one record gather before its list is read. */
const gathering = "1 second"

type Environment = HttpClient.HttpClient | BiginAuth

/** One that is to be deleted, and whether more requests have left for it than were answered. */
type Pursued = { readonly ref: AttachmentRef; isOpen: boolean }

export const deleteMany = <Item extends AttachmentRef.Input, E, R, R2>(
  items: Stream.Stream<Item, E, R>,
  attempt: (ref: AttachmentRef) => Effect.Effect<AttachmentRef, DeleteAttachmentError, Environment>,
  options: DeleteManyOptions<Item, R2> & { readonly schedule: Policy }
): Stream.Stream<DeleteReport<Item>, E | CollectionStopped, R | R2 | Environment> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { concurrency = "adaptive", schedule } = options
      const limit = concurrency === "adaptive" ? adaptive() : fixed(bounded(concurrency))
      const inbox = yield* makeInbox(items)
      const lifetime = yield* makeLifetime<Environment>(inbox.shut, (answer) => accounts.remain(answer))
      const takePlace = yield* makePace(limit)
      const accounts = yield* makeAccounts<Item, E, R2>(options, lifetime)
      let inDoubt = 0

      /** Reads the list of a record, in its turn among the calls. What it cannot be read for may be what ends the collection. */
      const read = (record: RecordRef, ids: ReadonlySet<string>) =>
        Effect.gen(function* () {
          const place = yield* lifetime.taking(takePlace, false)
          if (place === undefined) return unasked
          const says = Option.getOrElse(yield* lifetime.wait(witness(record, ids)), () => unasked)
          const failure = Array.from(ids, says).find(Either.isLeft)?.left
          place(failure)
          if (failure !== undefined && !isTransient(failure)) accounts.stopIfAsked(failure)
          return says
        })

      const records = makeRecords<Environment>(read, lifetime.wait(Effect.sleep(gathering)), lifetime.run)

      /** One DELETE on a record where it may begin, in its turn among the calls; none where it is over before it was sent. */
      const send = (one: Pursued, isFirst: boolean): Effect.Effect<Option.Option<Answered>, never, Environment> => {
        const sendAt = (place: Place | undefined) => {
          if (place === undefined) {
            records.end(one.ref)
            return Effect.succeedNone
          }
          return Effect.map(lifetime.attempt(one.ref, attempt(one.ref), isFirst), ({ answered, isOpen }) => {
            one.isOpen ||= isOpen
            place(Option.getOrUndefined(Option.flatMap(answered, Either.getLeft)))
            records.end(one.ref)
            return answered
          })
        }
        const place = takePlace()
        return place ? sendAt(place) : Effect.flatMap(lifetime.taking(takePlace, isFirst), sendAt)
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
          const begin = (again: () => void) => records.begin(one.ref, again) || undefined
          const end = yield* pursue<Environment>(one.ref, first, {
            wait,
            again: (error) =>
              Effect.gen(function* () {
                if (!(yield* wait(error))) return Option.none()
                const mayBegin = yield* lifetime.taking(begin, false, replace)
                return mayBegin ? yield* send(one, false) : Option.none()
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

      /** An item to its report, or aside while the list of its record is read. True where another worker has replaced this one. */
      const treat = (taken: Taken<Item>): Effect.Effect<boolean, never, Environment> => {
        const report = (end: End, isReplaced = false) => Effect.as(accounts.report(taken, end), isReplaced)
        const parsed = parseAttachmentRef(taken.item)
        if (Either.isLeft(parsed)) return report({ attempts: 0, error: parsed.left })
        const ref = parsed.right
        if (lifetime.isOver(true)) return report(untouched(ref))
        let back = () => {}
        if (!records.begin(ref, () => back())) {
          back = inbox.putAside(taken)
          return Effect.succeed(false)
        }
        const one = { ref, isOpen: false }
        return Effect.flatMap(send(one, true), (first) => {
          if (Option.isNone(first)) return report(untouched(ref))
          if (Either.isRight(first.value)) return report({ ...deletedAtOnce, ref })
          return Effect.flatMap(follow(one, first.value.left), ({ end, isReplaced }) =>
            report({ ...end, ref }, isReplaced)
          )
        })
      }

      const worker: Effect.Effect<void, never, Environment> = Effect.flatMap(inbox.take, (taken) =>
        Option.isNone(taken)
          ? Effect.void
          : Effect.flatMap(lifetime.guarded(treat(taken.value)), (isOver) => (isOver === true ? Effect.void : worker))
      )

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

/** What is no number is 1. */
const bounded = (concurrency: number): number => Math.min(mostAtOnce, Math.max(1, Math.floor(concurrency) || 1))
