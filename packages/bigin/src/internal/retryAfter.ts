import * as Duration from "effect/Duration"

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
