/** What an answer of Bigin's says: the one item that it carries, and how long to wait. */
import * as Duration from "effect/Duration"
import { own, parseJson } from "./json.ts"

/** An answer as it came: any status, and the text of any bytes. */
export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
  /** Why the text is not the answer's own, such as one that was cut or stayed coded: then it holds no item. */
  readonly problem?: string
}

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

/**
 * RFC 9110: whole seconds, or a date, of which one that is past is no wait. What cannot be read as either, or is further
 * off than a number holds, is absent.
 */
export const retryAfter = (
  headers: { readonly [name: string]: string | undefined },
  now: number
): Duration.Duration | undefined => {
  const given = headers["retry-after"]?.trim() ?? ""
  const millis = /^\d+$/.test(given) ? Number(given) * 1000 : dateMillis(given) - now
  return Number.isSafeInteger(millis) ? Duration.millis(millis) : undefined
}

/** `Date.parse` reads far more than dates of HTTP, and what names no zone in the local one. */
const dateMillis = (text: string): number =>
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, \S.* GMT$/.test(text) ? Date.parse(text) : Number.NaN
