/** The body of an answer as text: read to a bound, its coding undone. */
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Stream from "effect/Stream"
import type { Answer } from "../answer/item.ts"

/** An answer that tells so small a length is taken at once: a Stream costs more than all the rest of a call. */
const mostAtOnce = 16_384

/** Reads no more than `most` bytes of an answer. What is longer is left there, and holds no item. */
export const readAnswer = (response: HttpClientResponse, most: number): Effect.Effect<Answer, HttpClientError> => {
  const { headers, status } = response
  const coding = codingOf(headers)
  const length = headers["content-length"] ?? ""
  if (coding === undefined && (status === 204 || (/^\d{1,5}$/.test(length) && Number(length) <= mostAtOnce))) {
    return Effect.map(response.arrayBuffer, (bytes) => ({ status, headers, body: utf8.decode(bytes) }))
  }
  return readTo(most, response.stream).pipe(
    Effect.catchIf(isEmpty, () => Effect.succeed(nothing)),
    Effect.flatMap((body) => answerOf({ status, headers }, body, most))
  )
}

/** The text of what was read, its coding undone. */
export const answerOf = (head: Pick<Answer, "status" | "headers">, body: Body, most: number): Effect.Effect<Answer> => {
  const { headers, status } = head
  const coding = codingOf(headers)
  const answer = (body: Body): Answer => ({ status, headers, ...textOf(body, coding, most) })
  return coding === undefined ? Effect.succeed(answer(body)) : Effect.map(decoded(coding, body, most), answer)
}

/** How the platform tells of an answer that has no body at all. */
const isEmpty = (error: HttpClientError): boolean => error._tag === "ResponseError" && error.reason === "EmptyBody"

/** The content-coding of an answer, unless there is none to undo. */
export const codingOf = (headers: Answer["headers"]): string | undefined => {
  const given = headers["content-encoding"]?.trim().toLowerCase() ?? ""
  return given === "" || given === "identity" ? undefined : given
}

/** Bytes of which there may be more. */
interface Body {
  readonly bytes: Uint8Array
  readonly isWhole: boolean
}

const nothing: Body = { bytes: new Uint8Array(), isWhole: true }

/** Copies no byte more often than twice, however small the pieces are: the room for them doubles. */
const readTo = <E>(most: number, pieces: Stream.Stream<Uint8Array, E>): Effect.Effect<Body, E> =>
  Effect.suspend(() => {
    let room = new Uint8Array(mostAtOnce)
    let size = 0
    const take = (piece: Uint8Array) => {
      const taken = piece.subarray(0, most + 1 - size)
      if (size + taken.length > room.length) {
        const larger = new Uint8Array(Math.min(most + 1, Math.max(2 * room.length, size + taken.length)))
        larger.set(room)
        room = larger
      }
      room.set(taken, size)
      size += taken.length
      return size <= most
    }
    return pieces.pipe(
      Stream.runForEachWhile((piece) => Effect.sync(() => take(piece))),
      Effect.map(() => ({ bytes: room.subarray(0, size), isWhole: size <= most }))
    )
  })

/** A byte order mark stays: what it means is for who reads the text. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })
const strictUtf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true })

const textOf = (
  { bytes, isWhole }: Body,
  coding: string | undefined,
  most: number
): Pick<Answer, "body" | "problem"> => {
  if (!isWhole) return { body: utf8.decode(bytes.subarray(0, mostAtOnce)), problem: `it is longer than ${most} bytes` }
  if (coding === undefined || isUtf8(bytes)) return { body: utf8.decode(bytes) }
  return {
    body: "",
    problem: `it has the content-encoding ${JSON.stringify(coding.slice(0, 64))}, which could not be undone`
  }
}

/** Coded bytes are none. */
const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    strictUtf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

/**
 * Requests ask for no coding, and a gateway may code its answer all the same. No header tells whether the client has undone it,
 * as fetch does; so the bytes do. What is coded in another way than is said, or was cut, stays as it is.
 */
const decoded = (coding: string, body: Body, most: number): Effect.Effect<Body> => {
  const format = body.isWhole ? formatOf(coding, body.bytes) : undefined
  if (format === undefined) return Effect.succeed(body)
  const source = new Blob([body.bytes as Uint8Array<ArrayBuffer>]) // made by readTo
  const pieces = Stream.fromReadableStream(() => source.stream().pipeThrough(new DecompressionStream(format)), identity)
  // a small body may be that of a large answer
  return Effect.orElseSucceed(readTo(most, pieces), () => body)
}

/** What the platform can undo, where the bytes begin as that format does. */
const formatOf = (coding: string, bytes: Uint8Array): CompressionFormat | undefined => {
  if (typeof DecompressionStream === "undefined") return undefined
  const [first = 0, second = 0] = bytes
  if (coding === "gzip" || coding === "x-gzip") return first === 0x1f && second === 0x8b ? "gzip" : undefined
  if (coding !== "deflate" || isUtf8(bytes)) return undefined
  // in the frame of zlib, as the standard has it, or without, as some servers do
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0 ? "deflate" : "deflate-raw"
}
