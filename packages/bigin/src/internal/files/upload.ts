/** What is sent to attach a file or a link: checked first, and made once for all attempts. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import type { InvalidInput } from "../../errors/undocumented.ts"
import type { UploadFile } from "../../models/attachment.ts"
import { invalid } from "../../models/input.ts"

/** One part of a form. */
interface Part {
  readonly name: "file" | "attachmentUrl" | "title"
  readonly fileName?: string
  readonly content: string | Uint8Array<ArrayBuffer> | Blob
}

/** The parts of the form, or what is wrong with the first of them. Callers without types may pass anything. */
export const parseUploadFile = (file: UploadFile): Either.Either<ReadonlyArray<Part>, InvalidInput> => {
  const given: unknown = file
  const isFile = Predicate.hasProperty(given, "fileName") || Predicate.hasProperty(given, "content")
  if (isFile === Predicate.hasProperty(given, "linkUrl")) {
    return Either.left(invalid("file", "must be an object with fileName and content, or with linkUrl", given))
  }
  return "linkUrl" in file ? linkParts(file) : fileParts(file)
}

const fileParts = (file: Extract<UploadFile, { readonly fileName: string }>) =>
  Either.gen(function* () {
    const fileName = yield* checked(
      "fileName",
      isFileName,
      "must be a name without slashes and control characters",
      file.fileName
    )
    const given = yield* checked("file", isContent, "must have a Uint8Array or a Blob as its content", file.content)
    // a Blob takes no view of shared memory, but its copy; of what was transferred away there is none
    const content = yield* given instanceof Blob
      ? Either.right(given)
      : Either.try({ try: () => new Uint8Array(given), catch: () => invalid("file", "was transferred away", given) })
    return [{ name: "file", fileName, content }] satisfies ReadonlyArray<Part>
  })

const linkParts = ({ linkUrl, title }: Extract<UploadFile, { readonly linkUrl: string }>) =>
  Either.gen(function* () {
    const link: Part = {
      name: "attachmentUrl",
      content: yield* checked("linkUrl", isLink, "must be a URL of http or https", linkUrl)
    }
    if (title === undefined) return [link]
    const text = yield* checked("file", Predicate.isString, "must have a text as its title", title)
    return [link, { name: "title", content: text } satisfies Part]
  })

const checked = <A>(
  field: InvalidInput["field"],
  is: (value: unknown) => value is A,
  problem: string,
  given: unknown
): Either.Either<A, InvalidInput> => (is(given) ? Either.right(given) : Either.left(invalid(field, problem, given)))

const isFileName = (name: unknown): name is string => typeof name === "string" && /^[^/\\\p{Cc}]+$/u.test(name)

const isContent = (content: unknown): content is Uint8Array | Blob =>
  content instanceof Uint8Array || content instanceof Blob

/** A URL parser would drop white space, and what is sent is the text. */
const isLink = (link: unknown): link is string =>
  typeof link === "string" && /^https?:/i.test(link) && !/[\s\p{Cc}]/u.test(link) && URL.canParse(link)

/**
 * The form (RFC 7578) of the parts. Not a FormData, since platform-node's undici client takes none but undici's own. As a
 * File it refers to a Blob's bytes and holds none of them, and can be read again for a replay.
 */
export const formOf = (parts: ReadonlyArray<Part>): Effect.Effect<HttpBody.HttpBody> =>
  Effect.gen(function* () {
    const numbers = yield* Effect.replicateEffect(Random.nextIntBetween(0, 0x1_0000_0000), 4)
    // lower case, as the type of a File is
    const boundary = `bigin-${numbers.map((number) => number.toString(36)).join("-")}`
    const form = new File(
      [
        ...parts.flatMap((part) => [`--${boundary}\r\n${headOf(part)}\r\n\r\n`, part.content, "\r\n"]),
        `--${boundary}--\r\n`
      ],
      "form",
      { type: `multipart/form-data; boundary=${boundary}` }
    )
    if (parts.some(({ content }) => content instanceof Blob)) return HttpBody.fileWeb(form)
    const bytes = yield* Effect.promise(() => form.arrayBuffer())
    return HttpBody.uint8Array(new Uint8Array(bytes), form.type)
  })

/** Browsers write a quote in a name so (html.spec.whatwg.org, "multipart/form-data encoding algorithm"). */
const headOf = ({ content, fileName, name }: Part): string => {
  const disposition = `Content-Disposition: form-data; name="${name}"`
  if (fileName === undefined) return disposition
  const type = (content instanceof Blob && content.type) || "application/octet-stream"
  return `${disposition}; filename="${fileName.replaceAll('"', "%22")}"\r\nContent-Type: ${type}`
}
