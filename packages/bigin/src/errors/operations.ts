/**
 * Which operation fails with what, beyond the two lists: the union of the one call, and the classes that only a larger
 * operation adds.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { biginError, type BiginErrorUnion } from "./biginError.ts"
import { advice } from "./catalogue.ts"
import * as Documented from "./documented.ts"
import { optional, place, ref, type RefEncoded } from "./fields.ts"
import * as Undocumented from "./undocumented.ts"

/**
 * Everything that `deleteAttachment` can fail with: the nine documented failures and the twelve undocumented ones.
 *
 * @since 0.1.0
 * @category unions
 */
export type DeleteAttachmentError = Documented.DocumentedError | Undocumented.UndocumentedError

/**
 * What `DeleteAttachmentError` is encoded to.
 *
 * @since 0.1.0
 * @category encoded
 */
export type DeleteAttachmentErrorEncoded = Documented.DocumentedErrorEncoded | Undocumented.UndocumentedErrorEncoded

const members = [...Documented.DocumentedError.members, ...Undocumented.UndocumentedError.members] as const

/**
 * The schema of `DeleteAttachmentError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DeleteAttachmentError: BiginErrorUnion<
  DeleteAttachmentError,
  DeleteAttachmentErrorEncoded,
  typeof members
> = Schema.Union(...members)

/** As a field of a class: what is declared of that class names this type and not its 21 members. */
const attemptError: Schema.Schema<DeleteAttachmentError, DeleteAttachmentErrorEncoded> = DeleteAttachmentError

/**
 * `Scopes.ensure`: the granted scopes do not meet the requirement. Bigin was asked nothing.
 *
 * @see docs/errors.md#missingscope
 * @since 0.1.0
 * @category operations
 */
