/**
 * What errors have in common, so that a handler can be written once for many: guards that narrow, catchers that remove
 * exactly their share from the error channel. Errors of other libraries pass through all of them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import { hasProperty } from "effect/Predicate"
import { type BiginErrorBase, type Category, TypeId } from "./biginError.ts"
import { catalogue, type DocumentedCode, type DocumentedTag } from "./catalogue.ts"
import type { BiginError } from "./operations.ts"

export type {
  /**
   * What every error of this library is beside its class; what the types of the guards and catchers below name.
   *
   * @since 0.1.0
   * @category traits
   */
  BiginErrorBase,
  /**
   * Who is to do something about a failure, roughly.
   *
   * @since 0.1.0
   * @category traits
   */
  Category,
  /**
   * The three things that hold for every instance of a class, each a literal of the class:
   * `category`; `transient`: the same call may succeed later; `mayHaveApplied`: Bigin may have done it all the same.
   *
   * @since 0.1.0
   * @category traits
   */
  Traits
} from "./biginError.ts"

export type {
  /**
   * Any JSON value: what `details` holds.
   *
   * @since 0.1.0
   * @category models
   */
  Json
} from "../internal/answer/json.ts"

export type { AnsweredEncoded, Ref, RefEncoded, UnreadEncoded } from "./fields.ts"

/**
 * The errors of ours with a category.
 *
 * @since 0.1.0
 * @category traits
 */
export type WithCategory<C extends Category> = BiginErrorBase & { readonly category: C }

/** The tags that the catalogue lists under a code. */
type TagOfCode<Code extends DocumentedCode> = {
  [Tag in DocumentedTag]: (typeof catalogue)[Tag]["code"] extends Code ? Tag : never
}[DocumentedTag]

/**
 * The errors that the catalogue lists under a code.
 *
 * @since 0.1.0
 * @category traits
 */
export type WithCode<Code extends DocumentedCode> = BiginErrorBase & { readonly _tag: TagOfCode<Code> }

/**
 * Of a union its errors of that kind; of `unknown` any of ours of that kind.
 *
 * @since 0.1.0
 * @category traits
 */
export type Narrowed<E, Kind> = unknown extends E ? E & Extract<BiginError, Kind> : Extract<E, Kind>

/** One literal, not a union of them: a handler of "either" would remove both from the error channel. */
type Single<Literal, All = Literal> = Literal extends unknown ? ([All] extends [Literal] ? Literal : never) : never

const ours = (error: unknown): error is BiginError => hasProperty(error, TypeId)

/**
 * Whether it is an error of this library, and none that merely has the same tag.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Errors } from "effect-bigin"
 *
 * const program = Effect.gen(function* () {
 *   const attachmentId = yield* Effect.tryPromise(() => Promise.resolve("2"))
 *   return yield* deleteAttachment({ module: "Contacts", recordId: "1", attachmentId })
 * }).pipe(
 *   // the UnknownException of tryPromise is none of this library's
 *   Effect.tapError((error) => (Errors.isBiginError(error) ? Effect.logError(Errors.advice[error._tag]) : Effect.void))
 * )
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isBiginError = <E>(error: E): error is Narrowed<E, BiginErrorBase> => ours(error)

/**
 * Whether it is one of the nine failures that Bigin documents.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Errors } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.tapError((error) =>
 *     Errors.isDocumented(error) ? Effect.log(Errors.catalogue[error._tag].source) : Effect.void
 *   )
 * )
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isDocumented = <E>(error: E): error is Narrowed<E, BiginErrorBase & { readonly _tag: DocumentedTag }> =>
  ours(error) && Object.hasOwn(catalogue, error._tag)

/**
 * Whether the same call may succeed later. Enough for retrying a read, as `Retry.reads` does; for a deletion use `isSafeToRetry`.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Attachments, Errors } from "effect-bigin"
 *
 * // a read may be asked again after any failure that may pass: `Retry.reads()` does, and waits as long as Bigin says
 * const files = Attachments.listAttachments({ module: "Contacts", recordId: "1" }).pipe(
 *   Stream.runCollect,
 *   Effect.retry({ times: 3, while: Errors.isTransient })
 * )
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isTransient = <E>(error: E): error is Narrowed<E, BiginErrorBase & { readonly transient: true }> =>
  ours(error) && error.transient

/**
 * Whether Bigin may have done it although the call failed.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Attachments, deleteAttachment, Errors } from "effect-bigin"
 *
 * const ref = { module: "Contacts", recordId: "1", attachmentId: "2" }
 *
 * // what may have deleted it is settled by proof; every other failure stays as it is
 * const program = deleteAttachment(ref).pipe(
 *   Effect.catchIf(Errors.mayHaveApplied, () => Attachments.ensureDeleted(ref))
 * )
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const mayHaveApplied = <E>(error: E): error is Narrowed<E, BiginErrorBase & { readonly mayHaveApplied: true }> =>
  ours(error) && error.mayHaveApplied

/**
 * Whether the call certainly did nothing and may succeed later. As `while` of `Effect.retry`, which `Retry.safely` makes it, it
 * never sends a DELETE after one that may have happened. `Effect.retry` keeps its error type whatever its `while` narrows to.
 *
 * @example
 * ```ts
 * import { Effect, Schedule } from "effect"
 * import { deleteAttachment, Errors } from "effect-bigin"
 *
 * // a schedule of your own; `Retry.safely()` has one that waits as long as Bigin says
 * const patient = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.retry({ schedule: Schedule.spaced("1 minute"), times: 3, while: Errors.isSafeToRetry })
 * )
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isSafeToRetry = <E>(
  error: E
): error is Narrowed<E, BiginErrorBase & { readonly transient: true; readonly mayHaveApplied: false }> =>
  ours(error) && error.transient && !error.mayHaveApplied

/**
 * Whether it is of that category.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Errors } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.catchIf(Errors.hasCategory("permission"), (error) => Effect.log(`Ask the administrator: ${error.message}`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const hasCategory =
  <const C extends Category>(category: C & Single<C>) =>
  <E>(error: E): error is Narrowed<E, WithCategory<C>> =>
    ours(error) && error.category === category

/**
 * Handles every error of a category and removes them from the error channel. The handler is given exactly those errors of
 * the effect. Write it in the `pipe` of the effect. Stored in a const first, it does not compile there.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Errors } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Errors.catchCategory("permission", (error) => Effect.log(`Ask the administrator: ${error.message}`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category catchers
 */
