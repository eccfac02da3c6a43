import * as Option from "effect/Option"

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
