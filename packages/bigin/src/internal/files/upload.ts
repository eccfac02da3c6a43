/** What is sent to attach a file or a link: checked first, then framed as a form. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { Ref } from "../../errors/fields.ts"
import { ConnectionLost, type InvalidInput } from "../../errors/undocumented.ts"
import type { UploadFile } from "../../models/attachment.ts"
import { invalid, isSize, isWellFormed, readOnce } from "../../models/input.ts"

/** One part of a form. */
interface Part {
  readonly name: "file" | "attachmentUrl" | "title"
  readonly fileName?: string
  readonly content: Uint8Array | Source
}

/** Bytes that are not held: they come when they are sent, from the beginning each time. */
interface Source {
  readonly size: number
  readonly type: string
  /** Fails with the `reason` of ConnectionLost. */
  readonly bytes: Stream.Stream<Uint8Array, string>
}

/** What a caller gave, unchecked. */
interface Given {
  readonly fileName?: unknown
  readonly content?: unknown
  readonly size?: unknown
  readonly linkUrl?: unknown
  readonly title?: unknown
}

/** The parts of the form, or what is wrong with the first of them. Callers without types may pass anything. */
export const parseUploadFile = (file: UploadFile): Either.Either<ReadonlyArray<Part>, InvalidInput> => {
  const given = readOnce(file, ({ content, fileName, linkUrl, size, title }: Given) => ({
    content,
    fileName,
    linkUrl,
    size,
    title
  }))
  const isFile = given?.fileName !== undefined || given?.content !== undefined || given?.size !== undefined
  const isLink = given?.linkUrl !== undefined || given?.title !== undefined
  if (given === undefined || isFile === isLink) {
    return Either.left(invalid("file", "must be an object with fileName and content, or with linkUrl", file))
  }
  return isFile ? fileParts(given) : linkParts(given)
}

const fileParts = ({ content, fileName, size }: Given): Either.Either<ReadonlyArray<Part>, InvalidInput> =>
  isFileName(fileName)
    ? Either.map(contentOf(content, size), (read) => [{ name: "file", fileName, content: read }])
    : Either.left(invalid("fileName", "must be a well-formed name without slashes and control characters", fileName))

const contentOf = (content: unknown, size: unknown): Either.Either<Part["content"], InvalidInput> => {
  if (isStream(content)) {
    return isSize(size)
      ? Either.right(ofStream(content, size))
      : Either.left(invalid("file", "must have the size of its stream, a number of bytes", size))
  }
  if (size !== undefined) {
    return Either.left(invalid("file", "must have no size beside a content that tells its own", size))
  }
  if (isBytes(content)) {
    // a copy: the caller may go on to write into it, and clients take no shared memory
    return Either.try({
      try: () => new Uint8Array(content),
      catch: () => invalid("file", "was transferred away", content)
    })
  }
  const blob = ofBlob(content)
  return blob === undefined
    ? Either.left(invalid("file", "must have a Uint8Array, a Blob or a Stream as its content", content))
    : Either.right(blob)
}

const linkParts = ({ linkUrl, title }: Given): Either.Either<ReadonlyArray<Part>, InvalidInput> => {
  if (!isLink(linkUrl)) {
    return Either.left(invalid("linkUrl", "must be a well-formed URL of http or https", withoutUserinfo(linkUrl)))
  }
  if (withoutUserinfo(linkUrl) !== linkUrl) {
    const problem = "must have no user name and no password, which everybody who reads the record would see"
    return Either.left(invalid("linkUrl", problem, withoutUserinfo(linkUrl)))
  }
  const link: Part = { name: "attachmentUrl", content: encoded(linkUrl) }
  if (title === undefined) return Either.right([link])
  return typeof title === "string" && isWellFormed(title)
    ? Either.right([link, { name: "title", content: encoded(title) }])
    : Either.left(invalid("file", "must have a well-formed text as its title", title))
}

const isFileName = (name: unknown): name is string =>
  typeof name === "string" && /^[^/\\\p{Cc}]+$/u.test(name) && isWellFormed(name)

/** A URL parser would drop white space, and what is sent is the text. */
const isLink = (link: unknown): link is string =>
  typeof link === "string" && /^https?:/i.test(link) && !/[\s\p{Cc}\p{Cs}]/u.test(link) && URL.canParse(link)

