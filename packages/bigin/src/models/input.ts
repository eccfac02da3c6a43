/** What a caller gave: read once, told in a few words, refused with what is wrong. Callers without types may pass anything. */
import * as Option from "effect/Option"
import { InvalidInput } from "../errors/undocumented.ts"

/** What a ref says, unchecked: callers without types may pass anything. */
export interface Fields {
  readonly module?: unknown
  readonly recordId?: unknown
  readonly attachmentId?: unknown
}

/** None of what is no object, and of one that cannot be read, since a property of it dies. */
export const fieldsOf = (input: unknown): Option.Option<Fields> =>
  typeof input === "object" && input !== null ? read(input) : Option.none()

/** Once each. */
const read = Option.liftThrowable(({ attachmentId, module, recordId }: Fields): Fields => ({
  attachmentId,
  module,
  recordId
}))

/** A caller's value as a short text. Runs nothing that belongs to the value: no toString, no toJSON, no getter. */
export const shown = (given: unknown): string =>
  given === null
    ? "null"
    : typeof given === "object" || typeof given === "function"
      ? typeof given
      : String(given).slice(0, 64)

/** What a caller gave and cannot be sent, as the error that says so. */
export const invalid = (field: InvalidInput["field"], problem: string, given: unknown): InvalidInput =>
  new InvalidInput({ field, given: shown(given), problem })
