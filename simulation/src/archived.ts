/** What an archive is worth after a crash: read from the disk alone, by whoever knows what a manifest is and not how it came. */
import { createHash } from "node:crypto"
import type { FakeBigin } from "effect-bigin-testing"

const decoder = new TextDecoder()

const fieldsOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** Whether a manifest among these files is of this attachment, and its file lies beside it with the bytes that it had. */
export const isArchived = (
  files: ReadonlyMap<string, Uint8Array>,
  directory: string,
  { content = new Uint8Array(), id, linkUrl }: FakeBigin.Attachment
): boolean => {
  const own = [...files].filter(([path]) => path.startsWith(`${directory}/${id}`))
  return own.some(([path, bytes]) => {
    if (!path.endsWith(".manifest.json")) return false
    const manifest = fieldsOf(decoder.decode(bytes))
    const ref = fieldsOf(JSON.stringify(manifest["ref"]) ?? "")
    if (ref["attachmentId"] !== id || !directory.endsWith(`${ref["module"]}/${ref["recordId"]}`)) return false
    if (linkUrl !== undefined) return manifest["linkUrl"] === linkUrl
    return (
      manifest["size"] === content.length &&
      manifest["sha256"] === sha256(content) &&
      own.some(([, file]) => file.length === content.length && sha256(file) === manifest["sha256"])
    )
  })
}