export class MissingScope extends biginError<MissingScope>()(
  "MissingScope",
  {
    /** One scope of each `anyOf` is needed. */
    required: Schema.Struct({ allOf: Schema.Array(Schema.Struct({ anyOf: Schema.Array(Schema.String) })) }),
    /** The scopes of the token, as they came. */
    granted: Schema.Array(Schema.String),
    /** The smallest addition that would do: the narrowest scope of each `anyOf` that is not met. */
    missing: Schema.Array(Schema.String)
  },
  { category: "auth", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin was asked nothing: the token lacks ${this.missing.join(" and ")}. ${advice.MissingScope}`
  }
}

/**
 * `ensureDeleted`, `deleteMany` and `archiveThenDelete`: an attempt may have deleted the attachment and nothing could prove it either way.
 *
 * @see docs/errors.md#outcomeunknown
 * @since 0.1.0
 * @category operations
 */
export class OutcomeUnknown extends biginError<
  OutcomeUnknown,
  RefEncoded<"OutcomeUnknown"> & {
    readonly attempts: number
    readonly last: DeleteAttachmentErrorEncoded
    readonly list?: "present" | "unstable" | DeleteAttachmentErrorEncoded
  }
>()(
  "OutcomeUnknown",
  {
    /** What was asked for. */
    ref,
    /** How many times it was tried to delete. */
    attempts: Schema.Int,
    /** What the last DELETE failed with. */
    last: attemptError,
    /** What the record's list said, if it was asked: the attachment was there, the list did not hold still, or why it could not be read. */
    list: optional(Schema.Union(Schema.Literal("present", "unstable"), attemptError))
  },
  { category: "transport", transient: false, mayHaveApplied: true }
) {
  override get message(): string {
    return `Whether ${place(this.ref)} was deleted is not known after attempt ${this.attempts} ended with ${this.last._tag}. ${listed(this.list)} ${advice.OutcomeUnknown}`
  }
}

const listed = (list: OutcomeUnknown["list"]): string => {
  if (list === undefined) return "The record's list was not read."
  if (list === "present") return "The record's list still had it."
  if (list === "unstable") return "The record's list did not hold still."
  return `The record's list could not be read (${list._tag}).`
}

/**
 * `deleteMany`: not sent, because the collection ended first: by a failure that would have met every further one too, by API
 * credits that ran out, by an interruption, or by a defect.
 *
 * @see docs/errors.md#notattempted
 * @since 0.1.0
 * @category operations
 */
export class NotAttempted extends biginError<
  NotAttempted,
  RefEncoded<"NotAttempted"> & { readonly stoppedBy: string }
>()(
  "NotAttempted",
  {
    /** What was asked for. */
    ref,
    /** The `_tag` of the failure that stopped the collection, or "ApiCredits", "Interruption" or "Defect". */
    stoppedBy: Schema.String
  },
  { category: "local", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Nothing was sent for ${place(this.ref)}: ${this.stoppedBy} stopped the collection. ${advice.NotAttempted}`
  }
}

/**
 * Many reports of `deleteMany`, counted. Each is in `total` and in one other place.
 *
 * @since 0.1.0
 * @category summaries
 */
export interface Summary {
  /** How many reports. */
  readonly total: number
  /** Those that are proven to be gone. */
  readonly outcomes: { readonly Deleted: number; readonly AlreadyGone: number }
  /** The others, by the `_tag` of the error; a tag that none has is absent. */
  readonly failed: { readonly [Tag in (EnsureDeletedError | NotAttempted)["_tag"]]?: number }
}

const count = Schema.NonNegativeInt

/**
 * The schema of `Summary`. It takes any tag, since a newer version may have written one that this version does not know.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Summary: Schema.Schema<Summary> = Schema.Struct({
  total: count,
  outcomes: Schema.Struct({ Deleted: count, AlreadyGone: count }),
  failed: Schema.Record({ key: Schema.String, value: count })
})

/**
 * `deleteMany`: it ended early, by a failure that would have met every further one too, or by API credits that ran out. It comes
 * after the last report. What was pulled from the source is in the summary; what was not pulled is nowhere.
 *
 * @see docs/errors.md#collectionstopped
 * @since 0.1.0
 * @category operations
 */
export class CollectionStopped extends biginError<
  CollectionStopped,
  {
    readonly _tag: "CollectionStopped"
    readonly stoppedBy: string
    readonly summary: Summary
    readonly error?: DeleteAttachmentErrorEncoded
  }
>()(
  "CollectionStopped",
  {
    /** The `_tag` of the failure that stopped it, or "ApiCredits". */
    stoppedBy: Schema.String,
    /** Of all reports: what `DeleteReport.summary` would have given. */
    summary: Summary,
    /** The failure that stopped it, where it was one. */
    error: optional(attemptError)
  },
  { category: "local", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    const { outcomes, total } = this.summary
    const why = this.error === undefined ? `${this.stoppedBy} ran out` : this.error.message.replace(/\.$/, "")
    return `The collection ended early after ${total} reports, ${outcomes.Deleted + outcomes.AlreadyGone} of them gone: ${why}. ${advice.CollectionStopped}`
  }
}

/**
 * `archiveThenDelete`: the file could not be kept, so the attachment was not deleted.
 *
 * @see docs/errors.md#archivefailed
 * @since 0.1.0
 * @category operations
 */
export class ArchiveFailed extends biginError<
  ArchiveFailed,
  RefEncoded<"ArchiveFailed"> & {
    readonly path: string
    readonly reason: string
    readonly last?: DeleteAttachmentErrorEncoded
  }
>()(
  "ArchiveFailed",
  {
    /** What was asked for. */
    ref,
    /** Where its manifest was to be. */
    path: Schema.String,
    /** What went wrong. */
    reason: Schema.String,
    /** What Bigin's list or the download failed with, where it is that. */
    last: optional(attemptError)
  },
  { category: "local", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    // a reason that is an error's message ends with a full stop
    const reason = this.reason.replace(/\.$/, "")
    return `Nothing was deleted: ${place(this.ref)} could not be kept beside ${this.path}, since ${reason}. ${advice.ArchiveFailed}`
  }
}

/**
 * Everything that `listAttachments` can fail with: what `deleteAttachment` can, but for UnconfirmedSuccess.
 *
 * @since 0.1.0
 * @category errors
 */
export type ListAttachmentsError = Exclude<DeleteAttachmentError, Undocumented.UnconfirmedSuccess>

/**
 * What `ListAttachmentsError` is encoded to.
 *
 * @since 0.1.0
 * @category encoded
 */
export type ListAttachmentsErrorEncoded = Exclude<DeleteAttachmentErrorEncoded, { readonly _tag: "UnconfirmedSuccess" }>

type Member = (typeof members)[number]

/**
 * The schema of `ListAttachmentsError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListAttachmentsError: Schema.Schema<ListAttachmentsError, ListAttachmentsErrorEncoded> = Schema.Union(
  ...members.filter(
    (member): member is Exclude<Member, typeof Undocumented.UnconfirmedSuccess> =>
      member !== Undocumented.UnconfirmedSuccess
  )
)

/**
 * Everything that `downloadAttachment` can fail with: what `deleteAttachment` can, but for UnconfirmedSuccess.
 *
 * @since 0.1.0
 * @category errors
 */
export type DownloadAttachmentError = Exclude<DeleteAttachmentError, Undocumented.UnconfirmedSuccess>

/**
 * Everything that `uploadAttachment` can fail with: what `deleteAttachment` can.
 *
 * @since 0.1.0
 * @category errors
 */
export type UploadAttachmentError = DeleteAttachmentError

/**
 * Everything that `ensureDeleted` can fail with: the 16 failures which prove that it deleted nothing, and OutcomeUnknown.
 *
 * @since 0.1.0
 * @category errors
 */
export type EnsureDeletedError = Exclude<DeleteAttachmentError, { readonly mayHaveApplied: true }> | OutcomeUnknown

type HarmlessMember = Extract<Member, { readonly traits: { readonly mayHaveApplied: false } }>

/**
 * What `EnsureDeletedError` is encoded to.
 *
 * @since 0.1.0
 * @category encoded
 */
export type EnsureDeletedErrorEncoded = Schema.Schema.Encoded<HarmlessMember | typeof OutcomeUnknown>

/**
 * The schema of `EnsureDeletedError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EnsureDeletedError: Schema.Schema<EnsureDeletedError, EnsureDeletedErrorEncoded> = Schema.Union(
  ...members.filter((member): member is HarmlessMember => !member.traits.mayHaveApplied),
  OutcomeUnknown
)

/**
 * Everything that `archiveThenDelete` can fail with: InvalidInput for a malformed ref; ArchiveFailed until it is kept, whose
 * `last` is what Bigin said if it was Bigin; after that what `ensureDeleted` can.
 *
 * @since 0.1.0
 * @category errors
 */
export type ArchiveThenDeleteError = EnsureDeletedError | ArchiveFailed

/**
 * Every error of this library.
 *
 * @since 0.1.0
 * @category unions
 */
export type BiginError =
  | DeleteAttachmentError
  | MissingScope
  | OutcomeUnknown
  | NotAttempted
  | CollectionStopped
  | ArchiveFailed

const allMembers = [...members, MissingScope, OutcomeUnknown, NotAttempted, CollectionStopped, ArchiveFailed] as const

/**
 * What `BiginError` is encoded to.
 *
 * @since 0.1.0
 * @category encoded
 */
export type BiginErrorEncoded = Schema.Schema.Encoded<(typeof allMembers)[number]>

/**
 * The schema of `BiginError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BiginError: BiginErrorUnion<BiginError, BiginErrorEncoded, typeof allMembers> = Schema.Union(...allMembers)
