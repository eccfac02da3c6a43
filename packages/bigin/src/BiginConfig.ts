/**
 * Settings with a default. They are references, so no program has to provide them and none shows them among its
 * requirements.
 *
 * @since 0.1.0
 */

import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Layer from "effect/Layer"
import { ApiVersion, AttemptTimeout } from "./models/settings.ts"
import * as environment from "./internal/auth/environment.ts"

export * from "./models/settings.ts"

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
