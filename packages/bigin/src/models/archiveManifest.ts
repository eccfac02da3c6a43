/** The manifest of an archive; `ArchiveManifest.ts` is what callers read. */
import * as Schema from "effect/Schema"
import { optional } from "../errors/fields.ts"
import { AttachmentRef } from "./ids.ts"

const common = {
  ref: AttachmentRef,
  /** As Bigin's list has it. The file on disk is named as the manifest, by the attachment's id. */
  fileName: optional(Schema.String),
  /** ISO 8601, UTC. */
  archivedAt: Schema.String
} as const

/**
 * Of a file: its size in bytes, and its SHA-256 in hexadecimal digits, of what was read again from disk.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ArchivedFile = Schema.Struct({
  ...common,
  size: Schema.NonNegativeInt,
  sha256: Schema.String.pipe(Schema.pattern(/^[0-9a-f]{64}$/))
})

/**
 * Of a file: its size in bytes, and its SHA-256 in hexadecimal digits, of what was read again from disk.
 *
 * @since 0.1.0
 * @category models
 */
export interface ArchivedFile extends Schema.Schema.Type<typeof ArchivedFile> {}

/**
 * Of a link there is nothing to keep but where it leads. An empty one leads nowhere, so it is no link.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ArchivedLink = Schema.Struct({ ...common, linkUrl: Schema.NonEmptyString })

/**
 * Of a link there is nothing to keep but where it leads.
 *
 * @since 0.1.0
 * @category models
 */
export interface ArchivedLink extends Schema.Schema.Type<typeof ArchivedLink> {}

/**
 * The manifest of a file or a link.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ArchiveManifest = Schema.Union(ArchivedFile, ArchivedLink)

/**
 * The manifest of a file or a link.
 *
 * @since 0.1.0
 * @category models
 */
export type ArchiveManifest = ArchivedFile | ArchivedLink
