/**
 * Doubts of one record are settled together. Its list is read while no DELETE of ours is under way on it, so that it holds
 * still, and one reading answers all that were waiting when it began.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import type { Heard } from "../proof/witness.ts"
import type { AttachmentRef, RecordRef } from "../../models/ids.ts"

export interface Doubts<R> {
  /** Runs a DELETE, which neither dies nor is interrupted; where the list of its record is being read, after that. */
  readonly deleting: <A, R2>(ref: AttachmentRef, act: Effect.Effect<A, never, R2>) => Effect.Effect<A, never, R | R2>
  /** What the list of its record says of it, by a reading that begins after this was asked. */
  readonly consult: (ref: AttachmentRef) => Effect.Effect<Heard, never, R>
}

/** A record where something is going on. */
interface Busy {
  readonly key: string
  readonly record: RecordRef
  deletions: number
  isGathering: boolean
  isRead: boolean
  asking: Array<{ readonly id: string; readonly answer: Deferred.Deferred<Heard> }>
  held: Array<Deferred.Deferred<void>>
}

/** Reads the list for these ids. */
type Read<R> = (record: RecordRef, ids: ReadonlySet<string>) => Effect.Effect<(id: string) => Heard, never, R>

export const makeDoubts = <R>(
  read: Read<R>,
  /** How long others may join before a reading. */
  gather: Effect.Effect<void>,
  fork: (work: Effect.Effect<void, never, R>) => Effect.Effect<void, never, R>
): Doubts<R> => {
  const busy = new Map<string, Busy>()

  const busyWith = ({ module, recordId }: RecordRef): Busy => {
    const key = `${module}/${recordId}`
    const known = busy.get(key)
    if (known !== undefined) return known
    const record = { module, recordId }
    const place: Busy = { key, record, deletions: 0, isGathering: false, isRead: false, asking: [], held: [] }
    busy.set(key, place)
    return place
  }

  /** Begins a reading where it is due; where there is nothing left to do, the record is forgotten. */
  const next = (place: Busy): Effect.Effect<void, never, R> =>
    Effect.suspend(() => {
      if (place.isRead || place.isGathering || place.deletions > 0) return Effect.void
      if (place.asking.length > 0) {
        place.isRead = true
        return fork(reading(place))
      }
      busy.delete(place.key)
      return Effect.void
    })

  const reading = (place: Busy): Effect.Effect<void, never, R> =>
    Effect.gen(function* () {
      const { asking } = place
      place.asking = []
      const settle = (says: (id: string) => Heard) =>
        Effect.gen(function* () {
          const { held } = place
          place.isRead = false
          place.held = []
          for (const { answer, id } of asking) yield* Deferred.succeed(answer, says(id))
          for (const one of held) yield* Deferred.succeed(one, undefined)
          yield* next(place)
        })
      yield* read(place.record, new Set(asking.map(({ id }) => id))).pipe(
        // a client that dies leaves nobody waiting
        Effect.onError(() => settle(() => Either.right("unasked"))),
        Effect.flatMap(settle)
      )
    })

  const deleting: Doubts<R>["deleting"] = (ref, act) =>
    Effect.suspend(() => {
      const place = busyWith(ref)
      // one that is due comes before newcomers, or the record would never be quiet
      if (place.isRead || (place.asking.length > 0 && !place.isGathering)) {
        const held = Deferred.unsafeMake<void>(FiberId.none)
        place.held.push(held)
        return Effect.zipRight(Deferred.await(held), deleting(ref, act))
      }
      place.deletions += 1
      return Effect.flatMap(act, (result) => {
        place.deletions -= 1
        return Effect.as(next(place), result)
      })
    })

  return {
    deleting,
    consult: (ref) =>
      Effect.gen(function* () {
        const answer = yield* Deferred.make<Heard>()
        const place = busyWith(ref)
        place.asking.push({ id: ref.attachmentId, answer })
        if (place.asking.length === 1) {
          place.isGathering = true
          yield* fork(
            Effect.zipRight(
              gather,
              Effect.suspend(() => {
                place.isGathering = false
                return next(place)
              })
            )
          )
        }
        return yield* Deferred.await(answer)
      })
  }
}
