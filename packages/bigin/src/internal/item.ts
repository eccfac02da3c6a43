/** The one item that an answer of Bigin's carries. */
import { own, parseJson } from "./json.ts"

export type Item =
  | { readonly kind: "error"; readonly code: string; readonly message: string | undefined; readonly details: unknown }
  | {
      readonly kind: "success" | "none"
      readonly code: string | undefined
      readonly message: string | undefined
      readonly details: unknown
    }

/** `data[0]` where the top-level object has an array `data`, else the top-level object. */
export const readItem = (body: string): Item => {
  const top = parseJson(body.replace(/^\uFEFF/, ""))
  const data = own(top, "data")
  const item = Array.isArray(data) ? (data[0] as unknown) : top // Array.isArray gives elements of type any

  const status = own(item, "status")
  const code = text(own(item, "code"))
  const message = text(own(item, "message"))
  const details = own(item, "details")
  return status === "error" && code !== undefined
    ? { kind: "error", code, message, details }
    : { kind: status === "success" ? "success" : "none", code, message, details }
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)
