/** How a collection goes about it, and what it reports; `Attachments.ts` and `DeleteReport.ts` are what callers read. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { optional, wholeMillis } from "../errors/fields.ts"
import {
  type DeleteAttachmentError,
  EnsureDeletedError,
  type EnsureDeletedErrorEncoded,
  NotAttempted,
  type Summary
} from "../errors/operations.ts"
import { InvalidInput } from "../errors/undocumented.ts"
import type { Deletion } from "./deletion.ts"
import type { AttachmentRef } from "./ids.ts"

/**
 * What became of one item of a collection, without the item: how its attachment is known to be gone, or why it is not. `ref` is what
 * the item names, its ids as strings. A malformed item has none, and its error is InvalidInput.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome = {
  /** How many times it was tried to delete, also where that came no further than the token; none of what was not taken up. */
  readonly attempts: number
  /** From when the item was taken until this was known, in whole milliseconds; waiting is part of it. */
  readonly duration: Duration.Duration
  /** How many API credits remained, by the last answer before this report that told. Bigin tells when half are used (CRM). */
  readonly creditsRemaining?: number
} & (
  | ({ readonly ref: AttachmentRef } & Deletion)
  | { readonly ref: AttachmentRef; readonly error: EnsureDeletedError | NotAttempted }
  | { readonly error: InvalidInput }
)

/**
 * What `Outcome` is encoded to.
 *
 * @since 0.1.0
 * @category encoded
 */
export type OutcomeEncoded = {
  readonly attempts: number
  readonly duration: number
  readonly creditsRemaining?: number
} & (
  | ({ readonly ref: AttachmentRef } & Deletion)
  | {
      readonly ref: AttachmentRef
      readonly error: EnsureDeletedErrorEncoded | Schema.Schema.Encoded<typeof NotAttempted>
    }
  | { readonly error: Schema.Schema.Encoded<typeof InvalidInput> }
)

/**
 * What became of one item of a collection. `item` is the very value that the source gave.
 *
 * @since 0.1.0
 * @category models
 */
export type DeleteReport<Item> = { readonly item: Item } & Outcome

const ref = Schema.Struct({ module: Schema.String, recordId: Schema.String, attachmentId: Schema.String })

const common = {
  attempts: Schema.NonNegativeInt,
  duration: wholeMillis,
  creditsRemaining: optional(Schema.NonNegativeInt)
} as const

const outcomes = [
  { ...common, ref, outcome: Schema.Literal("Deleted"), proof: Schema.Literal("Success") },
  { ...common, ref, outcome: Schema.Literal("AlreadyGone"), proof: Schema.Literal("Refusal", "List", "EmptyList") },
  { ...common, ref, error: Schema.Union(EnsureDeletedError, NotAttempted) },
  { ...common, error: InvalidInput }
] as const

/**
 * The schema of `Outcome`: what there is to keep of a report where the item is kept elsewhere.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Outcome: Schema.Schema<Outcome, OutcomeEncoded> = Schema.Union(
  Schema.Struct(outcomes[0]),
  Schema.Struct(outcomes[1]),
  Schema.Struct(outcomes[2]),
  Schema.Struct(outcomes[3])
)

/**
 * The schema of a report of such items, to write reports to a file or a queue and to read them again.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { DeleteReport, Ids } from "effect-bigin"
 *
 * const Row = Schema.Struct({ ...Ids.AttachmentRef.fields, fileName: Schema.String })
 *
 * const toJson = Schema.encode(Schema.parseJson(DeleteReport.schema(Row)))
 * ```
 *
 * @since 0.1.0
 * @category schemas
 */
export const schema = <A, I, R>(
  item: Schema.Schema<A, I, R>
): Schema.Schema<DeleteReport<A>, { readonly item: I } & OutcomeEncoded, R> =>
  Schema.Union(
    Schema.Struct({ item, ...outcomes[0] }),
    Schema.Struct({ item, ...outcomes[1] }),
    Schema.Struct({ item, ...outcomes[2] }),
    Schema.Struct({ item, ...outcomes[3] })
  )

/**
 * A summary of nothing.
 *
 * @since 0.1.0
 * @category summaries
 */
export const empty: Summary = { total: 0, outcomes: { Deleted: 0, AlreadyGone: 0 }, failed: {} }

/**
 * A summary with one report more.
 *
 * @example
 * ```ts
 * import { Effect, Ref } from "effect"
 * import { DeleteReport } from "effect-bigin"
 *
 * // a summary that other fibers can read meanwhile: for `onReport` of `deleteMany`
 * const counting = (soFar: Ref.Ref<DeleteReport.Summary>) => (report: DeleteReport.DeleteReport<unknown>) =>
 *   Ref.update(soFar, (summary) => DeleteReport.add(summary, report))
 *
 * const start = Ref.make(DeleteReport.empty)
 * ```
 *
 * @since 0.1.0
 * @category summaries
 */
export const add = ({ failed, outcomes, total }: Summary, report: DeleteReport<unknown>): Summary =>
  "error" in report
    ? {
        total: total + 1,
        outcomes,
        failed: { ...failed, [report.error._tag]: (failed[report.error._tag] ?? 0) + 1 }
      }
    : {
        total: total + 1,
        outcomes: {
          Deleted: outcomes.Deleted + Number(report.outcome === "Deleted"),
          AlreadyGone: outcomes.AlreadyGone + Number(report.outcome === "AlreadyGone")
        },
        failed
      }

/**
 * How `deleteMany` goes about it. What is not given has its default.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeleteManyOptions<Item = AttachmentRef.Input, R = never> {
  /**
   * How many calls are under way at once, from 1 to 100. The default is "adaptive", as many as Bigin takes:
   *
   * - It begins with 5 and adds calls, up to 25, until there is a 429.
   * - A 429 takes one call away. For a minute none is added.
   * - Another 429 within that minute halves them. Each within twice that time doubles it, up to ten minutes.
   */
  readonly concurrency?: number | "adaptive" | undefined
  /** When to ask again for one attachment, and how often: `Retry.schedule()`. It is given what a request failed with. */
  readonly schedule?: Schedule.Schedule<unknown, DeleteAttachmentError> | undefined
  /**
   * The failures after which nothing more is taken. It is asked about each failure of a deletion, and about each list that could not be
   * read. Default: those of the category "auth". A NoPermission is not among them.
   */
  readonly stopOn?: ((error: DeleteAttachmentError) => boolean) | undefined
  /**
   * Nothing more is taken once Bigin says that no more API credits remain than this. Calls under way still spend theirs, 25 at most by
   * default. Bigin tells when half are used (CRM). Default: 0.
   */
  readonly keepCredits?: number | undefined
  /** Called with each report, once, before it is emitted. It is awaited and not interrupted; calls may overlap. */
  readonly onReport?: ((report: DeleteReport<Item>) => Effect.Effect<void, never, R>) | undefined
}
