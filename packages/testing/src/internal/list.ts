/** A record's attachments, by pages. */
import * as Fixtures from "../Fixtures.ts"
import type { Attachment } from "./model.ts"
import { dayMillis, timeOf } from "./time.ts"
import { user } from "./users.ts"
import { recordKey, type HeldRecord, type World } from "./world.ts"

/** Rows behind the 2,000th are served by token alone. */
const mostNumbered = 2000

export const list = (world: World, record: HeldRecord, query: URLSearchParams, now: number): Fixtures.Reply => {
  const perPage = Math.min(world.mostPerPage, positive(query.get("per_page"), 200))
  const position = positionOf(world, record, perPage, query, now)
  if (typeof position !== "number") {
    // these speak of the query, not of one record
    return Fixtures.errorItem(400, position.code, position.message, {
      details: position.details,
      envelope: world.envelope ?? "top"
    })
  }

  const rows = [...record.attachments.values()]
  const shown = rows.slice((position - 1) * perPage, position * perPage)
  if (shown.length === 0) return { status: 204, headers: {}, body: "" }

  const more = rows.length > position * perPage
  const expiresAt = now + dayMillis
  const tokenOf = (page: number): string => {
    const token = `page-${page}-${record.module}-${record.recordId}-${perPage}`
    world.pageTokens.set(token, { page, record: recordKey(record.module, record.recordId), perPage, expiresAt })
    return token
  }
  const fields = query.get("fields")?.split(",")
  return Fixtures.json(200, {
    data: shown.map((row) =>
      Object.fromEntries(
        // the id is told unasked
        Object.entries(rowOf(row, record)).filter(
          ([name]) => fields === undefined || name === "id" || fields.includes(name)
        )
      )
    ),
    info: {
      per_page: perPage,
      count: shown.length,
      page: position,
      more_records: more,
      next_page_token: more ? tokenOf(position + 1) : null,
      previous_page_token: position > 1 ? tokenOf(position - 1) : null,
      page_token_expiry: more || position > 1 ? timeOf(expiresAt) : null
    }
  })
}

interface Refusal {
  readonly code: string
  readonly message: string
  readonly details: object
}

/** The number of the page that is asked for. The refusals are those of CRM's pages. */
const positionOf = (
  world: World,
  record: HeldRecord,
  perPage: number,
  query: URLSearchParams,
  now: number
): number | Refusal => {
  const token = query.get("page_token")
  if (token === null) {
    const page = positive(query.get("page"), 1)
    return page * perPage <= mostNumbered
      ? page
      : { code: "DISCRETE_PAGINATION_LIMIT_EXCEEDED", message: "use page_token", details: {} }
  }
  const given = world.pageTokens.get(token)
  if (given === undefined || given.record !== recordKey(record.module, record.recordId) || given.perPage !== perPage) {
    return {
      code: "TOKEN_BOUND_DATA_MISMATCH",
      message: "The page_token given seems to be invalid or input param is added or altered or deleted",
      details: { param_name: "page_token" }
    }
  }
  return given.expiresAt > now
    ? given.page
    : { code: "EXPIRED_VALUE", message: "Page token expired", details: { param_name: "page_token" } }
}

/** All that CRM's published schema asks of a row. */
const rowOf = (
  { createdTime = "2024-01-15T10:30:00+05:30", fileName, id, linkUrl, modifiedTime, size }: Attachment,
  { module, name, recordId }: HeldRecord
) => ({
  id,
  Owner: user,
  Created_By: user,
  Modified_By: user,
  Created_Time: createdTime,
  Modified_Time: modifiedTime ?? createdTime,
  File_Name: fileName,
  Size: String(size),
  Parent_Id: { name, id: recordId },
  $editable: true,
  $file_id: `file-${id}`,
  $type: linkUrl === undefined ? "Attachment" : "Link URL",
  $se_module: module,
  $state: "save",
  $link_url: linkUrl ?? null
})

const positive = (given: string | null, otherwise: number): number =>
  given !== null && /^[1-9]\d*$/.test(given) ? Number(given) : otherwise
