/** The files themselves: how they leave and how they come. */
import * as Effect from "effect/Effect"
import * as Fixtures from "../Fixtures.ts"
import type { Attachment, WireRequest } from "./model.ts"

/** What the parts of a form ask to attach. */
export type Upload = Pick<Attachment, "fileName" | "size" | "content" | "linkUrl">

/** None where the request has no form, or one with neither a file nor a link, or with both. */
export const readUpload = ({ bytes, headers }: WireRequest): Effect.Effect<Upload | undefined> => {
  const type = headers["content-type"] ?? ""
  if (!type.startsWith("multipart/form-data")) return Effect.succeed(undefined)
  return Effect.promise(async () => {
    // whatever is no form has no parts
    const form = await web(bytes, type)
      .formData()
      .catch(() => new FormData())
    const file = form.get("file")
    const link = form.get("attachmentUrl")
    if (file instanceof Blob && link === null) {
      return { fileName: file.name, size: file.size, content: new Uint8Array(await file.arrayBuffer()) }
    }
    if (typeof link !== "string" || file !== null) return undefined
    const title = form.get("title")
    return { fileName: typeof title === "string" ? title : null, size: 0, linkUrl: link }
  })
}

/** A copy: a Response takes no view of shared memory. */
const web = (bytes: Uint8Array, type: string): Response =>
  new Response(new Uint8Array(bytes), { headers: { "content-type": type } })

export const upload = (
  attachments: Map<string, Attachment>,
  uploaded: Upload,
  count: number,
  now: number
): Fixtures.Reply => {
  const id = String(firstId + BigInt(count))
  // whole seconds with an offset, as Bigin writes a time
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, "+00:00")
  attachments.set(id, { id, ...uploaded, createdTime: time })
  return Fixtures.uploaded(id, { Created_Time: time, Modified_Time: time })
}

const firstId = 2883756000000900000n

export const download = ({ content, fileName, id, linkUrl, size }: Attachment): Fixtures.Reply =>
  linkUrl === undefined ? Fixtures.file(content ?? bytesFrom(id, size), fileName ?? id) : Fixtures.downloadNotAllowed

/** The same for the same id, and for another id others. */
const bytesFrom = (id: string, size: number): Uint8Array => {
  const seed = Number(BigInt(id) % 251n)
  return new Uint8Array(size).map((_, index) => (index + seed) % 251)
}
