/** Several attachments, each until it is proven, and all at the same time. */
import { together } from "../together.ts"
import { ensure } from "./ensureDeleted.ts"
import { type Program, untilProven } from "./program.ts"

export const ensureEach: Program = {
  terms: untilProven,
  run: (order, journal) =>
    together(
      order.refs.map((_, item) => ensure(order, item, journal)),
      order.refs.length
    )
}
