/** What is sent to attach a file or a link: checked first, and made once for all attempts. */
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import type { UploadFile } from "../Attachments.ts"
import type { InvalidInput } from "../errors/undocumented.ts"
import { invalid } from "./invalid.ts"

/** The parts of the form, or what is wrong with the first of them. Callers without types may pass anything. */
export const parseUploadFile = (file: UploadFile): Either.Either<FormData, InvalidInput> => {
  const given: unknown = file
  const isFile = Predicate.hasProperty(given, "fileName") || Predicate.hasProperty(given, "content")
  if (isFile === Predicate.hasProperty(given, "linkUrl")) {
    return Either.left(invalid("file", "must be an object with fileName and content, or with linkUrl", given))
  }
  return "linkUrl" in file ? linkForm(file) : fileForm(file)
}

const fileForm = ({ content, fileName }: Extract<UploadFile, { readonly fileName: string }>) =>
  Either.gen(function* () {
    const name = yield* checked(
      "fileName",
      isFileName,
      "must be a name without slashes and control characters",
      fileName
    )
    const blob = yield* checked("file", isContent, "must have a Uint8Array or a Blob as its content", content)
    const form = new FormData()
    // a Blob refuses a view of shared memory, and takes a copy of any other
    form.append("file", blob instanceof Blob ? blob : new Blob([new Uint8Array(blob)]), name)
    return form
  })

const linkForm = ({ linkUrl, title }: Extract<UploadFile, { readonly linkUrl: string }>) =>
  Either.gen(function* () {
    const form = new FormData()
    form.append("attachmentUrl", yield* checked("linkUrl", isLink, "must be a URL of http or https", linkUrl))
    if (title !== undefined) {
      form.append("title", yield* checked("file", Predicate.isString, "must have a text as its title", title))
    }
    return form
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
