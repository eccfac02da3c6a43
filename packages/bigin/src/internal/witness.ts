/** What a record's list says of one attachment. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Attachment, ListAttachmentsError } from "../Attachments.ts"
import type { BiginAuth } from "../BiginAuth.ts"
import type { AttachmentRef } from "../Ids.ts"
import { fetchPage, firstPage, isSamePage, type Position } from "./list.ts"

/** "empty": the record has no attachments at all. "unstable": the list did not hold still, so it proves nothing. */
export type Testimony = "present" | "absent" | "empty" | "unstable"

const mostReadings = 4

/**
 * One page is a snapshot. Several are not: while others delete, a row slips from a page that is still to be read to one that
 * has been read. So absence from several takes two readings in a row that are the same; presence on any page is final.
 */
export const witness = (
  ref: AttachmentRef
): Effect.Effect<Testimony, ListAttachmentsError, HttpClient.HttpClient | BiginAuth> =>
  Effect.gen(function* () {
    let before: ReadonlyArray<Attachment> | undefined
    for (let reading = 1; reading <= mostReadings; reading++) {
      const { pages, present, rows } = yield* readAll(ref)
      if (present) return "present"
      if (pages === 1) return rows.length === 0 ? "empty" : "absent"
      if (before !== undefined && isSamePage(rows, before)) return "absent"
      before = rows
    }
    return "unstable"
  })

/** One reading, which ends where the attachment is found. */
const readAll = (ref: AttachmentRef) =>
  Effect.gen(function* () {
    const { attachmentId, ...record } = ref
    const rows: Array<Attachment> = []
    let position: Position | undefined = firstPage
    let pages = 0
    while (position !== undefined) {
      const page: Effect.Effect.Success<ReturnType<typeof fetchPage>> = yield* fetchPage(record, position)
      pages += 1
      if (page.rows.some(({ id }) => id === attachmentId)) return { present: true, pages, rows }
      rows.push(...page.rows)
      position = Option.getOrUndefined(page.next)
    }
    return { present: false, pages, rows }
  })
