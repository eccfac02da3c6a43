/**
 * Reads Bigin's answer. Pure and total: whatever came, it is exactly one outcome.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { unchecked, withoutFrames } from "./biginError.ts"
import { catalogue, type DocumentedCode } from "./catalogue.ts"
import type { Ref } from "./fields.ts"
import { type Answer, type Item, readItem, retryAfter, unreadable } from "../internal/answer/item.ts"
import { type Json, jsonOrNull, own } from "../internal/answer/json.ts"
import { scrubber } from "../internal/answer/scrub.ts"
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
export type AnswerError = ReadError | Undocumented.UnconfirmedSuccess

/** What an answer to a read can fail with: one that does not confirm is no answer at all. */
export type ReadError =
  | Documented.DocumentedError
  | Undocumented.InvalidToken
  | Undocumented.RateLimited
  | Undocumented.ServiceFault
  | Undocumented.UnrecognizedCode
  | Undocumented.MalformedResponse

/** Of a DELETE: success is a success item for the very id that was asked for, under a 2xx. Everything else is one failure. */
export const classify = (answer: Answer, asked: Asked): Either.Either<AttachmentRef, AnswerError> => {
  const item = itemOf(answer)
  const id = confirmedId(answer, item)
  if (id === asked.ref.attachmentId) return Either.right(asked.ref)
  return Either.left(withoutFrames(() => unconfirmed(answer, item, asked, "it confirms another id")))
}

/** Of an upload: success is a success item under a 2xx with the id of what is new. Everything else is one failure. */
export const classifyUpload = (answer: Answer, asked: Asked<RecordRef>): Either.Either<AttachmentRef, AnswerError> => {
  const item = itemOf(answer)
  const attachmentId = confirmedId(answer, item)
  if (isAttachmentId(attachmentId)) return Either.right({ ...asked.ref, attachmentId })
  return Either.left(withoutFrames(() => unconfirmed(answer, item, asked, "it confirms an id that is none of Bigin's")))
}

const isAttachmentId = Schema.is(AttachmentId)

/** A text that was cut or stayed coded is not read: a part of it may look like an item. */
const itemOf = (answer: Answer): Item =>
  answer.problem === undefined ? readItem(answer.body) : unreadable(answer.problem)

/** The id of a success item under a 2xx, if it has one. */
const confirmedId = ({ status }: Answer, item: Item): unknown =>
  item.kind === "success" && isOk(status) ? own(item.details, "id") : undefined

/** Why nothing is confirmed; `otherId` is what to say of an id that is not the one to expect. */
const unconfirmed = (answer: Answer, item: Item, asked: Asked<Ref>, otherId: string): AnswerError => {
  const error = failure(answer, item, asked)
  if (error !== undefined) return error
  if (item.kind !== "success" && !isOk(answer.status)) return malformed(answer, item, asked)
  const problem = doubt(answer, item, otherId)
  return new Undocumented.UnconfirmedSuccess(
    { ...unread(answer, item, asked), ...(problem === undefined ? {} : { problem: kept(problem, asked) }) },
    unchecked
  )
}

/** What there is to say of a success beyond that it confirms nothing. */
const doubt = (answer: Answer, item: Item, otherId: string): string | undefined => {
  if (item.kind !== "success") return answer.problem
  if (!isOk(answer.status)) return "its status is not one of success"
  return typeof own(item.details, "id") === "string" ? otherId : "it confirms no id"
}

/**
 * Why an answer to a read is not the one that was asked for. `problem` is the rule that it broke, where the read found one: "a
 * row is of another record". It counts where none of Bigin's failures explains the answer.
 */
export const readFailure = (answer: Answer, asked: Asked<Ref>, problem?: string): ReadError => {
  const item = itemOf(answer)
  return withoutFrames(() => failure(answer, item, asked) ?? malformed(answer, item, asked, problem))
}

const malformed = (answer: Answer, item: Item, asked: Asked<Ref>, problem = brokenRule(answer, item)) =>
  new Undocumented.MalformedResponse(
    { ...unread(answer, item, asked), problem: kept(answer.problem ?? problem, asked) },
    unchecked
  )

