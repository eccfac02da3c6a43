/**
 * The operations on the files attached to a record. Each has its own error union in its signature.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type { Predicate } from "effect/Predicate"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { classify, classifyUpload } from "./errors/classify.ts"
import type {
  ArchiveThenDeleteError,
  CollectionStopped,
  DeleteAttachmentError,
  DownloadAttachmentError,
  EnsureDeletedError,
  ListAttachmentsError,
  UploadAttachmentError
} from "./errors/operations.ts"
import { archive } from "./internal/files/archive.ts"
import { download, downloading } from "./internal/files/download.ts"
import { pagesOf, readWhole } from "./internal/files/list.ts"
import { parseUploadFile, sendForm } from "./internal/files/upload.ts"
import { ensure } from "./internal/proof/ensure.ts"
import { attachment, attachments, call, callOf, common, operating } from "./internal/request/call.ts"
import type { Attachment, DeletedAttachment, UploadedAttachment, UploadFile } from "./models/attachment.ts"
import type { DeleteManyOptions } from "./models/collection.ts"
import type { ArchivedDeletion, EnsuredDeletion } from "./models/deletion.ts"
import type { BiginAuth } from "./models/credentials.ts"
import type { DeleteReport } from "./models/collection.ts"
import { type AttachmentRef, parseAttachmentRef, parseRecordRef, type RecordRef } from "./models/ids.ts"
import * as many from "./internal/many/deleteMany.ts"
import * as Retry from "./Retry.ts"

export type {
  ArchiveThenDeleteError,
  DeleteAttachmentError,
  DownloadAttachmentError,
  EnsureDeletedError,
  ListAttachmentsError,
  UploadAttachmentError
} from "./errors/operations.ts"
export type { Attachment, DeletedAttachment, UploadedAttachment, UploadFile } from "./models/attachment.ts"
export type { DeleteManyOptions } from "./models/collection.ts"
export type { ArchivedDeletion, Deletion, EnsuredDeletion } from "./models/deletion.ts"

/**
 * Deletes a file or link attached to a record. It cannot be undone.
 *
 * Sends one request, and one more in a single case: Bigin refused the token, so nothing was deleted, and the auth layer
 * has another. It never retries, and succeeds only where Bigin confirms the very id. Retry with `Effect.retry(Retry.safely())`.
 *
 * - A failure with `mayHaveApplied` may have deleted the attachment.
 * - InvalidData with target "attachment" is what Bigin answers for one that is gone.
 *
 * Fails with
 * - nothing asked of Bigin, or refused for its token: InvalidInput (malformed id or module), TokenRejected,
 *   TokenUnreachable, ConnectionFailed;
 * - refused: InvalidModule, UnsupportedModule, InvalidUrlPattern, OAuthScopeMismatch, NoPermission,
 *   InvalidRequestMethod, AuthorizationFailed, InvalidData, InvalidToken, RateLimited, UnrecognizedCode,
 *   MalformedResponse;
 * - perhaps deleted: InternalError, ServiceFault, UnconfirmedSuccess, RequestTimedOut, ConnectionLost.
 *
 * Requests ask `fetch` for no redirect and no cache. They keep a `FetchHttpClient.RequestInit` of yours, such as one with a proxy's
 * dispatcher, if you merge it with the client: `Layer.merge(FetchHttpClient.layer, requestInit)`. If you provide it to the client's
 * layer alone, with `Layer.provide`, it is lost.
 *
 * Costs one API credit a request. From bigin.com/developer/docs/apis, "Delete an Attachment", v1 and v2.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 * import { BiginAuth, deleteAttachment } from "effect-bigin"
 *
 * const program = deleteAttachment({
 *   module: "Contacts",
 *   recordId: "2883756000000261075",
 *   attachmentId: "2883756000000261017"
 * }).pipe(
 *   Effect.andThen((deleted) => Effect.log(`${deleted.attachmentId} is gone`)),
 *   Effect.provide(Layer.provideMerge(BiginAuth.layerConfig, FetchHttpClient.layer))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const deleteAttachment = (
  input: AttachmentRef.Input
): Effect.Effect<DeletedAttachment, DeleteAttachmentError, HttpClient.HttpClient | BiginAuth> =>
  Effect.suspend(() => Effect.flatMap(parseAttachmentRef(input), deleteOnce)).pipe(deleting)

/** Of a ref that was checked. */
const deleteOnce = (ref: AttachmentRef) => call(deletion, ref, classify)

