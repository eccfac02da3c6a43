/** A file's bytes as they come, once it is sure that they are the file's. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type ReadError, readFailure } from "../../errors/classify.ts"
import type { DownloadAttachmentError } from "../../errors/operations.ts"
import { ConnectionLost } from "../../errors/undocumented.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import type { AttachmentRef } from "../../models/ids.ts"
import { type Answer, readItem } from "../answer/item.ts"
import { codingOf, readAnswer } from "../request/body.ts"
import { attachment, common, type Operation, requestOf, withReplay } from "../request/call.ts"
import { attempted, inTime, mostOfAnswer, open } from "../request/exchange.ts"
import { transportError } from "../request/transport.ts"

export const downloading: Operation<AttachmentRef> = { method: "GET", ...attachment, accept: "*/*" }

type Bytes = Stream.Stream<Uint8Array, DownloadAttachmentError>

/** Succeeds when it is sure that the bytes are the file's; they flow while the scope is open. */
export const download = (
  ref: AttachmentRef
): Effect.Effect<Bytes, DownloadAttachmentError, HttpClient.HttpClient | BiginAuth | Scope.Scope> =>
  Effect.flatMap(common, (common) =>
    withReplay(common, (credentials, secrets) =>
      Effect.gen(function* () {
        const request = yield* requestOf(downloading, ref, common, credentials)
        const response = yield* attempted(ref, open(request))
        return yield* fileOf(response, ref, (answer, problem) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            Effect.fail(readFailure(answer, { ref, secrets, now }, problem))
          )
        )
      })
    )
  )

/** The file of an answer, unless its head or its text says that it is none. */
const fileOf = (
  response: HttpClientResponse,
  ref: AttachmentRef,
  refused: (answer: Answer, problem?: string) => Effect.Effect<never, ReadError>
) =>
  Effect.gen(function* () {
    const { headers, status } = response
    if (!isOk(status)) return yield* refused(yield* answerOf(response, ref))

    const problem = problemOf(response)
    if (problem !== undefined) {
      const answer = isNamed(response) ? unread(response) : yield* answerOf(response, ref)
      // that it is no file says more than that its text is too long, or coded, to be read
      return yield* refused(answer.problem === undefined ? answer : { ...answer, problem }, problem)
    }

    const pull = yield* pullOf(response, ref)
    const rest = Stream.repeatEffectChunkOption(pull)
    if (isNamed(response)) return rest
    const head = yield* headOf(pull)
    if (head.isWhole) {
      const body = textOf(head.pieces)
      return readItem(body).kind === "error"
        ? yield* refused({ headers, status, body })
        : Stream.fromIterable(head.pieces)
    }
    return Stream.concat(Stream.fromChunk(Chunk.unsafeFromArray(head.pieces)), rest)
  })

/** Why a success is no file, as far as its head tells. */
const problemOf = (response: HttpClientResponse): string | undefined => {
  const { headers, status } = response
  if (status === 206) return "it is a part of a file"
  if (status !== 200) return "a file comes with the status 200 alone"
  const coding = codingOf(headers)
  // no header tells whether the client has undone it, nor what it would have done with a file that it could not undo
  if (coding !== undefined) return `it has the content-encoding ${JSON.stringify(coding.slice(0, 64))}`
  return isNamed(response) || !isPage(response)
    ? undefined
    : "its type is that of a page or of JSON, and no content-disposition calls it a file"
}

const isOk = (status: number): boolean => status >= 200 && status < 300

const isNamed = ({ headers }: HttpClientResponse): boolean => headers["content-disposition"] !== undefined

/** JSON is what Bigin's errors are, HTML what a gateway says. */
const isPage = ({ headers }: HttpClientResponse): boolean => {
  const [type = ""] = (headers["content-type"] ?? "").toLowerCase().split(";")
  return /\b(?:json|x?html)\b/.test(type)
}

/** A file is not read to be refused. */
const unread = ({ headers, status }: HttpClientResponse): Answer => ({ headers, status, body: "" })

/** The text of what is no file. A coding that the client failed to undo has a text of which nothing is known. */
const answerOf = (response: HttpClientResponse, ref: AttachmentRef) => {
  const answer = attempted(ref, readAnswer(response, mostOfAnswer))
  return response.status === 200 && codingOf(response.headers) !== undefined
    ? Effect.orElseSucceed(answer, () => unread(response))
    : answer
}

interface Head {
  readonly pieces: ReadonlyArray<Uint8Array>
  readonly isWhole: boolean
}

/** As much of the beginning as tells whether the whole is a JSON object of at most `mostOfHead` bytes. */
const headOf = <E>(pull: Pull<E>): Effect.Effect<Head, E> =>
  Effect.suspend(() => {
    const pieces: Array<Uint8Array> = []
    let size = 0
    let first: number | undefined
    const more: Effect.Effect<Head, E> = Effect.matchEffect(pull, {
      onFailure: Option.match({ onNone: () => Effect.succeed({ pieces, isWhole: true }), onSome: Effect.fail }),
      onSuccess: (chunk) => {
        for (const piece of chunk) {
          pieces.push(piece)
          size += piece.length
          first ??= piece.find((byte) => !blanks.has(byte))
        }
        return size <= mostOfHead && (first === undefined || first === openingBrace)
          ? more
          : Effect.succeed({ pieces, isWhole: false })
      }
    })
    return more
  })

/** An error of Bigin's is not longer. */
const mostOfHead = 65_536

/** What may stand before JSON: white space, and the three bytes of a byte order mark. */
const blanks: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf])
const openingBrace = 0x7b

const textOf = (pieces: ReadonlyArray<Uint8Array>): string => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode()
}

/** The next pieces, or how the body ended: with nothing, where it is whole. */
type Pull<E = DownloadAttachmentError> = Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<E>>

/** The body, in time and with as many bytes as it said, with the failures of the transport as what they prove. */
const pullOf = (response: HttpClientResponse, ref: AttachmentRef): Effect.Effect<Pull, never, Scope.Scope> =>
  Effect.gen(function* () {
    const pull = Effect.mapError(
      yield* Stream.toPull(response.stream),
      Option.flatMap((error): Option.Option<DownloadAttachmentError> =>
        isEmpty(error) ? Option.none() : Option.some(transportError(error, ref))
      )
    )
    const lost: Option.Option<DownloadAttachmentError> = Option.some(new ConnectionLost({ ref, reason: "unknown" }))
    const length = lengthOf(response)
    let received = 0
    // the timeout counts while a piece is waited for, never while the consumer is busy with the one before
    return inTime(ref, pull, (late): Option.Option<DownloadAttachmentError> => Option.some(late)).pipe(
      Effect.mapError((end) => (Option.isNone(end) && length !== undefined && received < length ? lost : end)),
      Effect.filterOrFail(
        (chunk) => {
          for (const piece of chunk) received += piece.length
          return length === undefined || received <= length
        },
        () => lost
      )
    )
  })

/** How many bytes an answer said. Some clients let one that was cut pass for a whole one. */
const lengthOf = ({ headers }: HttpClientResponse): number | undefined => {
  const told = headers["content-length"]?.trim() ?? ""
  const length = /^\d+$/.test(told) ? Number(told) : Number.NaN
  return Number.isSafeInteger(length) ? length : undefined
}

/** How the platform tells of an answer that has no body at all. */
const isEmpty = (error: HttpClientError): boolean => error._tag === "ResponseError" && error.reason === "EmptyBody"
