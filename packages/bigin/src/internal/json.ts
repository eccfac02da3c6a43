/** JSON as data that an error may keep: bounded, so that nothing that prints or compares it can overflow. */
import * as Schema from "effect/Schema"

/** Any JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

const maxDepth = 32
const maxCharacters = 65_536

/** Counts with a stack of its own: a hostile answer nests deeper than the call stack reaches. */
export const isJson = (value: unknown): value is Json => {
  const pending: Array<readonly [value: unknown, depth: number]> = [[value, 0]]
  let characters = 0
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [current, depth] = next
    switch (typeof current) {
      case "string":
        characters += current.length + 2
        break
      case "boolean":
        characters += 5
        break
      case "number":
        if (!Number.isFinite(current)) return false
        characters += String(current).length
        break
      case "object": {
        if (current === null) {
          characters += 4
          break
        }
        if (depth >= maxDepth) return false
        characters += 2
        if (Array.isArray(current)) {
          if (characters + current.length > maxCharacters) return false
          for (const element of current) pending.push([element, depth + 1])
          characters += current.length
          break
        }
        if (!isPlain(current)) return false
        for (const key of Object.keys(current)) {
          characters += key.length + 4
          if (characters > maxCharacters) return false
          pending.push([current[key], depth + 1])
        }
        break
      }
      default:
        return false
    }
    if (characters > maxCharacters) return false
  }
  return true
}

const isPlain = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The value itself if it is JSON within the bounds, else null. */
export const jsonOrNull = (value: unknown): Json => (isJson(value) ? value : null)

const bounds = `JSON at most ${maxDepth} deep and ${maxCharacters} characters long`

/** A leaf, not a recursive schema: those overflow where `isJson` does not. */
export const Json: Schema.Schema<Json> = Schema.declare(isJson, {
  identifier: "Json",
  description: bounds,
  // the usual message would print the value, and overflow where it nests too deep
  message: () => `Expected ${bounds}`,
  arbitrary: () => (fc) =>
    // JSON.parse is total on what JSON.stringify wrote, and knows no `undefined` and no -0
    fc.json({ maxDepth: 4 }).map((text): Json => JSON.parse(text) as Json)
})

/** The parsed text, or undefined (which JSON cannot say) where it is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An own property of an object, never one that a prototype lends. */
export const own = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key] // an object with that own property, as just checked
    : undefined
