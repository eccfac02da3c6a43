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
export * from "./models/archiveManifest.ts"
