/** Modules, records and attachments; `Ids.ts` is what callers read. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { InvalidInput } from "../errors/undocumented.ts"
import { fieldsOf, idPattern, invalid, isId, isModuleName, modulePattern } from "./input.ts"

/**
 * The modules whose attachments Bigin documents, by their names in URLs: those of v1 and of v2, which renames Companies
 * to Accounts and Deals to Pipelines.
 *
 * @since 0.1.0
 * @category models
 */
export type KnownModule =
  | "Contacts"
  | "Companies"
  | "Accounts"
  | "Deals"
  | "Pipelines"
  | "Tasks"
  | "Events"
  | "Calls"
  | "Products"
  | "Notes"
  | "Activities"

/**
 * A module's API name: a letter, then at most 63 letters, digits and underscores. Any name of that form is let through,
 * since Bigin has modules that this library does not know.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ModuleApiName = Schema.String.pipe(Schema.pattern(modulePattern)).annotations({
  identifier: "ModuleApiName"
})

/**
 * The id of a record: 1 to 32 decimal digits, without a leading zero.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RecordId = Schema.String.pipe(Schema.pattern(idPattern)).annotations({ identifier: "RecordId" })

/**
 * The id of an attachment: 1 to 32 decimal digits, without a leading zero.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AttachmentId = Schema.String.pipe(Schema.pattern(idPattern)).annotations({ identifier: "AttachmentId" })

/**
 * A record of a module.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RecordRef = Schema.Struct({ module: ModuleApiName, recordId: RecordId })

/**
 * A record of a module.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecordRef extends Schema.Schema.Type<typeof RecordRef> {}

/**
 * @since 0.1.0
 */
export declare namespace RecordRef {
  /**
   * What callers write: known modules complete in the editor, others are not refused; ids are strings or bigints.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Input {
    readonly module: KnownModule | (string & {})
    readonly recordId: string | bigint
  }
}

/**
 * An attachment of a record.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AttachmentRef = Schema.Struct({ ...RecordRef.fields, attachmentId: AttachmentId })

/**
 * An attachment of a record.
 *
 * @since 0.1.0
 * @category models
 */
export interface AttachmentRef extends Schema.Schema.Type<typeof AttachmentRef> {}

/**
 * @since 0.1.0
 */
export declare namespace AttachmentRef {
  /**
   * What callers write: known modules complete in the editor, others are not refused; ids are strings or bigints.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Input extends RecordRef.Input {
    readonly attachmentId: string | bigint
  }
}

/**
 * Checks what a caller wrote, also one without types, and normalises it: bigints become strings. What is malformed comes
 * back as `InvalidInput` that names the first field that is wrong.
 *
 * @example
 * ```ts
 * import { Ids } from "effect-bigin"
 *
 * // Right({ module: "Contacts", recordId: "2883756000000261075", attachmentId: "2883756000000261017" })
 * Ids.parseAttachmentRef({
 *   module: "Contacts",
 *   recordId: 2883756000000261075n,
 *   attachmentId: "2883756000000261017"
 * })
 * ```
 *
 * @since 0.1.0
 * @category parsing
 */
export const parseAttachmentRef = (input: AttachmentRef.Input): Either.Either<AttachmentRef, InvalidInput> => {
  // every call passes here: this takes 0.1 microseconds, and with schemas, Option and Either.all it took 1.5
  const given = fieldsOf(input)
  if (given === undefined) {
    return Either.left(invalid("ref", "must be an object with module, recordId and attachmentId", input))
  }
  const { module } = given
  const recordId = asText(given.recordId)
  const attachmentId = asText(given.attachmentId)
  if (!isModuleName(module)) return Either.left(invalid("module", moduleProblem, module))
  if (!isId(recordId)) return Either.left(invalid("recordId", idProblem, recordId))
  if (!isId(attachmentId)) return Either.left(invalid("attachmentId", idProblem, attachmentId))
  return Either.right({ module, recordId, attachmentId })
}

/**
 * As `parseAttachmentRef`, for a record.
 *
 * @example
 * ```ts
 * import { Ids } from "effect-bigin"
 *
 * // Right({ module: "Contacts", recordId: "2883756000000261075" })
 * Ids.parseRecordRef({ module: "Contacts", recordId: 2883756000000261075n })
 * ```
 *
 * @since 0.1.0
 * @category parsing
 */
export const parseRecordRef = (input: RecordRef.Input): Either.Either<RecordRef, InvalidInput> => {
  const given = fieldsOf(input)
  if (given === undefined) return Either.left(invalid("ref", "must be an object with module and recordId", input))
  const { module } = given
  const recordId = asText(given.recordId)
  if (!isModuleName(module)) return Either.left(invalid("module", moduleProblem, module))
  if (!isId(recordId)) return Either.left(invalid("recordId", idProblem, recordId))
  return Either.right({ module, recordId })
}

const asText = (id: unknown): unknown => (typeof id === "bigint" ? id.toString() : id)

const moduleProblem = "must be a letter and then at most 63 letters, digits and underscores"
const idProblem = "must be 1 to 32 decimal digits without a leading zero, as a string or a bigint"
