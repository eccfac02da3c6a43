/**
 * Doubts of one record are settled together. Its list is read while no DELETE of ours is under way on it, so that it holds
 * still, and one reading answers all that were waiting when it began. Meanwhile other records go on.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { Heard } from "../proof/witness.ts"
import type { AttachmentRef, RecordRef } from "../../models/ids.ts"

/** A record where something is going on. */
export interface Busy {
  readonly key: string
  readonly record: RecordRef
  /**
   * Open: DELETEs begin. Gathering: they do, and a doubt waits for others to join it. Due: none begins, and the list is read when
   * those under way have ended. Reading: none begins.
   */
  state: "Open" | "Gathering" | "Due" | "Reading"
  underWay: number
  doubts: Array<{ readonly id: string; readonly answer: Deferred.Deferred<Heard> }>
  waiting: Array<() => void>
}

export const makeRecords = <R>(
  read: (record: RecordRef, ids: ReadonlySet<string>) => Effect.Effect<(id: string) => Heard, never, R>,
  gather: Effect.Effect<unknown>,
  run: (work: () => Effect.Effect<void, never, R>) => void
) => {
  const busy = new Map<string, Busy>()

  const busyWith = ({ module, recordId }: RecordRef): Busy => {
    const key = `${module}/${recordId}`
    const known = busy.get(key)
    if (known !== undefined) return known
    const one: Busy = { key, record: { module, recordId }, state: "Open", underWay: 0, doubts: [], waiting: [] }
    busy.set(key, one)
    return one
  }

  /** Reads the list where it is due and the record is quiet; one where nothing is going on is forgotten. */
  const goOn = (one: Busy): void => {
    if (one.underWay > 0) return
    if (one.state === "Open") busy.delete(one.key)
    if (one.state !== "Due") return
    one.state = "Reading"
    run(() => reading(one))
  }

  const reading = (one: Busy): Effect.Effect<void, never, R> =>
    Effect.gen(function* () {
      const { doubts } = one
      one.doubts = []
      const says = yield* read(one.record, new Set(doubts.map(({ id }) => id)))
      for (const { answer, id } of doubts) yield* Deferred.succeed(answer, says(id))
      one.state = one.doubts.length > 0 ? "Due" : "Open"
      const { waiting } = one
      one.waiting = []
      for (const again of waiting) again()
      goOn(one)
    })

  return {
    /** Begins a DELETE on its record. Where none may, what `wait` gives is called when it is worth asking anew. */
    begin: (ref: AttachmentRef, wait: () => () => void): Busy | undefined => {
      const one = busyWith(ref)
      if (one.state === "Due" || one.state === "Reading") {
        one.waiting.push(wait())
        return undefined
      }
      one.underWay += 1
      return one
    },
    /** One that began there has ended. */
    end: (one: Busy): void => {
      one.underWay -= 1
      goOn(one)
    },
    /** What the list of its record says of it, by a reading that begins after this was asked. */
    consult: (ref: AttachmentRef) =>
      Effect.gen(function* () {
        const one = busyWith(ref)
        const answer = yield* Deferred.make<Heard>()
        one.doubts.push({ id: ref.attachmentId, answer })
        if (one.state === "Open") {
          one.state = "Gathering"
          const due = () => {
            one.state = "Due"
            goOn(one)
          }
          run(() => Effect.map(gather, due))
        }
        return yield* Deferred.await(answer)
      })
  }
}
