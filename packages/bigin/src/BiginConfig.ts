/**
 * Settings with a default. They are references, so no program has to provide them and none shows them among its
 * requirements.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Layer from "effect/Layer"
import * as environment from "./internal/environment.ts"

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

/**
 * Reads `BIGIN_API_VERSION` ("v1" or "v2") and `BIGIN_TIMEOUT` (a duration such as "10 seconds"), each with its default.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { BiginConfig, deleteAttachment } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.provide(BiginConfig.layerConfig)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: Layer.Layer<ApiVersion | AttemptTimeout, ConfigError.ConfigError> = Layer.mergeAll(
  Layer.effect(
    ApiVersion,
    Config.map(environment.apiVersion, (given) => given ?? "v1")
  ),
  Layer.effect(
    AttemptTimeout,
    Config.map(environment.timeout, (given) => given ?? Duration.seconds(30))
  )
)