const brokenRule = ({ status }: Answer, item: Item): string => {
  // of a redirect that is not followed a browser shows no more (fetch.spec.whatwg.org, "opaque-redirect filtered response")
  if (status === 0) return "it is a redirect that the browser keeps to itself"
  if (status >= 300 && status < 400 && status !== 304) return "it is a redirect, and none is followed"
  return item.kind === "none" ? item.problem : "it is a success of something else"
}

/**
 * The first rule that matches decides, on the answer as it came; what goes into the error is scrubbed and cut. Undefined of
 * what is neither a failure of Bigin's nor of a gateway's: a success that does not confirm, or an answer out of protocol.
 */
const failure = (
  answer: Answer,
  item: Item,
  asked: Asked<Ref>
): Exclude<ReadError, Undocumented.MalformedResponse> | undefined => {
  const { status } = answer
  if (status === 429) {
    return new Undocumented.RateLimited({ ...unread(answer, item, asked), ...patience(answer, asked) }, unchecked)
  }
  if (item.kind === "error" && isTokenCode(item.code)) {
    return new Undocumented.InvalidToken({ ...answered(answer, item, asked), code: item.code }, unchecked)
  }
  if (item.kind === "error" && isDocumentedCode(item.code)) {
    return documented(item.code, item, answered(answer, item, asked))
  }
  if (item.kind === "success") return undefined
  if (status >= 500 || (item.kind === "none" && gaveUp.has(status))) {
    return new Undocumented.ServiceFault({ ...unread(answer, item, asked), ...patience(answer, asked) }, unchecked)
  }
  if (item.kind === "none") return undefined
  const code = scrubber(asked.secrets).head(item.code, mostCode)
  return new Undocumented.UnrecognizedCode({ ...answered(answer, item, asked), code }, unchecked)
}

const isOk = (status: number): boolean => status >= 200 && status < 300

/**
 * By what gateways give up on a request that may have arrived: Request Timeout, and what load balancers of AWS (460) and nginx
 * (499) say when the connection to them was closed.
 */
const gaveUp: ReadonlySet<number> = new Set([408, 460, 499])

const isTokenCode = (code: string): code is Undocumented.InvalidToken["code"] =>
  code === "INVALID_TOKEN" || code === "AUTHENTICATION_FAILURE"

const documentedCodes: ReadonlySet<string> = new Set(Object.values(catalogue).map(({ code }) => code))

const isDocumentedCode = (code: string): code is DocumentedCode => documentedCodes.has(code)

const mostCode = 256
const mostMessage = 4096
const mostBody = 512
const mostProblem = 256

/** What is kept of an answer with a code. */
const answered = ({ status }: Answer, item: Item, { ref, secrets }: Asked<Ref>): Answered => {
  const scrub = scrubber(secrets)
  return {
    ref,
    status,
    wireMessage: scrub.head(item.message ?? "", mostMessage),
    details: scrub.json(jsonOrNull(item.details))
  }
}

interface Answered {
  readonly ref: Ref
  readonly status: number
  readonly wireMessage: string
  readonly details: Json
}

/** What is kept of an answer without a known code: what could be read of it, and its text where nothing could. */
const unread = ({ body, status }: Answer, item: Item, { ref, secrets }: Asked<Ref>) => {
  const scrub = scrubber(secrets)
  return {
    ref,
    status,
    details: scrub.json(jsonOrNull(item.details)),
    ...(item.code === undefined ? {} : { code: scrub.head(item.code, mostCode) }),
    ...(item.message === undefined ? {} : { wireMessage: scrub.head(item.message, mostMessage) }),
    ...(item.kind === "none" && body !== "" ? { body: scrub.head(body, mostBody) } : {})
  }
}

/** A problem may quote what came, such as the name of a coding. */
const kept = (problem: string, { secrets }: Asked<Ref>): string => scrubber(secrets).head(problem, mostProblem)

const patience = ({ headers }: Answer, { now }: Asked<Ref>): { readonly retryAfter?: Duration.Duration } => {
  const after = retryAfter(headers, now)
  return after === undefined ? {} : { retryAfter: after }
}

const documented = (code: DocumentedCode, item: Item, answered: Answered): Documented.DocumentedError => {
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
