/** Pages of a record's attachments, read so strictly that a row which is missing was not there. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type Asked, type ReadError, readFailure } from "../../errors/classify.ts"
import type { ListAttachmentsError } from "../../errors/operations.ts"
import { own, parseJson } from "../answer/json.ts"
import { attachments, call, operating } from "../request/call.ts"
import type { Answer } from "../answer/item.ts"
import type { Attachment } from "../../models/attachment.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import type { RecordRef } from "../../models/ids.ts"
import { ApiVersion } from "../../models/settings.ts"

const listing = { method: "GET", ...attachments, most: 16_777_216 } as const

const perPage = 200
/** Bigin serves 2,000 rows by number; what is behind them it serves by token alone. */
const lastNumbered = 10
const mostPages = 500

/** Which page is next, and what the one before held. */
export interface Position {
  readonly page: number
  readonly token: string | undefined
  readonly before: ReadonlyArray<Attachment>
}

export const firstPage: Position = { page: 1, token: undefined, before: [] }

export interface Page {
  readonly rows: ReadonlyArray<Attachment>
  readonly next: Option.Option<Position>
}

/** All that an `Attachment` tells. */
export const everyField = "id,Parent_Id,File_Name,Size,$link_url"

export const fetchPage = (
  ref: RecordRef,
  position: Position,
  fields: string
): Effect.Effect<Page, ListAttachmentsError, HttpClient.HttpClient | BiginAuth> =>
  Effect.flatMap(ApiVersion, (version) =>
    call(listing, ref, readPage(position), {
      // v2 gives no more than what is asked for
      query: `?${where(position)}&per_page=${perPage}${version === "v2" ? `&fields=${encodeURIComponent(fields)}` : ""}`
    })
  ).pipe(operating(listing))

const where = ({ page, token }: Position): string =>
  page > lastNumbered && token !== undefined ? `page_token=${encodeURIComponent(token)}` : `page=${page}`

const readPage =
  (position: Position) =>
  (answer: Answer, asked: Asked<RecordRef>): Either.Either<Page, ReadError> =>
    Either.fromOption(pageOf(answer, asked.ref, position), () => readFailure(answer, asked))

/** A 204 without a body where nothing was to follow, or a 200 that says of itself whether it is the last. */
const pageOf = (answer: Answer, ref: RecordRef, position: Position): Option.Option<Page> => {
  if (answer.status === 204 && answer.body === "" && position.page === 1) {
    return Option.some({ rows: [], next: Option.none() })
  }
  const top = parseJson(answer.body)
  const more = own(own(top, "info"), "more_records")
  const data = own(top, "data")
  if (answer.status !== 200 || typeof more !== "boolean" || !Array.isArray(data)) return Option.none()

  return Option.flatMap(Option.all(data.map((row: unknown) => attachmentOf(row, ref))), (rows) => {
    if (position.before.length > 0 && isSamePage(rows, position.before)) return Option.none()
    if (!more) return Option.some({ rows, next: Option.none() })
    const token = own(own(top, "info"), "next_page_token")
    const next = { page: position.page + 1, token: typeof token === "string" ? token : undefined, before: rows }
    const leadsOn = rows.length > 0 && next.page <= mostPages && (next.page <= lastNumbered || next.token !== undefined)
    return leadsOn ? Option.some({ rows, next: Option.some(next) }) : Option.none()
  })
}

/** None for a row of another record, or one without an id that is a string. */
const attachmentOf = (row: unknown, ref: RecordRef): Option.Option<Attachment> => {
  const id = own(row, "id")
  const parent = own(row, "Parent_Id")
  const parentId = typeof parent === "object" ? own(parent, "id") : parent
  if (typeof id !== "string" || (parentId !== undefined && parentId !== ref.recordId)) return Option.none()

  const fileName = own(row, "File_Name")
  const told = own(row, "Size")
  const size = typeof told === "number" || (typeof told === "string" && /^\d+$/.test(told)) ? Number(told) : Number.NaN
  const linkUrl = own(row, "$link_url")
  return Option.some({
    id,
    ...(typeof fileName === "string" ? { fileName } : {}),
    ...(Number.isSafeInteger(size) ? { size } : {}),
    ...(typeof linkUrl === "string" ? { linkUrl } : {})
  })
}

const isSamePage = (one: ReadonlyArray<Attachment>, other: ReadonlyArray<Attachment>): boolean =>
  one.length === other.length && one.every(({ id }, index) => id === other[index]?.id)
