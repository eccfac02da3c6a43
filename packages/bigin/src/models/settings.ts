/** Settings with a default; `BiginConfig.ts` is what callers read. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"

/**
 * The version of the API that URLs name: "v1" unless provided otherwise.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { BiginConfig, deleteAttachment } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Pipelines", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.provideService(BiginConfig.ApiVersion, "v2")
 * )
 * ```
 *
 * @since 0.1.0
 * @category references
 */
export class ApiVersion extends Context.Reference<ApiVersion>()("effect-bigin/BiginConfig/ApiVersion", {
  defaultValue: (): "v1" | "v2" => "v1"
}) {}

/**
 * How long one attempt may take, from the request to the last byte of its answer: 30 seconds unless provided otherwise.
 * The wait for a token or in a `Throttle` is not part of it. An infinite duration means no limit. A download has that long
 * until its first byte, and then between two pieces. An upload has it for the whole file: give more for a large one.
 *
 * @example
 * ```ts
 * import { Duration, Effect } from "effect"
 * import { BiginConfig, deleteAttachment } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5))
 * )
 * ```
 *
 * @since 0.1.0
 * @category references
 */
export class AttemptTimeout extends Context.Reference<AttemptTimeout>()("effect-bigin/BiginConfig/AttemptTimeout", {
  defaultValue: (): Duration.Duration => Duration.seconds(30)
}) {}