/** Also of a link that is refused: an error must not keep a password. */
const withoutUserinfo = (link: unknown): unknown =>
  typeof link === "string" ? link.replace(/^([^:]*:[/\\]*)[^/\\?#]*@/, "$1") : link

/** Of any realm, where `instanceof` knows those of this one alone; the getter tells by what a value is made of. */
const isBytes = (value: unknown): value is Uint8Array =>
  ArrayBuffer.isView(value) &&
  Reflect.get(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, value) === "Uint8Array"

const isStream = (content: unknown): content is Stream.Stream<unknown, unknown> => {
  try {
    // throws for what only says that it is one
    return Predicate.hasProperty(content, Stream.StreamTypeId) && Stream.toChannel(content as never) !== undefined
  } catch {
    return false
  }
}

const ofStream = (stream: Stream.Stream<unknown, unknown>, size: number): Source => ({
  size,
  type: binary,
  // a caller's own error could pass for one of the connection
  bytes: measured(
    Stream.mapError(stream, () => "SourceFailed"),
    size
  )
})

/** A Blob or a File of any realm, by the names that it has everywhere. */
const ofBlob = (content: unknown): Source | undefined => {
  const blob = readOnce(content, (given: { readonly [K in keyof Blob | symbol]?: unknown }) => ({
    [Symbol.toStringTag]: given[Symbol.toStringTag],
    size: given.size,
    stream: given.stream,
    type: given.type
  }))
  if (blob === undefined) return undefined
  const { [Symbol.toStringTag]: tag, size, stream, type } = blob
  if ((tag !== "Blob" && tag !== "File") || !isSize(size) || typeof stream !== "function") return undefined
  const bytes = Stream.fromReadableStream(() => Reflect.apply(stream, content, []) as ReadableStream<unknown>, identity)
  return {
    size,
    type: typeof type === "string" && /^[ -~]+$/.test(type) ? type : binary,
    bytes: measured(
      // a reader that failed fails once more when it is cancelled, which the platform makes a defect of
      Stream.catchAllCause(bytes, (cause) => Stream.fail(faultOf(Cause.squash(cause)))),
      size
    )
  }
}

/** NotReadableError where a file has changed since it was opened. */
const faultOf = (error: unknown): string => (error instanceof DOMException ? error.name : "SourceFailed")

/** Exactly as many bytes as were said: the form tells its length before its content. */
const measured = (content: Stream.Stream<unknown, string>, size: number): Stream.Stream<Uint8Array, string> =>
  Stream.suspend(() => {
    let received = 0
    const counted = Stream.mapChunksEffect(content, (pieces) => {
      const bytes = Chunk.filter(pieces, isBytes)
      if (bytes.length < pieces.length) return Effect.fail("SourceFailed")
      received = Chunk.reduce(bytes, received, (sum, { length }) => sum + length)
      return received > size ? Effect.fail("SizeMismatch") : Effect.succeed(bytes)
    })
    const end = Effect.suspend(() => (received < size ? Effect.fail("SizeMismatch") : Effect.void))
    return Stream.concat(counted, Stream.execute(end))
  })

/**
 * Sends the parts as a form (RFC 7578). Not a FormData, since platform-node's undici client takes none but undici's own.
 *
 * A source may fail while it is sent, and clients tell that in different ways. So it is known here: what the source failed
 * with is what the upload fails with, and a success that came before the form was whole is not believed.
 */
export const sendForm = <A, E, R>(
  parts: ReadonlyArray<Part>,
  ref: Ref,
  send: (body: HttpBody.HttpBody) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | ConnectionLost, R> =>
  Effect.suspend(() => {
    const { pieces, type } = framed(parts)
    if (pieces.every(isBytes)) return send(HttpBody.uint8Array(joined(pieces), type))

    // a request that is sent once more runs the form anew
    let run: Run = { isWhole: true }
    const form = Stream.suspend(() => runOf(pieces, (run = { isWhole: false })))
    const lost = (cause: Cause.Cause<string>) =>
      Effect.failCause(Cause.map(cause, (reason) => new ConnectionLost({ ref, reason })))

    return send(HttpBody.stream(form, type, sizeOf(pieces))).pipe(
      Effect.catchAll((error): Effect.Effect<never, E | ConnectionLost> =>
        error instanceof ConnectionLost && run.cause !== undefined ? lost(run.cause) : Effect.fail(error)
      ),
      Effect.tap(() => (run.isWhole ? Effect.void : lost(run.cause ?? Cause.fail("unknown"))))
    )
  })

/** What became of a form while it was sent. */
interface Run {
  /** Whether the client was given all of it, or has not asked for any. */
  isWhole: boolean
  /** What its source failed with. */
  cause?: Cause.Cause<string>
}

const runOf = (pieces: ReadonlyArray<Part["content"]>, run: Run): Stream.Stream<Uint8Array, string> =>
  Stream.fromIterable(pieces).pipe(
    Stream.flatMap((piece) => {
      if (!isBytes(piece)) return piece.bytes
      return Stream.sync(() => {
        run.isWhole = piece === pieces.at(-1)
        return piece
      })
    }),
    Stream.tapErrorCause((cause) =>
      Effect.sync(() => {
        if (!Cause.isInterruptedOnly(cause)) run.cause = cause
      })
    )
  )

const framed = (parts: ReadonlyArray<Part>) => {
  const boundary = randomBoundary()
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    pieces: [
      ...parts.flatMap((part) => [encoded(`--${boundary}\r\n${headOf(part)}\r\n\r\n`), part.content, encoded("\r\n")]),
      encoded(`--${boundary}--\r\n`)
    ]
  }
}

/** 128 bits that nobody can guess, so that no file holds its own end. */
const randomBoundary = (): string =>
  `bigin-${Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")}`

/** Browsers write a quote in a name so (html.spec.whatwg.org, "multipart/form-data encoding algorithm"). */
const headOf = ({ content, fileName, name }: Part): string => {
  const disposition = `Content-Disposition: form-data; name="${name}"`
  if (fileName === undefined) return disposition
  const type = isBytes(content) ? binary : content.type
  return `${disposition}; filename="${fileName.replaceAll('"', "%22")}"\r\nContent-Type: ${type}`
}

const binary = "application/octet-stream"

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text)

const sizeOf = (pieces: ReadonlyArray<Part["content"]>): number =>
  pieces.reduce((sum, piece) => sum + (isBytes(piece) ? piece.length : piece.size), 0)

const joined = (pieces: ReadonlyArray<Uint8Array>): Uint8Array => {
  const whole = new Uint8Array(sizeOf(pieces))
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}
