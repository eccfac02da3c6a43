/** What is known of a deletion; `Attachments.ts` is what callers read. */
import type { ArchiveManifest } from "./archiveManifest.ts"
import type { AttachmentRef } from "./ids.ts"

/**
 * How an attachment is known to be gone from its record; `EnsuredDeletion` tells what each proof is worth.
 *
 * @since 0.1.0
 * @category models
 */
export type Deletion =
  | { readonly outcome: "Deleted"; readonly proof: "Success" }
  | { readonly outcome: "AlreadyGone"; readonly proof: "Refusal" | "List" | "EmptyList" }

/**
 * What `ensureDeleted` proves: this record has no such attachment, as this user sees it.
 *
 * - `Deleted` by `Success`: Bigin confirmed the id.
 * - `AlreadyGone` by `Refusal`: Bigin refused the attachment's id itself.
 * - `AlreadyGone` by `List`: the record's list no longer has it.
 * - `AlreadyGone` by `EmptyList`: the record has no attachments at all. That is weaker, since a record that was deleted may look so.
 *
 * `AlreadyGone` does not say whose work it was: somebody else's, or that of an attempt of ours whose answer was lost. `attempts` does not
 * tell it either, since it also counts attempts that did nothing, such as one that met a 429. Nor does `AlreadyGone` say that the
 * attachment ever was there: Bigin refuses an id that never was in the same way.
 *
 * @since 0.1.0
 * @category models
 */
export type EnsuredDeletion = AttachmentRef & {
  /** How many times it was tried to delete. */
  readonly attempts: number
} & Deletion

/**
 * An attachment that was kept, and then proven to be gone from its record.
 *
 * @since 0.1.0
 * @category models
 */
export type ArchivedDeletion = EnsuredDeletion & { readonly manifest: ArchiveManifest }
