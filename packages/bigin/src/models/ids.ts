/** Modules, records and attachments; `Ids.ts` is what callers read. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { InvalidInput } from "../errors/undocumented.ts"
import { fieldsOf, invalid } from "./input.ts"

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
export const ModuleApiName = Schema.String.pipe(Schema.pattern(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)).annotations({
  identifier: "ModuleApiName"
})

/**
 * The id of a record: up to 32 decimal digits.
 *
 * @since 0.1.0
 * @category schemas
 */
export const RecordId = Schema.String.pipe(Schema.pattern(/^\d{1,32}$/)).annotations({ identifier: "RecordId" })

/**
 * The id of an attachment: up to 32 decimal digits.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AttachmentId = Schema.String.pipe(Schema.pattern(/^\d{1,32}$/)).annotations({ identifier: "AttachmentId" })

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
export const parseAttachmentRef = (input: AttachmentRef.Input): Either.Either<AttachmentRef, InvalidInput> =>
  Option.match(fieldsOf(input), {
    onNone: () => Either.left(invalid("ref", "must be an object with module, recordId and attachmentId", input)),
    onSome: ({ attachmentId, module, recordId }) =>
      Either.all({
        module: moduleName("module", module),
        recordId: decimalId("recordId", recordId),
        attachmentId: decimalId("attachmentId", attachmentId)
      })
  })

/**
 * As `parseAttachmentRef`, for a record.
 *
 * @since 0.1.0
 * @category parsing
 */
export const parseRecordRef = (input: RecordRef.Input): Either.Either<RecordRef, InvalidInput> =>
  Option.match(fieldsOf(input), {
    onNone: () => Either.left(invalid("ref", "must be an object with module and recordId", input)),
    onSome: ({ module, recordId }) =>
      Either.all({ module: moduleName("module", module), recordId: decimalId("recordId", recordId) })
  })

type Field = InvalidInput["field"]

const field =
  (schema: Schema.Schema<string>, problem: string) =>
  (name: Field, given: unknown): Either.Either<string, InvalidInput> => {
    const text = typeof given === "bigint" ? given.toString() : given
    return matches(schema, text) ? Either.right(text) : Either.left(invalid(name, problem, given))
  }

const matches = (schema: Schema.Schema<string>, text: unknown): text is string => Schema.is(schema)(text)

const moduleName = field(ModuleApiName, "must be a letter and then at most 63 letters, digits and underscores")
const decimalId = field(RecordId, "must be 1 to 32 decimal digits, as a string or a bigint")
