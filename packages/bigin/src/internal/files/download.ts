/** A file's bytes as they come, once it is sure that they are the file's. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import { type ReadError, readFailure } from "../../errors/classify.ts"
import type { DownloadAttachmentError } from "../../errors/operations.ts"
import { ConnectionLost } from "../../errors/undocumented.ts"
import { readItem } from "../answer/item.ts"
import {
  attachment,
  attempted,
  inTime,
  mostOfAnswer,
  open,
  type Operation,
  requestOf,
  withReplay
} from "../request/call.ts"
import { readAnswer } from "../request/body.ts"
import type { Answer } from "../answer/item.ts"
import { transportError } from "../request/transport.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import type { AttachmentRef } from "../../models/ids.ts"

export const downloading: Operation<AttachmentRef> = { method: "GET", ...attachment, accept: "*/*" }

type Bytes = Stream.Stream<Uint8Array, DownloadAttachmentError>

/** Succeeds when the headers are there; the bytes flow while the scope is open. */
export const download = (
  ref: AttachmentRef
): Effect.Effect<Bytes, DownloadAttachmentError, HttpClient.HttpClient | BiginAuth | Scope.Scope> =>
  withReplay((credentials, secrets) =>
    Effect.gen(function* () {
      const request = yield* requestOf(downloading, ref, credentials)
      const response = yield* attempted(ref, open(request))
      if (response.status !== 200) {
        return yield* refusal(yield* attempted(ref, readAnswer(response, mostOfAnswer)), ref, secrets)
      }
      return yield* fileOf(response, ref, secrets)
    })
  )

const refusal = (answer: Answer, ref: AttachmentRef, secrets: ReadonlyArray<string>): Effect.Effect<never, ReadError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(readFailure(answer, { ref, secrets, now })))

/** A 200 is the file, unless nothing calls it a file and it is an error of Bigin's or the page of a gateway. */
const fileOf = (response: HttpClientResponse, ref: AttachmentRef, secrets: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { headers, status } = response
    const bytes = bytesOf(response, ref)
    const type = headers["content-type"]?.toLowerCase() ?? ""
    const isPage = type.includes("html")
    if (headers["content-disposition"] !== undefined || !(isPage || type.includes("json"))) return bytes

    const [head, rest] = yield* Stream.peel(bytes, headSink)
    const body = new TextDecoder().decode(joined(head.pieces))
    return isPage || (head.size <= mostHead && readItem(body).kind === "error")
      ? yield* refusal({ status, headers, body }, ref, secrets)
      : Stream.concat(Stream.fromIterable(head.pieces), rest)
  })

/** An error of Bigin's is not longer. */
const mostHead = 65_536

interface Head {
  readonly pieces: ReadonlyArray<Uint8Array>
  readonly size: number
}

/** As much of the beginning as tells whether all of it is within `mostHead`. */
const headSink = Sink.fold(
  { pieces: [], size: 0 },
  ({ size }: Head) => size <= mostHead,
  ({ pieces, size }: Head, piece: Uint8Array): Head => ({ pieces: [...pieces, piece], size: size + piece.length })
)

const joined = (pieces: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  pieces.reduce((offset, piece) => {
    whole.set(piece, offset)
    return offset + piece.length
  }, 0)
  return whole
}

/** The body with the failures of the transport as what they prove, in time and not cut. */
const bytesOf = (response: HttpClientResponse, ref: AttachmentRef): Bytes =>
  response.stream.pipe(
    Stream.catchAll((error) => (isEmpty(error) ? Stream.empty : Stream.fail(transportError(error, ref)))),
    withoutSilence(ref),
    measured(response, ref)
  )

/** How the platform tells of an answer that has no body at all. */
const isEmpty = (error: HttpClientError): boolean => error._tag === "ResponseError" && error.reason === "EmptyBody"

/** The timeout of an attempt counts while a piece is waited for, never while the consumer is busy with the one before. */
const withoutSilence =
  (ref: AttachmentRef) =>
  (bytes: Bytes): Bytes =>
    Stream.unwrapScoped(
      Effect.map(Stream.toPull(bytes), (pull) => Stream.repeatEffectChunkOption(inTime(ref, pull, Option.some)))
    )

/** Some clients let a body that was cut pass for a whole one. What was encoded on its way has another length than is told. */
const measured =
  ({ headers }: HttpClientResponse, ref: AttachmentRef) =>
  (bytes: Bytes): Bytes => {
    const told = headers["content-length"] ?? ""
    if (headers["content-encoding"] !== undefined || !/^\d+$/.test(told)) return bytes
    const length = Number(told)
    const lost = Effect.fail(new ConnectionLost({ ref, reason: "unknown" }))

    return Stream.suspend(() => {
      let received = 0
      const counted = Stream.tap(bytes, (piece) => {
        received += piece.length
        return received > length ? lost : Effect.void
      })
      return Stream.concat(counted, Stream.execute(Effect.suspend(() => (received < length ? lost : Effect.void))))
    })
  }
