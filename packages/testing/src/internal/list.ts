/** A record's attachments, by pages. */
import * as Fixtures from "../Fixtures.ts"
import type { Attachment } from "./model.ts"

/** Rows behind the 2,000th are served by token alone. */
const mostNumbered = 2000

export const list = (
  rows: ReadonlyArray<Attachment>,
  recordId: string,
  query: URLSearchParams,
  mostPerPage: number
): Fixtures.Reply => {
  const token = query.get("page_token")
  const perPage = Math.min(mostPerPage, positive(query.get("per_page"), 200))
  const page = token === null ? positive(query.get("page"), 1) : Number(token.replace("page-", ""))
  if (token === null && page * perPage > mostNumbered) {
    return Fixtures.errorItem(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", "use page_token", { envelope: "top" })
  }
  const fields = query.get("fields")?.split(",")
  const shown = rows.slice((page - 1) * perPage, page * perPage)
  const more = rows.length > page * perPage
  return shown.length === 0
    ? { status: 204, headers: {}, body: "" }
    : Fixtures.json(200, {
        data: shown.map((row) =>
          Object.fromEntries(
            Object.entries(rowOf(row, recordId)).filter(([name]) => fields === undefined || fields.includes(name))
          )
        ),
        info: {
          per_page: perPage,
          count: shown.length,
          page,
          more_records: more,
          next_page_token: more ? `page-${page + 1}` : null
        }
      })
}

const rowOf = (
  { createdTime = "2024-01-15T10:30:00+05:30", fileName, id, linkUrl, size }: Attachment,
  recordId: string
) => ({
  id,
  Owner: { name: "The owner", id: "2883756000000140001", email: "owner@example.com" },
  Created_Time: createdTime,
  Modified_Time: createdTime,
  File_Name: fileName,
  Size: String(size),
  Parent_Id: { id: recordId },
  ...(linkUrl === undefined ? { $file_id: `file-${id}` } : { $link_url: linkUrl })
})

const positive = (given: string | null, otherwise: number): number =>
  given !== null && /^[1-9]\d*$/.test(given) ? Number(given) : otherwise