const deletion = { method: "DELETE", ...attachment } as const
const deleting = operating(deletion)

/**
 * The files and links attached to a record, as a Stream; pages of up to 200 are fetched as they are needed. A record with
 * none, which Bigin answers with 204, is an empty Stream.
 *
 * Fails with the same errors as `deleteAttachment`, but for UnconfirmedSuccess. A list that cannot be told from half a list is
 * MalformedResponse, whose `problem` says which rule it broke:
 * - rows count only from a 200 with an array `data` and a boolean `info.more_records`, or none from a 204 for the first page;
 * - each row has an id and, where it names its record, this one;
 * - no page comes twice, none is empty in the middle, and none is missing where more rows were promised: then the list changed
 *   meanwhile;
 * - beyond ten pages it goes on by `next_page_token` alone, to 500 pages at most.
 *
 * With a `schedule` a page that failed for now (`Errors.isTransient`) is asked for again: that page alone, so no row is given twice
 * for it and none is left out. Each page has the whole schedule. Without one its failure comes out, and a retry around the Stream
 * begins with the first page.
 *
 * A mutation of somebody else between two pages may make a row slip; `select` reads until that is not so.
 *
 * Costs one API credit a page. From bigin.com/developer/docs/apis, "Attachments", v1 and v2; the fields are CRM's.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Attachments, Retry } from "effect-bigin"
 *
 * const names = Attachments.listAttachments({ module: "Contacts", recordId: "1" }, { schedule: Retry.schedule() }).pipe(
 *   Stream.runForEach(({ fileName = "a link", size = 0 }) => Effect.log(`${fileName}, ${size} bytes`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const listAttachments = (
  input: RecordRef.Input,
  options: ListOptions = {}
): Stream.Stream<Attachment, ListAttachmentsError, HttpClient.HttpClient | BiginAuth> =>
  Stream.unwrap(Effect.map(parseRecordRef(input), (ref) => pagesOf(ref, options.schedule))).pipe(
    Stream.mapConcatChunk(Chunk.unsafeFromArray)
  )

/**
 * What `listAttachments` and `select` take beside a record.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListOptions {
  /** When to ask for a page again that failed for now, and how often: never, unless it is given. It is given what the page failed with. */
  readonly schedule?: Schedule.Schedule<unknown, ListAttachmentsError> | undefined
}

