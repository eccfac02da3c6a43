/** The files themselves: how they leave and how they come. */
import * as Fixtures from "../Fixtures.ts"
import { fieldOf, readForm } from "./form.ts"
import type { Attachment, WireRequest } from "./model.ts"
import { timeOf } from "./time.ts"
import { user } from "./users.ts"

/** What a request asks to attach. */
export type Upload = Pick<Attachment, "fileName" | "size" | "content" | "linkUrl">

/** None where there is neither a file nor a link, or both. A link may stand in the query (CRM). */
export const readUpload = (request: WireRequest, query: URLSearchParams): Upload | undefined => {
  const form = readForm(request) ?? []
  const files = form.filter(({ name }) => name === "file")
  const linkUrl = fieldOf(form, "attachmentUrl") ?? query.get("attachmentUrl") ?? undefined
  if (linkUrl !== undefined) {
    const fileName = fieldOf(form, "title") ?? query.get("title")
    return files.length > 0 ? undefined : { fileName, size: 0, linkUrl }
  }
  const [file] = files
  return file?.fileName === undefined
    ? undefined
    : { fileName: file.fileName, size: file.bytes.length, content: file.bytes }
}

export const upload = (
  attachments: Map<string, Attachment>,
  uploaded: Upload,
  count: number,
  now: number,
  envelope: Fixtures.Envelope
): Fixtures.Reply => {
  const id = String(firstId + BigInt(count))
  const time = timeOf(now)
  attachments.set(id, { id, ...uploaded, createdTime: time })
  return Fixtures.uploaded(
    id,
    { Created_Time: time, Modified_Time: time, Created_By: user, Modified_By: user },
    envelope
  )
}

const firstId = 2883756000000900000n

/** The bytes of a file, given or made up: the same for the same id, and for another id others. */
export const contentOf = ({ content, id, size }: Attachment): Uint8Array => {
  if (content !== undefined) return content
  const seed = Number(BigInt(id) % 251n)
  return new Uint8Array(size).map((_, index) => (index + seed) % 251)
}
