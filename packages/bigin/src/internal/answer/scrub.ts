/** What an error may keep of what came: without known secrets, and no more than there is room for. */
import type { Json } from "./json.ts"

/** No longer than the shortest secret that is looked for, so that scrubbing never makes anything longer. */
const mark = "<secret>"

export interface Scrubber {
  readonly text: (text: string) => string
  /** The beginning of a text, without the part of a secret that a cut would leave. */
  readonly head: (text: string, length: number) => string
  readonly json: (value: Json) => Json
}

/** What a secret may be disguised with. */
const disguise = /[\\%&+]/

export const scrubber = (secrets: ReadonlyArray<string>): Scrubber => {
  const known = secrets.filter(isLong)

  const text = (given: string): string => {
    const plain = known.reduce((rest, secret) => rest.replaceAll(secret, mark), given)
    if (!disguise.test(plain)) return plain
    // what is still there in disguise takes the whole text with it
    const undisguised = unescaped(plain)
    return known.map(unescaped).some((secret) => isLong(secret) && undisguised.includes(secret)) ? mark : plain
  }

  const head = (given: string, length: number): string => {
    if (given.length <= length) return text(given)
    // as long as a secret gets when each of its characters is escaped, and each character of that escape again
    const margin = 64 * Math.max(0, ...known.map(({ length }) => length))
    const seen = given.slice(0, length + margin)
    const clean = text(seen)
    return seen.length === given.length
      ? cut(clean, length)
      : beginning(clean, Math.max(0, Math.min(length, clean.length - margin)))
  }

  const json = (value: Json): Json => {
    if (typeof value === "string") return text(value)
    if (typeof value === "number" && known.includes(String(value))) return mark
    if (typeof value !== "object" || value === null) return value
    if (isArray(value)) return value.map(json)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), json(inner)]))
  }

  return { text, head, json }
}

/** A text of at most that length, without half of a surrogate pair at its end, and with nothing longer behind it. */
export const cut = (text: string, length: number): string => (text.length <= length ? text : beginning(text, length))

/** Engines keep a whole text alive behind a slice of it, a page of megabytes behind each error: so this is a copy. */
const beginning = (text: string, length: number): string => {
  const end = isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length
  return JSON.parse(JSON.stringify(text.slice(0, end))) as string // what a string becomes
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00

/** `Array.isArray` does not narrow a readonly array. */
const isArray = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

const isLong = (secret: string): boolean => secret.length >= mark.length

/**
 * A text without the escapes of JSON and JavaScript, URLs and HTML, up to eight laid over one another. A secret is
 * compared in this form too, since what looks like an escape may be its own.
 */
const unescaped = (text: string): string => {
  let outer = text
  for (let layer = 0; layer < 8; layer++) {
    const inner = withoutHtml(withoutUrl(withoutJson(outer)))
    if (inner === outer) break
    outer = inner
  }
  return outer
}

const withoutJson = (text: string): string =>
  !text.includes("\\")
    ? text
    : text
        .replaceAll(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2}))/gi, (_, unicode?: string, hex?: string) =>
          character(unicode ?? hex, 16)
        )
        .replaceAll("\\", "")

/** Forms write a space as a plus. */
const withoutUrl = (text: string): string =>
  text.replaceAll("+", " ").replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => character(hex, 16))

const withoutHtml = (text: string): string =>
  text
    .replaceAll(/&#(?:(\d{1,9})|x([0-9a-f]{1,9}));?/gi, (_, decimal?: string, hex?: string) =>
      decimal === undefined ? character(hex, 16) : character(decimal, 10)
    )
    .replaceAll(/&(amp|lt|gt|quot|apos);/gi, (_, name: string) => named[name.toLowerCase()] ?? "")

const named: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

const character = (digits: string | undefined, radix: number): string => {
  const code = Number.parseInt(digits ?? "", radix)
  return code <= 0x10ffff ? String.fromCodePoint(code) : ""
}
