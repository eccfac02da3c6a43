/** What a record's list says of its attachments. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { ListAttachmentsError } from "../../errors/operations.ts"
import { fetchPage, firstPage, type Page, type Position } from "../files/list.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import type { RecordRef } from "../../models/ids.ts"

/**
 * "empty": the record has no attachments at all. "unstable": the list did not hold still, so it proves nothing. "unasked": it
 * was not read.
 */
export type Testimony = "present" | "absent" | "empty" | "unstable" | "unasked"

/** What the list says of one attachment, or why it could not be read. */
export type Heard = Either.Either<Testimony, ListAttachmentsError>

const mostReadings = 4
/** To be there or not takes no more. */
const fields = "id,Parent_Id"

/**
 * Reads the list until it tells of all these ids. One page is a snapshot. Several are not: while others delete, a row slips
 * from a page that is still to be read to one that has been read. So absence from several takes two readings in a row that
 * are the same; presence on any page is final.
 */
export const witness = (
  record: RecordRef,
  ids: ReadonlySet<string>
): Effect.Effect<(id: string) => Heard, never, HttpClient.HttpClient | BiginAuth> =>
  Effect.gen(function* () {
    const present = new Set<string>()
    const tells =
      (others: Heard) =>
      (id: string): Heard =>
        present.has(id) ? Either.right("present") : others

    let before: ReadonlyArray<string> | undefined
    for (let reading = 1; reading <= mostReadings; reading++) {
      const rows: Array<string> = []
      let pages = 0
      for (let position: Position | undefined = firstPage; position !== undefined; pages++) {
        const page: Either.Either<Page, ListAttachmentsError> = yield* Effect.either(
          fetchPage(record, position, fields)
        )
        if (Either.isLeft(page)) return tells(Either.left(page.left))
        for (const { id } of page.right.rows) {
          rows.push(id)
          if (ids.has(id)) present.add(id)
        }
        if (present.size === ids.size) return tells(Either.right("present"))
        position = Option.getOrUndefined(page.right.next)
      }
      if (pages === 1) return tells(Either.right(rows.length === 0 ? "empty" : "absent"))
      if (before !== undefined && isSame(rows, before)) return tells(Either.right("absent"))
      before = rows
    }
    return tells(Either.right("unstable"))
  })

const isSame = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): boolean =>
  one.length === other.length && one.every((id, index) => id === other[index])
