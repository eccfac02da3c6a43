/** A deletion until it is proven. */
import { Effect } from "effect"
import { Attachments } from "effect-bigin"
import { accounted } from "../journal.ts"
import type { Journal } from "../journal.ts"
import { type Order, policies, type Program, untilProven } from "./program.ts"

/** One item of an order. */
export const ensure = ({ operation, policy, refs, times }: Order, item: number, journal: Journal) => {
  const ref = refs[item]
  return ref === undefined
    ? Effect.void
    : Attachments.ensureDeleted(ref, { schedule: policies[policy].schedule(times) }).pipe(
        accounted(journal, { operation, item, attachment: ref.attachmentId }, ({ attempts, outcome, proof }) => ({
          said: "gone",
          how: `${outcome} ${proof}`,
          attempts
        })),
        Effect.ignore
      )
}

export const ensureDeleted: Program = { terms: untilProven, run: (order, journal) => ensure(order, 0, journal) }
