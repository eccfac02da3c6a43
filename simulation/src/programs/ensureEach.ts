/** Several attachments of one record, each until it is proven, and all at the same time. */
import { together } from "../together.ts"
import { ensureDeleted } from "./ensureDeleted.ts"
import type { Program } from "./program.ts"

export const ensureEach: Program = {
  ...ensureDeleted,
  run: (order, journal) => {
    // each attachment once: of one that comes twice each call would be allowed its own DELETEs
    const refs = [...new Map(order.refs.map((ref) => [ref.attachmentId, ref])).values()]
    return together(
      refs.map((ref) => ensureDeleted.run({ ...order, refs: [ref] }, journal)),
      refs.length
    )
  }
}
