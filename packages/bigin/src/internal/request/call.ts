/** One call of the API, from what it is about to what Bigin answered: the token, the request, its answer, and one replay. */
import type { HttpBody } from "@effect/platform/HttpBody"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Asked } from "../../errors/classify.ts"
import type { Ref } from "../../errors/fields.ts"
import type { BiginError } from "../../errors/operations.ts"
import {
  type ConnectionFailed,
  type ConnectionLost,
  InvalidToken,
  type RequestTimedOut,
  type TokenRejected,
  type TokenUnreachable
} from "../../errors/undocumented.ts"
import { BiginAuth, type Credentials, sendable, tokenOf } from "../../models/credentials.ts"
import type { AttachmentRef, RecordRef } from "../../models/ids.ts"
import { ApiVersion, AttemptTimeout } from "../../models/settings.ts"
import type { Answer } from "../answer/item.ts"
import { refused } from "./departure.ts"
import { exchanged } from "./exchange.ts"
import { annotate, traced } from "./span.ts"

/** What tells one call of the API from another. */
export interface Operation<R extends Ref> {
  readonly method: "DELETE" | "GET" | "POST"
  /** The path behind the version, with the names of a ref's fields in braces: for spans, which hold no ids. */
  readonly route: string
  /** The same path for a ref, whose fields were checked and are their own URL encoding. */
  readonly path: (ref: R) => string
  /** What the answer may be: JSON unless given. */
  readonly accept?: string
  /** How many bytes of an answer are read: 1 MiB unless given. */
  readonly most?: number
}

export const attachment = {
  route: "/{module}/{recordId}/Attachments/{attachmentId}",
  path: ({ attachmentId, module, recordId }: AttachmentRef) => `/${module}/${recordId}/Attachments/${attachmentId}`
}

export const attachments = {
  route: "/{module}/{recordId}/Attachments",
  path: ({ module, recordId }: RecordRef) => `/${module}/${recordId}/Attachments`
}

/** What goes along with a call: the query of its URL, encoded and with its "?", and a body. */
export interface Sent {
  readonly query?: string
  readonly body?: HttpBody
}

export type CallError =
  | TokenRejected
  | TokenUnreachable
  | InvalidToken
  | ConnectionFailed
  | ConnectionLost
  | RequestTimedOut

/** What the calls of a collection have in common; a call by itself has its own. */
export interface Common {
  readonly auth: BiginAuth["Type"]
  readonly version: ApiVersion["Type"]
  /** How long an attempt may take. */
  readonly after: Duration.Duration
  readonly clock: Clock.Clock
  /** The last request, for the next one: its token is mostly the same. */
  prepared: Prepared | undefined
}

/** A request whose URL is the origin alone, without a body, and what it was made of. */
interface Prepared {
  readonly operation: object
  readonly token: string
  readonly apiOrigin: string
  readonly request: HttpClientRequest.HttpClientRequest
}

/** Read once for many calls: it is a quarter of what a call does. */
export const common: Effect.Effect<Common, never, BiginAuth> = Effect.flatMap(BiginAuth, (auth) =>
  Effect.flatMap(ApiVersion, (version) =>
    Effect.flatMap(AttemptTimeout, (after) =>
      Effect.map(Effect.clock, (clock) => ({ auth, version, after, clock, prepared: undefined }))
    )
  )
)

/** As `callOf`, for one call. */
export const call = <R extends Ref, A, E>(
  operation: Operation<R>,
  ref: R,
  read: (answer: Answer, asked: Asked<R>) => Either.Either<A, E>,
  sent?: Sent
): Effect.Effect<A, E | CallError, HttpClient.HttpClient | BiginAuth> =>
  Effect.flatMap(common, (common) => callOf(common, operation, ref, read, sent))

