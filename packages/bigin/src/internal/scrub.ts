/** Takes known secrets out of what an error is about to keep. */
import * as Redacted from "effect/Redacted"
import type { Json } from "./json.ts"

/** No longer than the shortest secret that is looked for, so that scrubbing never makes anything longer. */
const mark = "<secret>"

export interface Scrubber {
  readonly text: (text: string) => string
  readonly json: (value: Json) => Json
}

export const scrubber = (secrets: ReadonlyArray<Redacted.Redacted>): Scrubber => {
  const known = secrets.map(Redacted.value).filter((secret) => secret.length >= mark.length)

  const text = (given: string): string => {
    const plain = known.reduce((rest, secret) => rest.replaceAll(secret, mark), given)
    // what is still there in disguise takes the whole text with it
    return disguises(plain).some((bare) => known.some((secret) => bare.includes(secret))) ? mark : plain
  }

  const json = (value: Json): Json => {
    if (typeof value === "string") return text(value)
    if (typeof value !== "object" || value === null) return value
    if (isArray(value)) return value.map(json)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), json(inner)]))
  }

  return { text, json }
}

/** `Array.isArray` does not narrow a readonly array. */
const isArray = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

/** The text with one, two and three layers of the escapes of JSON, URLs and HTML taken off. */
const disguises = (text: string): ReadonlyArray<string> => {
  if (!/[\\%&]/.test(text)) return []
  const once = unescaped(text)
  const twice = unescaped(once)
  return [once, twice, unescaped(twice)]
}

const character = (digits: string, radix: number): string => {
  const code = Number.parseInt(digits, radix)
  return code <= 0x10ffff ? String.fromCodePoint(code) : ""
}

const named: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text
    .replaceAll(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/gi, (_, unicode, hex, other) =>
      unicode !== undefined ? character(unicode, 16) : hex !== undefined ? character(hex, 16) : other
    )
    .replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => character(hex, 16))
    .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (all, decimal, hex, name) =>
      decimal !== undefined
        ? character(decimal, 10)
        : hex !== undefined
          ? character(hex, 16)
          : (named[name.toLowerCase()] ?? all)
    )
