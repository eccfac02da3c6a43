/** JSON as data that an error may keep: bounded, so that nothing that prints or compares it can overflow. */
import * as Equal from "effect/Equal"
import * as Schema from "effect/Schema"
import * as Utils from "effect/Utils"

/** Any JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

const maxDepth = 32
const maxCharacters = 65_536

/** Walks with a list of its own: a hostile answer nests deeper than the call stack reaches. */
export const isJson = (value: unknown): value is Json => {
  const pending: Array<readonly [value: unknown, depth: number]> = [[value, 0]]
  let characters = 0
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [current, depth] = next
    characters += ownCharacters(current)
    // also for what is not JSON, since that has no number of characters
    if (!(characters <= maxCharacters)) return false
    if (typeof current !== "object" || current === null) continue
    if (depth >= maxDepth) return false
    for (const inner of Array.isArray(current) ? current : Object.values(current)) pending.push([inner, depth + 1])
  }
  return true
}

/** What a value adds to a text of JSON without the values in it; NaN for what JSON cannot say. */
const ownCharacters = (value: unknown): number => {
  switch (typeof value) {
    case "string":
      return value.length + 2
    case "boolean":
      return 5
    case "number":
      return Number.isFinite(value) ? String(value).length : Number.NaN
    case "object":
      if (value === null) return 4
      if (Array.isArray(value)) return value.length + 2
      return isPlain(value) ? Object.keys(value).reduce((sum, key) => sum + key.length + 4, 2) : Number.NaN
    default:
      return Number.NaN
  }
}

/** An object without a prototype would not compare with its copy that went through JSON. */
const isPlain = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype

/** The value itself if it is JSON within the bounds, else null. */
export const jsonOrNull = (value: unknown): Json => (isJson(value) ? value : null)

const bounds = `JSON at most ${maxDepth} deep and ${maxCharacters} characters long`

/** A leaf, not a recursive schema: those overflow where `isJson` does not. */
export const Json: Schema.Schema<Json> = Schema.declare(isJson, {
  identifier: "effect-bigin.Json",
  description: bounds,
  jsonSchema: { type: ["array", "boolean", "null", "number", "object", "string"] },
  pretty: () => (value) => JSON.stringify(value),
  equivalence: () => (one, other) => Utils.structuralRegion(() => Equal.equals(one, other)),
  // the usual message would print the value, and overflow where it nests too deep
  message: () => `Expected ${bounds}`,
  arbitrary: () => (fc) =>
    // JSON.parse is total on what JSON.stringify wrote, and knows no `undefined` and no -0
    fc.json({ maxDepth: 4 }).map((text): Json => JSON.parse(text) as Json)
})

/**
 * What a text of JSON holds, if that is an object or an array; undefined (which JSON cannot say) of any other text. One BOM
 * before it is dropped.
 */
export const parseJson = (text: string): unknown => {
  // a page is told by its first character: the exception would cost 6 microseconds, half of what a failure may
  if (!/^\uFEFF?\s*[{[]/.test(text)) return undefined
  try {
    return JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text)
  } catch {
    return undefined
  }
}

/** An own property of an object, never one that a prototype lends. */
export const own = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key] // an object with that own property, as just checked
    : undefined
