import type { FileSystem } from "@effect/platform/FileSystem"
import type { HttpClient } from "@effect/platform/HttpClient"
import type { Path } from "@effect/platform/Path"
import { type DateTime, Effect, type Schedule, Schema, Stream } from "effect"
import {
  type ArchiveManifest,
  Attachments,
  type BiginAuth,
  deleteAttachment,
  DeleteReport,
  Errors,
  Ids,
  Retry
} from "effect-bigin"
import { describe, expectTypeOf, it } from "vitest"

describe("deleteAttachment", () => {
  it("is an Effect of the deleted ref, every failure by one name, and the two requirements", () => {
    expectTypeOf(deleteAttachment).toEqualTypeOf<
      (
        ref: Ids.AttachmentRef.Input
      ) => Effect.Effect<Attachments.DeletedAttachment, Errors.DeleteAttachmentError, HttpClient | BiginAuth.BiginAuth>
    >()
    expectTypeOf<Attachments.DeletedAttachment>().branded.toEqualTypeOf<{
      readonly module: string
      readonly recordId: string
      readonly attachmentId: string
    }>()
  })

  it("takes ids as strings and bigints, and any module name", () => {
    void deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: 2n })
    void deleteAttachment({ module: "A_Module_Of_Your_Own", recordId: 1n, attachmentId: "2" })
  })

  it("refuses a number as an id, since it would lose digits", () => {
    // @ts-expect-error
    void deleteAttachment({ module: "Contacts", recordId: 2883756000000261, attachmentId: "2" })
    // @ts-expect-error
    void deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: 2 })
  })

  it("refuses a ref without an attachment", () => {
    // @ts-expect-error
    void deleteAttachment({ module: "Contacts", recordId: "1" })
  })
})

describe("listAttachments", () => {
  it("is a Stream whose errors are those of a deletion, but for UnconfirmedSuccess", () => {
    expectTypeOf(Attachments.listAttachments).returns.toEqualTypeOf<
      Stream.Stream<
        Attachments.Attachment,
        Exclude<Errors.DeleteAttachmentError, Errors.UnconfirmedSuccess>,
        HttpClient | BiginAuth.BiginAuth
      >
    >()
  })

  it("takes the schedules that the deletions take", () => {
    expectTypeOf<Parameters<typeof Attachments.listAttachments>>().toEqualTypeOf<
      [input: Ids.RecordRef.Input, options?: Attachments.ListOptions | undefined]
    >()
    const forADeletion = {} as Schedule.Schedule<unknown, Errors.DeleteAttachmentError> // only its type is looked at
    void Attachments.listAttachments({ module: "Contacts", recordId: "1" }, { schedule: forADeletion })
    void Attachments.listAttachments({ module: "Contacts", recordId: "1" }, { schedule: Retry.schedule() })
    // @ts-expect-error
    void Attachments.listAttachments({ module: "Contacts", recordId: "1" }, Retry.schedule())
  })
})

describe("select", () => {
  const record = { module: "Contacts", recordId: 1n }

  it("is an Effect of refs that deleteMany takes, with the errors of the list", () => {
    const refs = Attachments.select(record, ({ size = 0 }) => size > 0, { schedule: Retry.schedule() })
    expectTypeOf(refs).toEqualTypeOf<
      Effect.Effect<
        ReadonlyArray<Ids.AttachmentRef>,
        Attachments.ListAttachmentsError,
        HttpClient | BiginAuth.BiginAuth
      >
    >()
    void Attachments.deleteMany(Stream.fromIterableEffect(refs))
  })

  it("takes a refinement as well, and no effect", () => {
    const isLink = (row: Attachments.Attachment): row is Attachments.Attachment & { readonly linkUrl: string } =>
      row.linkUrl !== undefined
    void Attachments.select(record, isLink)
    // @ts-expect-error
    void Attachments.select(record, () => Effect.succeed(true))
  })
})

