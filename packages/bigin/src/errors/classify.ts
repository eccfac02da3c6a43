/**
 * Reads Bigin's answer. Pure and total: whatever came, it is exactly one outcome.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { unchecked } from "./biginError.ts"
import { catalogue, type DocumentedCode } from "./catalogue.ts"
import type { Ref } from "./fields.ts"
import { type Item, readItem, retryAfter } from "../internal/answer/item.ts"
import { type Json, jsonOrNull, own } from "../internal/answer/json.ts"
import { scrubber } from "../internal/answer/scrub.ts"
import type { Answer } from "../internal/answer/item.ts"
import { AttachmentId, type AttachmentRef, type RecordRef } from "../models/ids.ts"
import * as Documented from "./documented.ts"
import * as Undocumented from "./undocumented.ts"

/** What was asked for, what must not be repeated, and the time of the answer in milliseconds since the epoch. */
export interface Asked<R extends Ref = AttachmentRef> {
  readonly ref: R
  readonly secrets: ReadonlyArray<string>
  readonly now: number
}

/** What an answer alone can fail with. */
export type AnswerError =
  | Documented.DocumentedError
  | Undocumented.InvalidToken
  | Undocumented.RateLimited
  | Undocumented.ServiceFault
  | Undocumented.UnconfirmedSuccess
  | Undocumented.UnrecognizedCode
  | Undocumented.MalformedResponse

/** Of a DELETE: success is a success item for the very id that was asked for, under a 2xx. Everything else is one failure. */
export const classify = (answer: Answer, asked: Asked): Either.Either<AttachmentRef, AnswerError> =>
  Either.map(
    confirmed(answer, asked, (id): id is string => id === asked.ref.attachmentId),
    () => asked.ref
  )

/** Of an upload: success is a success item under a 2xx with the id of what is new. Everything else is one failure. */
export const classifyUpload = (answer: Answer, asked: Asked<RecordRef>): Either.Either<AttachmentRef, AnswerError> =>
  Either.map(confirmed(answer, asked, Schema.is(AttachmentId)), (attachmentId) => ({ ...asked.ref, attachmentId }))

/** The id that a success item under a 2xx confirms, if it is one to expect. */
const confirmed = (
  answer: Answer,
  asked: Asked<Ref>,
  isExpected: (id: unknown) => id is string
): Either.Either<string, AnswerError> => {
  const item = readItem(answer.body)
  const id = own(item.details, "id")
  return isOk(answer.status) && item.kind === "success" && isExpected(id)
    ? Either.right(id)
    : Either.left(failure(answer, item, asked))
}

/** What an answer to a read can fail with: one that does not confirm is no answer at all. */
export type ReadError = Exclude<AnswerError, Undocumented.UnconfirmedSuccess>

/** Why an answer to a read is not the one that was asked for; `problem` is the rule that it broke. */
export const readFailure = (answer: Answer, asked: Asked<Ref>, _problem?: string): ReadError => {
  const error = failure(answer, readItem(answer.body), asked)
  if (error._tag !== "UnconfirmedSuccess") return error
  const { _tag, ...fields } = error
  return new Undocumented.MalformedResponse(fields, unchecked)
}

/** The first rule that matches decides, on the answer as it came; what goes into the error is scrubbed. */
const failure = (answer: Answer, item: Item, { now, ref, secrets }: Asked<Ref>): AnswerError => {
  const { status } = answer
  const scrub = scrubber(secrets)
  const details = scrub.json(jsonOrNull(item.details))
  const answered = { ref, status, wireMessage: scrub.text(item.message ?? ""), details }
  const unread = {
    ref,
    status,
    details,
    ...(item.code === undefined ? {} : { code: scrub.text(item.code) }),
    ...(item.message === undefined ? {} : { wireMessage: scrub.text(item.message) }),
    ...(item.kind === "none" && answer.body !== "" ? { body: scrub.head(answer.body, 512) } : {})
  }
  const after = retryAfter(answer.headers, now)
  const patience = after === undefined ? {} : { retryAfter: after }

  if (status === 429) return new Undocumented.RateLimited({ ...unread, ...patience }, unchecked)
  if (item.kind === "error" && isTokenCode(item.code)) {
    return new Undocumented.InvalidToken({ ...answered, code: item.code }, unchecked)
  }
  if (item.kind === "error" && isDocumentedCode(item.code)) return documented(item.code, item, answered)
  if (item.kind === "success") return new Undocumented.UnconfirmedSuccess(unread, unchecked)
  if (status >= 500) return new Undocumented.ServiceFault({ ...unread, ...patience }, unchecked)
  if (item.kind === "error") {
    return new Undocumented.UnrecognizedCode({ ...answered, code: scrub.text(item.code) }, unchecked)
  }
  if (isOk(status)) return new Undocumented.UnconfirmedSuccess(unread, unchecked)
  return new Undocumented.MalformedResponse(unread, unchecked)
}

const isOk = (status: number): boolean => status >= 200 && status < 300

const isTokenCode = (code: string): code is Undocumented.InvalidToken["code"] =>
  code === "INVALID_TOKEN" || code === "AUTHENTICATION_FAILURE"

const documentedCodes: ReadonlySet<string> = new Set(Object.values(catalogue).map(({ code }) => code))

const isDocumentedCode = (code: string): code is DocumentedCode => documentedCodes.has(code)

const documented = (
  code: DocumentedCode,
  item: Item,
  answered: {
    readonly ref: Ref
    readonly status: number
    readonly wireMessage: string
    readonly details: Json
  }
): Documented.DocumentedError => {
  switch (code) {
    case "INVALID_MODULE":
      return sameMessage(item.message, catalogue.UnsupportedModule.message)
        ? new Documented.UnsupportedModule({ ...answered, code }, unchecked)
        : new Documented.InvalidModule({ ...answered, code }, unchecked)
    case "INVALID_URL_PATTERN":
      return new Documented.InvalidUrlPattern({ ...answered, code }, unchecked)
    case "OAUTH_SCOPE_MISMATCH":
      return new Documented.OAuthScopeMismatch({ ...answered, code }, unchecked)
    case "NO_PERMISSION":
      return new Documented.NoPermission({ ...answered, code }, unchecked)
    case "INTERNAL_ERROR":
      return new Documented.InternalError({ ...answered, code }, unchecked)
    case "INVALID_REQUEST_METHOD":
      return new Documented.InvalidRequestMethod({ ...answered, code }, unchecked)
    case "AUTHORIZATION_FAILED":
      return new Documented.AuthorizationFailed({ ...answered, code }, unchecked)
    case "INVALID_DATA":
      return new Documented.InvalidData({ ...answered, code, target: target(item.details) }, unchecked)
  }
}

/** The two rows of INVALID_MODULE differ in their message alone, whose case, outer space and final dot vary. */
const sameMessage = (message: string | undefined, documentedMessage: string): boolean =>
  message?.trim().replace(/\.$/, "").trim().toLowerCase() === documentedMessage.toLowerCase()

/** `resource_path_index` counts the segments of the path behind the version, of which the third is "Attachments". */
const target = (details: unknown): Documented.InvalidData["target"] => {
  switch (own(details, "resource_path_index")) {
    case 0:
      return "module"
    case 1:
      return "record"
    case 3:
      return "attachment"
    default:
      return "unknown"
  }
}
