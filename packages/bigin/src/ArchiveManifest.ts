/**
 * What stands beside a file that `Attachments.archiveThenDelete` has kept, as JSON.
 *
 * @example
 * ```ts
 * import { FileSystem } from "@effect/platform"
 * import { Effect, Schema } from "effect"
 * import { ArchiveManifest } from "effect-bigin"
 *
 * const read = Effect.gen(function* () {
 *   const fs = yield* FileSystem.FileSystem
 *   const text = yield* fs.readFileString("archive/Contacts/1/2.manifest.json")
 *   return yield* Schema.decode(Schema.parseJson(ArchiveManifest.ArchiveManifest))(text)
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { AttachmentRef } from "./Ids.ts"
import { optional } from "./internal/fields.ts"

const common = {
  ref: AttachmentRef,
  /** As Bigin's list has it. The file on disk is named by the attachment's id. */
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
 * Of a link there is nothing to keep but where it leads.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ArchivedLink = Schema.Struct({ ...common, linkUrl: Schema.String })

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
