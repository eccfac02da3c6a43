/**
 * Every way in which a call can fail, as one tagged union.
 *
 * Each failure is a class with a `_tag`, plain data and a `message` that says what happened and what to do. Handle one
 * with `Effect.catchTag`, all with `Effect.catchTags` or `Match`, many at once by what they have in common. `docs/errors.md` has a
 * section for each.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Errors } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   // one failure: only a refusal of the attachment's own id says that there is nothing left to delete
 *   Effect.catchTag("InvalidData", (error) =>
 *     error.target === "attachment" ? Effect.log("Bigin has no such attachment") : Effect.fail(error)
 *   ),
 *   // a category: NoPermission and AuthorizationFailed
 *   Errors.catchCategory("permission", (error) => Effect.log(error.message))
 * )
 * ```
 *
 * @since 0.1.0
 */
export * from "./errors/catalogue.ts"
export * from "./errors/documented.ts"
export * from "./errors/undocumented.ts"
export * from "./errors/operations.ts"
export * from "./errors/traits.ts"