/**
 * The refs of a record's attachments that meet a condition, in the order of the list. The list is read whole before any is
 * given, so that `deleteMany`, which takes them, does not change what is still to be read. Alone it is a dry run: it deletes
 * nothing.
 *
 * - The condition is asked once for each attachment. What the list does not tell is absent from an `Attachment`: say what is to
 *   become of those. What it throws is a defect.
 * - A list of one page, up to 200 rows, is a snapshot. One of several pages is none, since a row slips past while others delete. So
 *   it is read again until two readings in a row have the same rows, four times at most. One that does not hold still for that
 *   is MalformedResponse, whose `problem` says so.
 * - A page that failed for now is asked for again by the schedule, as by `listAttachments`, whose errors it has.
 *
 * Costs one API credit a page and reading. Memory grows with the list.
 *
 * @example
 * ```ts
 * import { DateTime, Effect, Stream } from "effect"
 * import { Attachments, DeleteReport, Retry } from "effect-bigin"
 *
 * const olderThanTwoYears = Effect.gen(function* () {
 *   const limit = DateTime.subtract(yield* DateTime.now, { years: 2 })
 *   return yield* Attachments.select(
 *     { module: "Contacts", recordId: "2883756000000261075" },
 *     ({ createdTime }) => createdTime !== undefined && DateTime.lessThan(createdTime, limit),
 *     { schedule: Retry.schedule() }
 *   )
 * })
 *
 * const dryRun = Effect.andThen(olderThanTwoYears, (refs) => Effect.log(`${refs.length} would be deleted`))
 *
 * const purge = Attachments.deleteMany(Stream.fromIterableEffect(olderThanTwoYears)).pipe(Stream.run(DeleteReport.summary))
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const select = (
  record: RecordRef.Input,
  predicate: Predicate<Attachment>,
  options: ListOptions = {}
): Effect.Effect<ReadonlyArray<AttachmentRef>, ListAttachmentsError, HttpClient.HttpClient | BiginAuth> =>
  Effect.gen(function* () {
    const ref = yield* parseRecordRef(record)
    const rows = yield* readWhole(ref, options.schedule)
    return rows.filter((row) => predicate(row)).map(({ id }) => ({ ...ref, attachmentId: id }))
  })

/**
 * The bytes of an attached file, as a Stream: they flow as they are pulled and are never held whole. A Stream that ends
 * early, fails or is interrupted aborts its request. Each run sends a request of its own, and one more in a single case: Bigin
 * refused the token, and the auth layer has another.
 *
 * `BiginConfig.AttemptTimeout` holds until the answer begins, and then for the silence between two pieces; the consumer's
 * own time never counts. Bytes that were given before a failure stay given, so begin anew with a retry: run the Stream inside of
 * what `Effect.retry(Retry.reads())` repeats.
 *
 * Fails with
 * - nothing asked of Bigin, or refused for its token: InvalidInput (malformed id or module), TokenRejected,
 *   TokenUnreachable, ConnectionFailed;
 * - refused: InvalidModule, UnsupportedModule, InvalidUrlPattern, OAuthScopeMismatch, NoPermission,
 *   InvalidRequestMethod, AuthorizationFailed, InvalidData, InvalidToken, RateLimited;
 * - UnrecognizedCode: among others the 400 DOWNLOAD_NOT_ALLOWED of a link attachment, which has no file (CRM's page);
 * - MalformedResponse: a success that is no file (below);
 * - it may succeed later: InternalError, ServiceFault, RequestTimedOut, and ConnectionLost, also where there were fewer or
 *   more bytes than the answer said.
 *
 * Of the answers with the status 200, which alone brings a file,
 * - one with a Content-Encoding is none, whatever its client has done with it, since its bytes may not be the file's. Requests
 *   ask for no coding, but a proxy may compress all the same, also one between a browser and Bigin. A `.gz` file without that
 *   header stays as it is, byte for byte;
 * - one with a Content-Disposition is the file, whatever its text;
 * - one without is none where its type is JSON or HTML, and none where its text reads as an error of Bigin's: that is the error.
 *   Any other is taken for the file, also where it has no type either.
 *
 * Costs one API credit. From bigin.com/developer/docs/apis, "Download an Attachment", v1 and v2.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Attachments } from "effect-bigin"
 *
 * const program = Attachments.downloadAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Stream.runFold(0, (size, piece) => size + piece.length),
 *   Effect.andThen((size) => Effect.log(`${size} bytes`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const downloadAttachment = (
  input: AttachmentRef.Input
): Stream.Stream<Uint8Array, DownloadAttachmentError, HttpClient.HttpClient | BiginAuth> =>
  Stream.unwrapScoped(
    Effect.suspend(() => Effect.flatMap(parseAttachmentRef(input), download)).pipe(operating(downloading))
  )

/**
 * Attaches a file or a link to a record.
 *
 * Sends one request, and one more in a single case: Bigin refused the token, so nothing was attached, and the auth layer
 * has another. It never retries, and succeeds only where Bigin tells the new id. A failure with `mayHaveApplied` may have
 * attached it, and a second upload would attach it twice: look at the list first, and retry with
 * `Effect.retry(Retry.safely())`, never with `Retry.reads()`.
 *
 * `BiginConfig.AttemptTimeout` spans the whole upload: give more than its 30 seconds for a large file.
 *
 * Fails with
 * - nothing asked of Bigin, or refused for its token: InvalidInput (malformed id, module, file or link), TokenRejected,
 *   TokenUnreachable, ConnectionFailed;
 * - refused: InvalidModule, UnsupportedModule, InvalidUrlPattern, OAuthScopeMismatch, NoPermission,
 *   InvalidRequestMethod, AuthorizationFailed, InvalidData, InvalidToken, RateLimited, UnrecognizedCode,
 *   MalformedResponse;
 * - perhaps attached: InternalError, ServiceFault, UnconfirmedSuccess, RequestTimedOut, ConnectionLost.
 *
 * What is wrong with the file itself while it is sent is ConnectionLost too, since a part of it may have left. No success is
 * believed then. Its `reason` is
 * - "NotReadableError" for a file that changed since `openAsBlob`;
 * - "SourceFailed" for a Stream or a Blob that failed;
 * - "SizeMismatch" for a Stream of fewer or more bytes than `size`.
 *
 * A Stream that dies makes the upload die. `fetch` sends a Blob and a Stream without their length, and a redirect of theirs is
 * ConnectionLost.
 *
 * Costs one API credit a request. From bigin.com/developer/docs/apis, "Upload an Attachment", v1 and v2; the names of the
 * form's parts are CRM's.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Attachments } from "effect-bigin"
 *
 * const program = Attachments.uploadAttachment(
 *   { module: "Contacts", recordId: "1" },
 *   { fileName: "hello.txt", content: new TextEncoder().encode("hello") }
 * ).pipe(Effect.andThen(({ attachmentId }) => Effect.log(`attached as ${attachmentId}`)))
 * ```
 *
 * @example
 * ```ts
 * import { FileSystem } from "@effect/platform"
 * import { Effect } from "effect"
 * import { Attachments } from "effect-bigin"
 *
 * const fromDisk = Effect.gen(function* () {
 *   const fs = yield* FileSystem.FileSystem
 *   const { size } = yield* fs.stat("backup.tar")
 *   return yield* Attachments.uploadAttachment(
 *     { module: "Contacts", recordId: "1" },
 *     { fileName: "backup.tar", content: fs.stream("backup.tar"), size: Number(size) }
 *   )
 * })
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const uploadAttachment = (
  record: RecordRef.Input,
  file: UploadFile
): Effect.Effect<UploadedAttachment, UploadAttachmentError, HttpClient.HttpClient | BiginAuth> =>
  Effect.gen(function* () {
    const ref = yield* parseRecordRef(record)
    const parts = yield* parseUploadFile(file)
    return yield* sendForm(parts, ref, (body) => call(uploading, ref, classifyUpload, { body }))
  }).pipe(operating(uploading))

const uploading = { method: "POST", ...attachments } as const

/**
 * Deletes an attachment until it is proven to be gone from its record. It succeeds only on proof, and fails with what is
 * known:
 * - one of the 16 failures of `deleteAttachment` that prove that nothing was deleted, as it came;
 * - or OutcomeUnknown, once an attempt may have deleted it.
 *
 * How it goes about it:
 * - A failure that may pass is retried by the schedule. `Retry.schedule()`, unless another is given, also waits as long as Bigin
 *   says; one of your own waits as it says itself.
 * - After a lost answer or a 5xx it sends the DELETE again, of the same id, and remembers that the first may have worked.
 * - A refusal of the very id is proof, unless the list still has it.
 * - After UnconfirmedSuccess, and after InvalidData of an unknown target, it reads the list before it sends another DELETE.
 * - Once an attempt may have deleted it, every failing end is OutcomeUnknown, also a later refusal and also a list that still
 *   has it: the lost request may still be running. Before that the DELETE's own error comes out.
 * - When the schedule is spent in doubt, the list is read once more. A list of several pages proves absence by two readings in
 *   a row that are the same, of at most four.
 * - It judges by the answers that it sees, so nothing below it may repeat a request, as `HttpClient.retryTransient` does.
 * - Interrupted, as by `Effect.timeout`, it says nothing, and it may have been deleted. `Retry.schedule({ within })` limits how
 *   long it asks again and `BiginConfig.AttemptTimeout` each request, and it still says what is known.
 *
 * The proof is of the pair, this record and this attachment, as this user sees it: an attachment that was merged or moved
 * lives on elsewhere, and rows that the user may not see are not seen. It needs to read as well:
 * `Scopes.ensureDeleted(module)`. Costs one API credit a request, and one for each page of the list that it reads.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Attachments } from "effect-bigin"
 *
 * const program = Attachments.ensureDeleted({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.andThen(({ outcome, proof }) => Effect.log(`${outcome}, proven by ${proof}`)),
 *   Effect.catchTag("OutcomeUnknown", (error) => Effect.log(error.message))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const ensureDeleted = (
  input: AttachmentRef.Input,
  options: {
    /** When to ask again, and how often. It is given what a request failed with. */
    readonly schedule?: Schedule.Schedule<unknown, DeleteAttachmentError> | undefined
  } = {}
): Effect.Effect<EnsuredDeletion, EnsureDeletedError, HttpClient.HttpClient | BiginAuth> =>
  Effect.flatMap(parseAttachmentRef(input), (ref) =>
    ensure(ref, deleteAttachment(ref), options.schedule ?? Retry.schedule())
  )

