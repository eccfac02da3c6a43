/**
 * Which operation fails with what, beyond the two lists: the union of the one call, and the classes that only a larger
 * operation adds.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { biginError } from "./biginError.ts"
import { DocumentedError } from "./documented.ts"
import { optional, place, ref } from "./fields.ts"
import { type UnconfirmedSuccess, UndocumentedError } from "./undocumented.ts"

/**
 * Everything that `deleteAttachment` can fail with: the nine documented failures and the twelve undocumented ones.
 *
 * @since 0.1.0
 * @category unions
 */
export type DeleteAttachmentError = DocumentedError | UndocumentedError

/**
 * The schema of `DeleteAttachmentError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DeleteAttachmentError = Schema.Union(...DocumentedError.members, ...UndocumentedError.members)

/**
 * `Scopes.ensure`: the granted scopes do not meet the requirement. Nothing was sent.
 *
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
    return `Nothing was sent: the token lacks ${this.missing.join(" and ")}. Make a token with ${this.missing.length === 1 ? "that" : "those"} as well.`
  }
}

/**
 * `ensureDeleted`, and what deletes as it does: an attempt may have deleted the attachment and nothing could prove it either way.
 *
 * @since 0.1.0
 * @category operations
 */
export class OutcomeUnknown extends biginError<OutcomeUnknown>()(
  "OutcomeUnknown",
  {
    ref,
    /** How many times it was tried to delete. */
    attempts: Schema.Int,
    /** What the last DELETE failed with. */
    last: DeleteAttachmentError,
    /** What the record's list said, if it was asked: the attachment was there, the list did not hold still, or why it could not be read. */
    list: optional(Schema.Union(Schema.Literal("present", "unstable"), DeleteAttachmentError))
  },
  { category: "transport", transient: false, mayHaveApplied: true }
) {
  override get message(): string {
    return `Whether ${place(this.ref)} was deleted is not known after attempt ${this.attempts} ended with ${this.last._tag}. ${listed(this.list)} Look at it later.`
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
 * @since 0.1.0
 * @category operations
 */
export class NotAttempted extends biginError<NotAttempted>()(
  "NotAttempted",
  {
    ref,
    /** The `_tag` of the failure that stopped the collection, or "ApiCredits", "Interruption" or "Defect". */
    stoppedBy: Schema.String
  },
  { category: "local", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Nothing was sent for ${place(this.ref)}: ${this.stoppedBy} stopped the collection. Mend that, then run it again.`
  }
}

/**
 * `archiveThenDelete`: the file could not be kept, so the attachment was not deleted.
 *
 * @since 0.1.0
 * @category operations
 */
export class ArchiveFailed extends biginError<ArchiveFailed>()(
  "ArchiveFailed",
  {
    ref,
    /** Where its manifest was to be. */
    path: Schema.String,
    /** What went wrong. */
    reason: Schema.String,
    /** What Bigin's list or the download failed with, where it is that. */
    last: optional(DeleteAttachmentError)
  },
  { category: "local", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Nothing was deleted: ${place(this.ref)} could not be kept beside ${this.path}, since ${this.reason}`
  }
}

/**
 * Everything that `listAttachments` can fail with: what `deleteAttachment` can, but for UnconfirmedSuccess.
 *
 * @since 0.1.0
 * @category errors
 */
export type ListAttachmentsError = Exclude<DeleteAttachmentError, UnconfirmedSuccess>

/**
 * Everything that `downloadAttachment` can fail with: what `deleteAttachment` can, but for UnconfirmedSuccess.
 *
 * @since 0.1.0
 * @category errors
 */
export type DownloadAttachmentError = Exclude<DeleteAttachmentError, UnconfirmedSuccess>

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
export type BiginError = DeleteAttachmentError | MissingScope | OutcomeUnknown | NotAttempted | ArchiveFailed

/**
 * The schema of `BiginError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const BiginError = Schema.Union(
  ...DeleteAttachmentError.members,
  MissingScope,
  OutcomeUnknown,
  NotAttempted,
  ArchiveFailed
)
