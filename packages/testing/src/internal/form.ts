/** Multipart forms, as clients of many languages write them. */
import { getMultipartBoundary, parseMultipart } from "@remix-run/multipart-parser"
import { parse } from "content-disposition"
import type { WireRequest } from "./model.ts"

export interface Part {
  readonly name: string
  /** A part that has none is a field. */
  readonly fileName?: string
  readonly bytes: Uint8Array
}

/** None where the body is no multipart form, or a broken one. */
export const readForm = ({ bytes, headers }: WireRequest): ReadonlyArray<Part> | undefined => {
  const type = headers["content-type"] ?? ""
  const boundary = getMultipartBoundary(type)
  if (!/^multipart\/form-data\b/i.test(type) || boundary === null) return undefined
  try {
    return Array.from(parseMultipart(bytes, { boundary, maxFileSize: Infinity, maxTotalSize: Infinity }), (part) => {
      const { filename, name = "" } = dispositionOf(part.headers["content-disposition"] ?? "")
      return { name, ...(filename === undefined ? {} : { fileName: filename }), bytes: part.bytes }
    })
  } catch {
    return undefined
  }
}

/** Browsers escape a quote as %22 and a backslash not at all; some clients escape a quote by a backslash, as in mail. */
const dispositionOf = (header: string): Readonly<Record<string, string | undefined>> =>
  parse(header, { multipart: !/\\"(?!\s*(?:;|$))/.test(header) }).parameters

/** The first field of a name, as text. */
export const fieldOf = (form: ReadonlyArray<Part>, name: string): string | undefined => {
  const part = form.find((part) => part.name === name && part.fileName === undefined)
  return part === undefined ? undefined : new TextDecoder().decode(part.bytes)
}
