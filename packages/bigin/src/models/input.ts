/** What a caller gave: read once, checked, told in a few words. Callers without types may pass anything. */
import { unchecked } from "../errors/biginError.ts"
import { InvalidInput } from "../errors/undocumented.ts"

/** With a leading zero it would be another spelling of another id. */
export const idPattern = /^[1-9]\d{0,31}$/

export const modulePattern = /^[A-Za-z][A-Za-z0-9_]{0,63}$/

export const isId = (value: unknown): value is string => typeof value === "string" && idPattern.test(value)

export const isModuleName = (value: unknown): value is string => typeof value === "string" && modulePattern.test(value)

/** Half of a surrogate pair has no bytes in UTF-8: something else would be sent in its place. */
export const isWellFormed = (text: string): boolean => !/\p{Cs}/u.test(text)

/** A number of bytes. */
export const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** What a ref says, unchecked. */
export interface Fields {
  readonly module?: unknown
  readonly recordId?: unknown
  readonly attachmentId?: unknown
}

/** Undefined for what is no object, and for one that cannot be read. */
export const fieldsOf = (input: unknown): Fields | undefined =>
  readOnce(input, ({ attachmentId, module, recordId }: Fields) => ({ attachmentId, module, recordId }))

/** Copies what is to be read of an object. Undefined for what is no object, and for one that cannot be read. */
export const readOnce = <A extends object>(input: unknown, copy: (input: A) => A): A | undefined => {
  if (typeof input !== "object" || input === null) return undefined
  try {
    return copy(input as A) // each property of an A is optional and unknown, so any object is one
  } catch {
    // a getter may throw, and a revoked proxy does
    return undefined
  }
}

/** A caller's value as a short text. Runs nothing that belongs to the value: no toString, no toJSON, no getter. */
export const shown = (given: unknown): string => {
  if (given === null) return "null"
  return typeof given === "object" || typeof given === "function" ? typeof given : beginning(String(given))
}

/** At most 64 characters, whole ones. A text of its own: a slice would keep all of the given one alive. */
const beginning = (text: string): string => {
  let short = ""
  for (const character of text.slice(0, 65)) {
    if (short.length + character.length > 64) break
    short += isWellFormed(character) ? character : "\uFFFD"
  }
  return short
}

/** What a caller gave and cannot be sent, as the error that says so. */
export const invalid = (field: InvalidInput["field"], problem: string, given: unknown): InvalidInput =>
  new InvalidInput({ field, given: shown(given), problem }, unchecked)
