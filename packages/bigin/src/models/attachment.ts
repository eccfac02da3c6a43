/** An attachment, as it is listed, uploaded and deleted; `Attachments.ts` is what callers read. */
import type { AttachmentRef } from "./ids.ts"

/**
 * A file or link attached to a record, as far as the list tells.
 *
 * @since 0.1.0
 * @category models
 */
export interface Attachment {
  readonly id: string
  /** Absent where Bigin has none. */
  readonly fileName?: string
  /** Bytes. */
  readonly size?: number
  /** Where a link attachment leads. */
  readonly linkUrl?: string
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
 * A Blob, such as `openAsBlob` of `node:fs` gives, is sent piece by piece and never held whole. Every client of Node can do
 * that; `fetch` in Firefox and Safari can send no stream, so give them a Uint8Array.
 *
 * @since 0.1.0
 * @category models
 */
export type UploadFile =
  | {
      /** Not empty, without slashes and control characters. */
      readonly fileName: string
      readonly content: Uint8Array | Blob
    }
  | {
      /** Of http or https. */
      readonly linkUrl: string
      readonly title?: string
    }

/**
 * The attachment that is new, with the id that Bigin gave it.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadedAttachment extends AttachmentRef {}