export const catchCategory: {
  <const C extends Category, E = never, A2 = never, E2 = never, R2 = never>(
    category: C & Single<C>,
    f: (error: Extract<E, WithCategory<C>>) => Effect.Effect<A2, E2, R2>
    // E is what the handler takes, All what the effect fails with: of a handler that takes more than it is given nothing gets lost
  ): <A, R, All extends E>(
    self: Effect.Effect<A, E, R> & Effect.Effect<A, All, R>
  ) => Effect.Effect<A | A2, Exclude<All, WithCategory<C>> | E2, R | R2>
  <A, E, R, const C extends Category, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    category: C & Single<C>,
    f: (error: Extract<E, WithCategory<C>>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, Exclude<E, WithCategory<C>> | E2, R | R2>
} = dual(
  3,
  <A, E, R, const C extends Category, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    category: C & Single<C>,
    f: (error: Extract<E, WithCategory<C>>) => Effect.Effect<A2, E2, R2>
  ) =>
    Effect.catchIf(self, (error): error is Extract<E, WithCategory<C>> => ours(error) && error.category === category, f)
)

/**
 * Handles the documented errors that the catalogue lists under a code and removes them from the error channel; one code
 * may stand for two tags. An error of another class that carries the same string passes. As `catchCategory`, it belongs where
 * it is applied.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Errors } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   // InvalidModule and UnsupportedModule
 *   Errors.catchCode("INVALID_MODULE", (error) => Effect.log(Errors.catalogue[error._tag].advice))
 * )
 * ```
 *
 * @since 0.1.0
 * @category catchers
 */
export const catchCode: {
  <const Code extends DocumentedCode, E = never, A2 = never, E2 = never, R2 = never>(
    code: Code & Single<Code>,
    f: (error: Extract<E, WithCode<Code>>) => Effect.Effect<A2, E2, R2>
  ): <A, R, All extends E>(
    self: Effect.Effect<A, E, R> & Effect.Effect<A, All, R>
  ) => Effect.Effect<A | A2, Exclude<All, WithCode<Code>> | E2, R | R2>
  <A, E, R, const Code extends DocumentedCode, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    code: Code & Single<Code>,
    f: (error: Extract<E, WithCode<Code>>) => Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, Exclude<E, WithCode<Code>> | E2, R | R2>
} = dual(
  3,
  <A, E, R, const Code extends DocumentedCode, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    code: Code & Single<Code>,
    f: (error: Extract<E, WithCode<Code>>) => Effect.Effect<A2, E2, R2>
  ) =>
    Effect.catchIf(
      self,
      (error): error is Extract<E, WithCode<Code>> => isDocumented(error) && catalogue[error._tag].code === code,
      f
    )
)