describe("an Attachment", () => {
  it("has an id, and what else the row tells", () => {
    expectTypeOf<Attachments.Attachment>().toEqualTypeOf<{
      readonly id: string
      readonly fileName?: string
      readonly size?: number
      readonly linkUrl?: string
      readonly createdTime?: DateTime.Utc
      readonly modifiedTime?: DateTime.Utc
      readonly owner?: { readonly id: string; readonly name?: string; readonly email?: string }
    }>()
  })
})

describe("downloadAttachment", () => {
  it("is a Stream of bytes whose errors are those of a deletion, but for UnconfirmedSuccess", () => {
    expectTypeOf(Attachments.downloadAttachment).toEqualTypeOf<
      (
        input: Ids.AttachmentRef.Input
      ) => Stream.Stream<Uint8Array, Attachments.DownloadAttachmentError, HttpClient | BiginAuth.BiginAuth>
    >()
    expectTypeOf<Attachments.DownloadAttachmentError>().toEqualTypeOf<
      Exclude<Errors.DeleteAttachmentError, Errors.UnconfirmedSuccess>
    >()
  })
})

describe("uploadAttachment", () => {
  it("is an Effect of the new ref, every failure by one name, and the two requirements", () => {
    expectTypeOf(Attachments.uploadAttachment).toEqualTypeOf<
      (
        record: Ids.RecordRef.Input,
        file: Attachments.UploadFile
      ) => Effect.Effect<
        Attachments.UploadedAttachment,
        Attachments.UploadAttachmentError,
        HttpClient | BiginAuth.BiginAuth
      >
    >()
    expectTypeOf<Attachments.UploadAttachmentError>().toEqualTypeOf<Errors.DeleteAttachmentError>()
    expectTypeOf<Attachments.UploadedAttachment>().toExtend<Ids.AttachmentRef>()
  })

  it("takes bytes, a Blob or a Stream with its size by a name, or a link", () => {
    const record = { module: "Contacts", recordId: 1n }
    void Attachments.uploadAttachment(record, { fileName: "a", content: new Uint8Array() })
    void Attachments.uploadAttachment(record, { fileName: "a", content: new Blob() })
    void Attachments.uploadAttachment(record, { linkUrl: "https://bigin.com" })
    void Attachments.uploadAttachment(record, { linkUrl: "https://bigin.com", title: "Bigin" })
    // @ts-expect-error
    void Attachments.uploadAttachment(record, { content: new Blob() })
    // @ts-expect-error
    void Attachments.uploadAttachment(record, { fileName: "a", content: "text" })
    // @ts-expect-error
    void Attachments.uploadAttachment(record, { title: "Bigin" })
    void Attachments.uploadAttachment(record, { fileName: "a", content: Stream.make(new Uint8Array()), size: 0 })
    void Attachments.uploadAttachment(record, { fileName: "a", content: Stream.fail("any" as const), size: 1 })
    // @ts-expect-error its size has to be known
    void Attachments.uploadAttachment(record, { fileName: "a", content: Stream.make(new Uint8Array()) })
    // @ts-expect-error no bytes
    void Attachments.uploadAttachment(record, { fileName: "a", content: Stream.make("text"), size: 4 })
    // what it needs is provided to it before
    expectTypeOf<Stream.Stream<Uint8Array, never, Path>>().not.toExtend<Attachments.UploadFile["content"]>()
    expectTypeOf<Stream.Stream<Uint8Array, never, never>>().toExtend<Attachments.UploadFile["content"]>()
  })

  it("takes no file that is a link too", () => {
    const record = { module: "Contacts", recordId: 1n }
    const bytes = new Uint8Array()
    const linkUrl = "https://bigin.com"
    // @ts-expect-error
    void Attachments.uploadAttachment(record, { fileName: "a", content: bytes, linkUrl })
    // @ts-expect-error
    void Attachments.uploadAttachment(record, { fileName: "a", content: bytes, title: "Bigin" })
    // @ts-expect-error
    void Attachments.uploadAttachment(record, { fileName: "a", content: Stream.make(bytes), size: 0, linkUrl })
    // @ts-expect-error
    void Attachments.uploadAttachment(record, { linkUrl, fileName: "a" })
    // @ts-expect-error
    void Attachments.uploadAttachment(record, { linkUrl, content: bytes })
    // @ts-expect-error
    void Attachments.uploadAttachment(record, { linkUrl, size: 0 })
    // @ts-expect-error a size of its own
    void Attachments.uploadAttachment(record, { fileName: "a", content: bytes, size: 0 })
  })

  it("tells by one field what a file is", () => {
    const titleOf = (file: Attachments.UploadFile) => (file.linkUrl === undefined ? file.fileName : file.title)
    expectTypeOf(titleOf).returns.toEqualTypeOf<string | undefined>()
    expectTypeOf<Extract<Attachments.UploadFile, { readonly size: number }>["content"]>().toEqualTypeOf<
      Stream.Stream<Uint8Array, unknown>
    >()
  })
})

