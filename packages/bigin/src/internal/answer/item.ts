/** What an answer of Bigin's says: the one item that it carries, and how long to wait. */
import * as Duration from "effect/Duration"
import { own, parseJson } from "./json.ts"

/** An answer as it came: any status, and the text of any bytes. */
export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | undefined }
  readonly body: string
  /** Why the text is not the answer's own, such as "it is longer than 1 MiB": then it holds no item. It ends without a stop. */
  readonly problem?: string
}

/** The one item that an answer carries. Of an answer without one `problem` says why there is none. */
export type Item = {
  readonly message: string | undefined
  readonly details: unknown
} & (
  | { readonly kind: "error"; readonly code: string }
  | { readonly kind: "success"; readonly code: string | undefined }
  | { readonly kind: "none"; readonly code: string | undefined; readonly problem: string }
)

/** `data[0]` where the top-level object has an array `data`, else the top-level object. */
export const readItem = (body: string): Item => {
  const top = parseJson(body)
  if (top === undefined) return unreadable(body === "" ? "it is empty" : "it is no JSON object")
  const data = own(top, "data")
  const item = Array.isArray(data) ? (data[0] as unknown) : top // Array.isArray gives elements of type any

  const status = own(item, "status")
  const code = text(own(item, "code"))
  const message = text(own(item, "message"))
  const details = own(item, "details")
  if (status === "success") return { kind: "success", code, message, details }
  if (status !== "error") return { kind: "none", problem: "its JSON is none of Bigin's", code, message, details }
  return code === undefined
    ? { kind: "none", problem: "it is an error without a code", code, message, details }
    : { kind: "error", code, message, details }
}

/** Of an answer in which nothing can be read. */
export const unreadable = (problem: string): Item => ({
  kind: "none",
  problem,
  code: undefined,
  message: undefined,
  details: undefined
})

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