/**
 * Deletes many attachments, each until it is proven to be gone as by `ensureDeleted`, and reports each once, in any order.
 * Memory does not grow with their number.
 *
 * What it reports:
 * - `item` is the very value that the source gave, so a row of yours may be one. `ref` is what it names. A malformed item has no
 *   `ref`, and its error is InvalidInput.
 * - A failure of one is an `error` in its report, and the others go on.
 *
 * How the Stream ends, always after the last report:
 * - It ends when all items are reported.
 * - It fails as `items` does, after all that `items` gave is reported.
 * - It fails with CollectionStopped, which has the summary, after an early stop: a failure that every further attachment would meet
 *   too (`stopOn`), of a deletion or of a list, or API credits that run out (`keepCredits`). Nothing more is pulled. What was pulled
 *   and not sent is reported with NotAttempted. What was not pulled is not reported.
 * - After an early stop, what was sent goes on to its end, by the schedule. Where credits ran out, calls that Bigin refuses then are
 *   asked again until the schedule ends: give it a `within`, or keep 25 credits or more.
 * - It dies of a client, a `schedule`, an `onReport` or a `stopOn` that dies.
 *
 * How it goes about it:
 * - A 429 pauses the whole collection for as long as Bigin says, two minutes at most, or for a second. One that the schedule does not
 *   wait for is reported for its attachment, and the others go on.
 * - A doubt about one attachment needs the list of its record. The list waits until no other DELETE of ours is under way on the
 *   record. One reading serves all that wait, 1,000 at most. Other records go on meanwhile. So refusals of an id are reported some
 *   seconds later than successes.
 *
 * When it is interrupted, or its Stream is cut short, no other DELETE leaves. It waits for the answers to those that have left, each for
 * `BiginConfig.AttemptTimeout` at most, and for what a client below repeats. `onReport` hears of every item that was pulled, since the
 * Stream has nobody left to give reports to: what was not sent with NotAttempted, what may have happened with OutcomeUnknown.
 * A call that still waits is called off: for a token, in a `Throttle`, or in what you wrapped around the client by
 * `HttpClient.transformResponse`. On Node, `NodeRuntime.runMain` turns a signal into an interruption.
 *
 * Recover first and batch afterwards: `Stream.groupedWithin` and an unordered `Stream.mapEffect` drop what they hold when a Stream
 * fails. `Stream.retry` runs the source again, from its beginning.
 *
 * Needs to read as well: `Scopes.ensureDeleted(module)`. Costs at least one API credit an attachment.
 *
 * @example
 * ```ts
 * import { Console, Effect, Stream } from "effect"
 * import { Attachments, DeleteReport } from "effect-bigin"
 *
 * const record = { module: "Contacts", recordId: "2883756000000261075" }
 *
 * const program = Attachments.listAttachments(record).pipe(
 *   // the whole list first: while some are deleted, others would slip past the page that is next
 *   Stream.runCollect,
 *   Effect.map((files) => Stream.map(Stream.fromIterable(files), ({ fileName, id }) => ({ ...record, attachmentId: id, fileName }))),
 *   Effect.andThen((rows) => Stream.run(Attachments.deleteMany(rows), DeleteReport.summary)),
 *   Effect.tap((summary) => Console.log(summary)),
 *   // an early end is a failure, and has the summary as well
 *   Effect.tapErrorTag("CollectionStopped", ({ summary }) => Console.log(summary))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const deleteMany = <Item extends AttachmentRef.Input, E, R, R2 = never>(
  items: Stream.Stream<Item, E, R>,
  options: DeleteManyOptions<Item, R2> = {}
): Stream.Stream<DeleteReport<Item>, E | CollectionStopped, R | R2 | HttpClient.HttpClient | BiginAuth> =>
  many.deleteMany(
    items,
    Effect.map(common, (common) => (ref) => deleting(callOf(common, deletion, ref, classify))),
    { ...options, schedule: options.schedule ?? Retry.schedule() }
  )

/**
 * Keeps an attachment on disk, and only then deletes it, as by `ensureDeleted`.
 *
 * In `folder` it makes `{module}/{recordId}/{attachmentId}` with the ending of the file's own name, and beside it
 * `{attachmentId}.manifest.json`, an `ArchiveManifest`. Of a link attachment there is the manifest alone, with where it leads.
 *
 * - The file is written under another name, synced, and read again. Its SHA-256 has to be that of what came, and its size the
 *   list's. Then it is renamed. The manifest is written in the same way. Then the names are synced, and the attachment is deleted. So
 *   at no moment is an attachment gone whose file is not whole on disk.
 * - What a crash leaves: a `….part-…` that may be removed, then the file without a manifest, then both. A manifest says that
 *   it was kept, not that it was deleted. It may be run again with the same folder, and then downloads nothing again that is kept.
 * - What an earlier run has kept is believed where it is whole and the list agrees: a file by its size, a link by where it leads.
 *   What is not, also a manifest that cannot be read as one, stays as it is, and the attachment is kept beside it: as
 *   `{attachmentId}-2`, and so on.
 * - Where the list no longer has the attachment, what was kept whole before stands, and it is AlreadyGone. Where nothing was, that
 *   is ArchiveFailed, also where somebody else has deleted it; so is a file that the list tells no size of.
 * - The list and the download are asked again by the schedule while that may help.
 * - Whatever keeps it from being kept is ArchiveFailed, and it was not deleted then. `reason` names the system's code, such as ENOSPC.
 *   `last` is what Bigin's list or the download failed with, where it was that. A directory in which something was made and that
 *   cannot be synced is such a reason too. Windows syncs none, so it is none there.
 * - A malformed ref is InvalidInput. What the deletion fails with is what `ensureDeleted` fails with.
 * - Files are for their owner alone, and so are the folders that are made, unless `mode` says otherwise.
 *
 * Needs to read and to delete: `Scopes.ensureDeleted(module)`. Memory does not grow with the file.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { NodeContext } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { Attachments, BiginAuth } from "effect-bigin"
 *
 * const program = Attachments.archiveThenDelete(
 *   { module: "Contacts", recordId: "2883756000000261075", attachmentId: "2883756000000261017" },
 *   { folder: "archive" }
 * ).pipe(
 *   Effect.andThen(({ manifest, outcome }) => Effect.log(outcome, manifest)),
 *   Effect.catchTag("ArchiveFailed", (error) => Effect.log(error.message)),
 *   Effect.provide([NodeContext.layer, Layer.provideMerge(BiginAuth.layerConfig, FetchHttpClient.layer)])
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const archiveThenDelete = (
  input: AttachmentRef.Input,
  options: {
    /** Where archives are kept; it is made where it is not there. */
    readonly folder: string
    /**
     * Who may read and write the files, as in open(2): their owner alone, 0o600, unless it is given. Who may read them may enter
     * the folders that are made. The umask of the process is taken off it.
     */
    readonly mode?: number | undefined
    /** When to ask again, and how often; once for each page of the list, for the download, and for the deletion. */
    readonly schedule?: Schedule.Schedule<unknown, DeleteAttachmentError> | undefined
  }
): Effect.Effect<
  ArchivedDeletion,
  ArchiveThenDeleteError,
  FileSystem.FileSystem | Path.Path | HttpClient.HttpClient | BiginAuth
> =>
  Effect.gen(function* () {
    const ref = yield* parseAttachmentRef(input)
    const { folder, mode = 0o600, schedule = Retry.schedule() } = options
    const manifest = yield* archive({
      ref,
      folder,
      mode,
      rows: listAttachments(ref, { schedule }),
      bytes: downloadAttachment(ref),
      policy: schedule
    })
    const deletion = yield* ensureDeleted(ref, { schedule })
    return { ...deletion, manifest }
  })
