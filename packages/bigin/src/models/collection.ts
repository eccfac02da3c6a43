/** How a collection goes about it, and what it reports; `Attachments.ts` and `DeleteReport.ts` are what callers read. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { wholeMillis } from "../errors/fields.ts"
import { type DeleteAttachmentError, EnsureDeletedError, NotAttempted } from "../errors/operations.ts"
import type { Deletion } from "./deletion.ts"
import type { AttachmentRef } from "./ids.ts"

/**
 * What became of one attachment of a collection: how it is known to be gone, or why it is not. `ref` is what was given, its
 * ids as strings; of a malformed one it is what could be made of it.
 *
 * @since 0.1.0
 * @category models
 */
export type DeleteReport = {
  readonly ref: AttachmentRef
  /** How many times it was tried to delete, also where that came no further than the token; none of what was not taken up. */
  readonly attempts: number
  /** From when the ref was taken until this was known, in whole milliseconds; waiting is part of it. */
  readonly duration: Duration.Duration
} & (Deletion | { readonly error: EnsureDeletedError | NotAttempted })

const common = {
  ref: Schema.Struct({ module: Schema.String, recordId: Schema.String, attachmentId: Schema.String }),
  attempts: Schema.NonNegativeInt,
  duration: wholeMillis
} as const

/**
 * The schema of `DeleteReport`, to write reports to a file or a queue and to read them again.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DeleteReport = Schema.Union(
  Schema.Struct({ ...common, outcome: Schema.Literal("Deleted"), proof: Schema.Literal("Success") }),
  Schema.Struct({
    ...common,
    outcome: Schema.Literal("AlreadyGone"),
    proof: Schema.Literal("Refusal", "List", "EmptyList")
  }),
  Schema.Struct({
    ...common,
    error: Schema.Union(EnsureDeletedError, NotAttempted)
  })
)

/**
 * How `deleteMany` goes about it. What is not given has its default.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeleteManyOptions<R = never> {
  /**
   * How many calls are under way at once: from 1 to 100, or as many as Bigin takes, which is the default: it begins with 5,
   * adds calls until there is a 429 or there are 25, takes one away then, and tries again after a minute. Another 429 within
   * that time halves them; each that comes soon doubles the time, up to ten minutes.
   */
  readonly concurrency?: number | "adaptive" | undefined
  /** When to ask again for one attachment, and how often: `Retry.schedule()`. It is given what a request failed with. */
  readonly schedule?: Schedule.Schedule<unknown, DeleteAttachmentError> | undefined
  /** The failures after which nothing more is taken: those of the category "auth". A NoPermission is not among them. */
  readonly stopOn?: ((error: DeleteAttachmentError) => boolean) | undefined
  /** Nothing more is taken once Bigin says that only so many API credits remain: 0. It says so when half are used (CRM). */
  readonly keepCredits?: number | undefined
  /** Called with each report, once, before it is emitted. It is awaited and not interrupted; calls may overlap. */
  readonly onReport?: ((report: DeleteReport) => Effect.Effect<void, never, R>) | undefined
}