/** Sends one request, and one more where Bigin refused the token and there is another; `read` says what an answer means. */
export const callOf = <R extends Ref, A, E>(
  common: Common,
  operation: Operation<R>,
  ref: R,
  read: (answer: Answer, asked: Asked<R>) => Either.Either<A, E>,
  sent?: Sent
): Effect.Effect<A, E | CallError, HttpClient.HttpClient> =>
  withReplay(common, (credentials, secrets) =>
    Effect.flatMap(requestOf(operation, ref, common, credentials, sent), (request) =>
      Effect.flatMap(exchanged(request, ref, common.after, operation.most), (answer) =>
        read(answer, { ref, secrets, now: common.clock.unsafeCurrentTimeMillis() })
      )
    )
  )

/** The span of an operation, whose failures are told by their tags. */
export const operating =
  <Asked extends Ref>({ method, route }: Operation<Asked>) =>
  <A, E extends BiginError, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    traced(
      method,
      Effect.map(ApiVersion, (version) => `/bigin/${version}${route}`),
      ({ _tag }: E) => _tag
    )(self)

/**
 * Runs an attempt with the layer's credentials, and once more with others if Bigin refused those. Such a refusal means
 * that nothing was done, so this repeats nothing. `secrets` are all tokens that the answer could echo.
 */
export const withReplay = <A, E, R>(
  { auth }: Common,
  attempt: (credentials: Credentials, secrets: ReadonlyArray<string>) => Effect.Effect<A, E | InvalidToken, R>
): Effect.Effect<A, E | InvalidToken | TokenRejected | TokenUnreachable, R> =>
  Effect.flatMap(auth.credentials, (first) => {
    // the token itself: who renews may wipe what was refused
    const token = tokenOf(first)
    const replay = (refusal: InvalidToken) =>
      refused(refusal).pipe(
        Effect.flatMap((goesOn) => (goesOn ? auth.renew(first) : Effect.succeedNone)),
        Effect.flatMap(
          Option.match({
            onNone: () => Effect.fail(refusal),
            onSome: (second) =>
              Effect.zipRight(
                annotate(() => ({ "http.request.resend_count": 1 })),
                attempt(second, [token, tokenOf(second)])
              )
          })
        )
      )
    return Effect.catchIf(attempt(first, [token]), isRefusal, replay)
  })

const isRefusal = (error: unknown): error is InvalidToken => error instanceof InvalidToken

/** The request of an operation, with the token. */
export const requestOf = <R extends Ref>(
  operation: Operation<R>,
  ref: R,
  common: Common,
  credentials: Credentials,
  { body, query = "" }: Sent = {}
): Either.Either<HttpClientRequest.HttpClientRequest, TokenRejected> =>
  Either.map(prepare(operation, common, credentials), ({ request }) => {
    const url = `${request.url}/bigin/${common.version}${operation.path(ref)}${query}`
    const one = HttpClientRequest.setUrl(request, url)
    return body === undefined ? one : HttpClientRequest.setBody(one, body)
  })

/** Made once for a token: its headers are a microsecond of the fifteen that a call takes without a network. */
const prepare = (
  operation: Operation<never>,
  common: Common,
  credentials: Credentials
): Either.Either<Prepared, TokenRejected> => {
  const { prepared } = common
  const { apiOrigin } = credentials
  if (
    prepared?.operation === operation &&
    prepared.token === tokenOf(credentials) &&
    prepared.apiOrigin === apiOrigin
  ) {
    return Either.right(prepared)
  }
  return Either.map(sendable(credentials), ({ origin, token }) => {
    const accept = operation.accept ?? "application/json"
    const headers = { authorization: `Zoho-oauthtoken ${token}`, accept, ...everyHeader }
    const request = HttpClientRequest.make(operation.method)(origin, { headers })
    return (common.prepared = { operation, token, apiOrigin, request })
  })
}

/** A browser sends its own name, and lets nobody touch it. */
const isBrowser = (): boolean => (globalThis.navigator?.userAgent ?? "").startsWith("Mozilla/")

/** What a request bears, whoever asks for what. */
export const everyHeader = {
  // coded bytes would be given as a file
  "accept-encoding": "identity",
  ...(isBrowser() ? {} : { "user-agent": "effect-bigin/0.1.0" })
}