describe("ensureDeleted", () => {
  it("fails with the sixteen tags that prove that nothing was deleted, or with OutcomeUnknown", () => {
    expectTypeOf<Effect.Effect.Error<ReturnType<typeof Attachments.ensureDeleted>>["_tag"]>().toEqualTypeOf<
      | "InvalidModule"
      | "UnsupportedModule"
      | "InvalidUrlPattern"
      | "OAuthScopeMismatch"
      | "NoPermission"
      | "InvalidRequestMethod"
      | "AuthorizationFailed"
      | "InvalidData"
      | "InvalidInput"
      | "TokenRejected"
      | "TokenUnreachable"
      | "InvalidToken"
      | "RateLimited"
      | "ConnectionFailed"
      | "UnrecognizedCode"
      | "MalformedResponse"
      | "OutcomeUnknown"
    >()
  })
})

describe("deleteMany", () => {
  interface Database {
    readonly _: unique symbol
  }
  interface Row extends Ids.AttachmentRef.Input {
    readonly fileName: string
  }
  const rows: Stream.Stream<Row, "down", Database> = Stream.empty

  it("is a Stream of reports about its items that needs what they need, and fails as they do or by an early end", () => {
    expectTypeOf(Attachments.deleteMany(rows)).toEqualTypeOf<
      Stream.Stream<
        DeleteReport.DeleteReport<Row>,
        "down" | Errors.CollectionStopped,
        Database | HttpClient | BiginAuth.BiginAuth
      >
    >()
    const ledger = (): Effect.Effect<void, never, "Ledger"> => Effect.void
    expectTypeOf(Attachments.deleteMany(rows, { onReport: ledger })).toEqualTypeOf<
      Stream.Stream<
        DeleteReport.DeleteReport<Row>,
        "down" | Errors.CollectionStopped,
        Database | "Ledger" | HttpClient | BiginAuth.BiginAuth
      >
    >()
  })

  it("keeps its early end in E until it is handled", () => {
    const summed = Stream.run(Attachments.deleteMany(rows), DeleteReport.summary)
    type Summed<E> = Effect.Effect<DeleteReport.Summary, E, Database | HttpClient | BiginAuth.BiginAuth>
    expectTypeOf(summed).toEqualTypeOf<Summed<"down" | Errors.CollectionStopped>>()
    expectTypeOf(summed).not.toExtend<Summed<"down">>()
    const recovered = summed.pipe(
      Effect.catchIf(Schema.is(Errors.CollectionStopped), ({ summary }) => Effect.succeed(summary))
    )
    expectTypeOf(recovered).toEqualTypeOf<Summed<"down">>()
  })

  it("takes an onReport that is given the reports of its items and cannot fail", () => {
    void Attachments.deleteMany(rows, { onReport: ({ item }) => Effect.log(item.fileName) })
    type OnReport = NonNullable<Attachments.DeleteManyOptions<Row>["onReport"]>
    expectTypeOf<Parameters<OnReport>>().toEqualTypeOf<[DeleteReport.DeleteReport<Row>]>()
    expectTypeOf<() => Effect.Effect<void>>().toExtend<OnReport>()
    expectTypeOf<() => Effect.Effect<void, string>>().not.toExtend<OnReport>()
  })

  it("reports an outcome with its proof, an error, or a malformed item, which has no ref", () => {
    type Report = DeleteReport.DeleteReport<Row>
    expectTypeOf<Report["item"]>().toEqualTypeOf<Row>()
    expectTypeOf<Extract<Report, { outcome: "Deleted" }>["proof"]>().toEqualTypeOf<"Success">()
    expectTypeOf<Extract<Report, { ref: unknown; error: unknown }>["error"]>().toEqualTypeOf<
      Attachments.EnsureDeletedError | Errors.NotAttempted
    >()
    expectTypeOf<Exclude<Report, { ref: unknown }>["error"]>().toEqualTypeOf<Errors.InvalidInput>()
  })

  it("reports by schemas of the same types", () => {
    expectTypeOf<typeof DeleteReport.Outcome.Type>().toEqualTypeOf<DeleteReport.Outcome>()
    const schema = DeleteReport.schema(Ids.AttachmentRef)
    expectTypeOf<typeof schema.Type>().toEqualTypeOf<DeleteReport.DeleteReport<typeof Ids.AttachmentRef.Type>>()
    expectTypeOf<typeof schema.Encoded>().toEqualTypeOf<
      { readonly item: typeof Ids.AttachmentRef.Encoded } & DeleteReport.OutcomeEncoded
    >()
  })
})

