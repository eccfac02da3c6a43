/** Takes known secrets out of what an error is about to keep. */
import type { Json } from "./json.ts"

/** No longer than the shortest secret that is looked for, so that scrubbing never makes anything longer. */
const mark = "<secret>"

export interface Scrubber {
  readonly text: (text: string) => string
  /** The beginning of a text, without the part of a secret that a cut would leave. */
  readonly head: (text: string, length: number) => string
  readonly json: (value: Json) => Json
}

export const scrubber = (secrets: ReadonlyArray<string>): Scrubber => {
  const known = secrets.filter(isLong)
  const bare = known.map(unescaped).filter(isLong)

  const text = (given: string): string => {
    const plain = known.reduce((rest, secret) => rest.replaceAll(secret, mark), given)
    if (!/[\\%&+]/.test(plain)) return plain
    // what is still there in disguise takes the whole text with it
    const undisguised = unescaped(plain)
    return bare.some((secret) => undisguised.includes(secret)) ? mark : plain
  }

  // as long as a secret gets when each of its characters is escaped, and each character of that escape again
  const margin = 64 * Math.max(0, ...known.map(({ length }) => length))

  const head = (given: string, length: number): string => {
    const clean = text(given.slice(0, length + margin))
    const end = given.length > length + margin ? clean.length - margin : clean.length
    return clean.slice(0, Math.max(0, Math.min(length, end)))
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
  text
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
