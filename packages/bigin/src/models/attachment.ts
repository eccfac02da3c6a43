/** An attachment, as it is listed, uploaded and deleted; `Attachments.ts` is what callers read. */
import type * as DateTime from "effect/DateTime"
import type * as Stream from "effect/Stream"
import type { AttachmentRef } from "./ids.ts"

/**
 * A file or link attached to a record, as far as the list tells. What it does not tell, or tells in no form that can be read, is
 * absent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attachment {
  /** Decimal digits. */
  readonly id: string
  /** As the list shows it. */
  readonly fileName?: string
  /** Bytes. */
  readonly size?: number
  /** Where a link attachment leads. */
  readonly linkUrl?: string
  readonly createdTime?: DateTime.Utc
  readonly modifiedTime?: DateTime.Utc
  /** The user to whom it belongs. */
  readonly owner?: {
    readonly id: string
    readonly name?: string
    readonly email?: string
  }
}

/**
 * The attachment that Bigin confirmed as deleted.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeletedAttachment extends AttachmentRef {}

/**
 * What to attach: a file, or a link with the title that the list is to show.
 *
 * The content of a file is its bytes, a Blob, such as `openAsBlob` of `node:fs` gives, or a Stream of its bytes with their
 * number. A Blob and a Stream are sent piece by piece and never held whole. Every client of Node can do that; `fetch` in Firefox
 * and Safari can send no stream, so give them a Uint8Array. A Stream is run once for each request: give one that can be run
 * again, since an upload is sent once more where the token was refused.
 *
 * @since 0.1.0
 * @category models
 */
export type UploadFile =
  | {
      /** Not empty, well-formed, without slashes and control characters. */
      readonly fileName: string
      readonly content: Uint8Array | Blob
      readonly size?: never
      readonly linkUrl?: never
      readonly title?: never
    }
  | {
      /** Not empty, well-formed, without slashes and control characters. */
      readonly fileName: string
      /** What it needs is provided to it before. Its own failure is not in the upload's, which tells that it failed. */
      readonly content: Stream.Stream<Uint8Array, unknown>
      /** The bytes of the whole Stream. */
      readonly size: number
      readonly linkUrl?: never
      readonly title?: never
    }
  | {
      /** Of http or https, without a user name and a password. */
      readonly linkUrl: string
      readonly title?: string
      readonly fileName?: never
      readonly content?: never
      readonly size?: never
    }

/**
 * The attachment that is new, with the id that Bigin gave it.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadedAttachment extends AttachmentRef {}