describe("archiveThenDelete", () => {
  it("is an Effect of the deletion and its manifest, every failure by one name, and the four requirements", () => {
    expectTypeOf(Attachments.archiveThenDelete).toEqualTypeOf<
      (
        input: Ids.AttachmentRef.Input,
        options: {
          readonly folder: string
          readonly mode?: number | undefined
          readonly schedule?: Schedule.Schedule<unknown, Errors.DeleteAttachmentError> | undefined
        }
      ) => Effect.Effect<
        Attachments.ArchivedDeletion,
        Attachments.ArchiveThenDeleteError,
        FileSystem | Path | HttpClient | BiginAuth.BiginAuth
      >
    >()
    expectTypeOf<Attachments.ArchivedDeletion>().toExtend<Attachments.EnsuredDeletion>()
  })

  it("fails as ensureDeleted does, or with ArchiveFailed", () => {
    expectTypeOf<Attachments.ArchiveThenDeleteError>().toEqualTypeOf<
      Attachments.EnsureDeletedError | Errors.ArchiveFailed
    >()
    expectTypeOf<Errors.ArchiveFailed["last"]>().toEqualTypeOf<Errors.DeleteAttachmentError | undefined>()
  })

  it("gives a manifest of a file or of a link, by a schema of the same type", () => {
    expectTypeOf<Attachments.ArchivedDeletion["manifest"]>().toEqualTypeOf<ArchiveManifest.ArchiveManifest>()
    expectTypeOf<typeof ArchiveManifest.ArchiveManifest.Type>().toEqualTypeOf<ArchiveManifest.ArchiveManifest>()
    expectTypeOf<Extract<ArchiveManifest.ArchiveManifest, { linkUrl: string }>>().not.toHaveProperty("sha256")
  })

  it("takes no file without a folder to keep it in", () => {
    // @ts-expect-error
    void Attachments.archiveThenDelete({ module: "Contacts", recordId: "1", attachmentId: "2" })
    // @ts-expect-error
    void Attachments.archiveThenDelete({ module: "Contacts", recordId: "1", attachmentId: "2" }, {})
  })
})
