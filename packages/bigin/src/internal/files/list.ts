/** Pages of a record's attachments, read so strictly that a row which is missing was not there. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { type Asked, type ReadError, readFailure } from "../../errors/classify.ts"
import type { ListAttachmentsError } from "../../errors/operations.ts"
import { isTransient } from "../../errors/traits.ts"
import { MalformedResponse } from "../../errors/undocumented.ts"
import { own, parseJson } from "../answer/json.ts"
import { attachments, call, operating } from "../request/call.ts"
import type { Answer } from "../answer/item.ts"
import type { Attachment } from "../../models/attachment.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import type { RecordRef } from "../../models/ids.ts"
import { isId, isSize, isWellFormed } from "../../models/input.ts"
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
export const everyField = "id,Parent_Id,File_Name,Size,$link_url,Created_Time,Modified_Time,Owner"

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

/** When a page that failed for now is asked for again, and how often. */
export type Policy = Schedule.Schedule<unknown, ListAttachmentsError>

type Rows = ReadonlyArray<Attachment>

/** The pages of a list, each when it is needed. One that failed for now is asked for again, those before it are not. */
export const pagesOf = (
  ref: RecordRef,
  policy: Policy | undefined
): Stream.Stream<Rows, ListAttachmentsError, HttpClient.HttpClient | BiginAuth> =>
  Stream.paginateEffect(firstPage, (position) => {
    const page = fetchPage(ref, position, everyField)
    const patient = policy === undefined ? page : Effect.retry(page, { schedule: policy, while: isTransient })
    return Effect.map(patient, ({ next, rows }) => [rows, next] as const)
  })

const mostReadings = 4

/**
 * All rows of a list. One page is a snapshot. Several are not: while others delete, a row slips from a page that is still to be
 * read to one that has been read. So they are read until two readings in a row are the same.
 */
export const readWhole = (
  ref: RecordRef,
  policy: Policy | undefined
): Effect.Effect<Rows, ListAttachmentsError, HttpClient.HttpClient | BiginAuth> =>
  Effect.gen(function* () {
    let before: Rows | undefined
    for (let reading = 1; reading <= mostReadings; reading++) {
      const pages = Chunk.toReadonlyArray(yield* Stream.runCollect(pagesOf(ref, policy)))
      const rows = pages.flat()
      if (pages.length === 1 || (before !== undefined && isSame(rows, before))) return rows
      before = rows
    }
    return yield* new MalformedResponse({ ref, status: 200, details: null, problem: unstable })
  })

const unstable = `of ${mostReadings} readings of the list no two in a row were the same: others change it`

const where = ({ page, token }: Position): string =>
  page > lastNumbered && token !== undefined ? `page_token=${encodeURIComponent(token)}` : `page=${page}`

const readPage =
  (position: Position) =>
  (answer: Answer, asked: Asked<RecordRef>): Either.Either<Page, ReadError> =>
    Either.mapLeft(pageOf(answer, asked.ref, position), (problem) => readFailure(answer, asked, problem))

/** A page, or the rule that an answer broke. Who doubts whether a row is there believes what keeps all of them. */
export const pageOf = (answer: Answer, ref: RecordRef, position: Position): Either.Either<Page, string> => {
  if (answer.problem !== undefined) return Either.left(answer.problem)
  if (answer.status === 204 && answer.body === "") {
    return position.page === 1
      ? Either.right({ rows: [], next: Option.none() })
      : Either.left("nothing came where the page before said that more follow: the list changed meanwhile")
  }
  if (answer.status !== 200) return Either.left("rows count only from a 200")
  const top = parseJson(answer.body)
  if (top === undefined) return Either.left("it is no JSON object, or not all of one")
  const data = own(top, "data")
  if (!Array.isArray(data)) return Either.left("it has no array of rows in data")
  const more = own(own(top, "info"), "more_records")
  if (typeof more !== "boolean") return Either.left("info.more_records does not say whether more rows follow")

  return Either.flatMap(Either.all(data.map((row: unknown) => attachmentOf(row, ref))), (rows) => {
    if (position.before.length > 0 && isSame(rows, position.before)) {
      return Either.left("it is the page before once more")
    }
    return more
      ? Either.map(follow(rows, tokenOf(top), position), (next) => ({ rows, next: Option.some(next) }))
      : Either.right({ rows, next: Option.none() })
  })
}

/** What is behind a page that says that more follow. */
const follow = (
  rows: ReadonlyArray<Attachment>,
  token: string | undefined,
  { page }: Position
): Either.Either<Position, string> => {
  if (rows.length === 0) return Either.left("it has no rows and says that more follow")
  if (page === mostPages) return Either.left(`the list is longer than ${mostPages} pages`)
  return page >= lastNumbered && token === undefined
    ? Either.left(`rows behind page ${lastNumbered} follow, and info.next_page_token does not say where`)
    : Either.right({ page: page + 1, token, before: rows })
}

/** One that is not well-formed cannot be sent as it is. */
const tokenOf = (top: unknown): string | undefined => {
  const token = own(own(top, "info"), "next_page_token")
  return typeof token === "string" && token !== "" && isWellFormed(token) ? token : undefined
}

const attachmentOf = (row: unknown, ref: RecordRef): Either.Either<Attachment, string> => {
  const id = own(row, "id")
  if (!isId(id)) return Either.left("a row has no id, or one that is no decimal string")
  const parent = own(row, "Parent_Id")
  const parentId = typeof parent === "object" ? own(parent, "id") : parent
  if (parentId !== undefined && parentId !== ref.recordId) return Either.left("a row is of another record")

  return Either.right({
    id,
    ...told("fileName", textOf(own(row, "File_Name"))),
    ...told("size", sizeOf(own(row, "Size"))),
    ...told("linkUrl", filled(own(row, "$link_url"))),
    ...told("createdTime", timeOf(own(row, "Created_Time"))),
    ...told("modifiedTime", timeOf(own(row, "Modified_Time"))),
    ...told("owner", ownerOf(own(row, "Owner")))
  })
}

/** A field of that name, or none where there is nothing to tell. */
const told = <const Name extends string, A>(name: Name, value: A | undefined): { readonly [K in Name]?: A } =>
  // a computed name has the type string
  value === undefined ? {} : ({ [name]: value } as { readonly [K in Name]: A })

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** What is not there comes as null or as no text. */
const filled = (value: unknown): string | undefined => (value === "" ? undefined : textOf(value))

/** A number, or its digits. */
const sizeOf = (value: unknown): number | undefined => {
  const size = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value
  return isSize(size) ? size : undefined
}

/** With its offset: without one it would be read as a time of whichever zone the program runs in. */
const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

const timeOf = (value: unknown): DateTime.Utc | undefined => {
  if (typeof value !== "string" || !isTime.test(value)) return undefined
  const millis = Date.parse(value)
  // Date.parse makes the 1st of March of a 30th of February
  const day = new Date(value.slice(0, 10)).getUTCDate()
  return Number.isNaN(millis) || day !== Number(value.slice(8, 10)) ? undefined : DateTime.unsafeMake(millis)
}

const ownerOf = (value: unknown): Attachment["owner"] => {
  const id = own(value, "id")
  return isId(id)
    ? { id, ...told("name", filled(own(value, "name"))), ...told("email", filled(own(value, "email"))) }
    : undefined
}

const isSame = (one: Rows, other: Rows): boolean =>
  one.length === other.length && one.every(({ id }, index) => id === other[index]?.id)
