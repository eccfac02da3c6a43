/**
 * Who a call is made as. Calls ask the service for credentials; a layer decides where those come from.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { type DataCenter, origins } from "./DataCenter.ts"
import type { TokenRejected, TokenUnreachable } from "./errors/undocumented.ts"
import * as environment from "./internal/environment.ts"

/**
 * What one call is sent with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Credentials {
  /** Printable ASCII without spaces; anything else is TokenRejected and nothing is sent. */
  readonly accessToken: Redacted.Redacted
  /** Where the API is: scheme, host and port, such as `https://www.zohoapis.eu`. */
  readonly apiOrigin: string
  /** The scopes that the token was granted, as they came, where they are known. */
  readonly scopes?: ReadonlyArray<string>
}

/**
 * The service behind `BiginAuth`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The credentials for a call that is about to be sent. */
  readonly credentials: Effect.Effect<Credentials, TokenRejected | TokenUnreachable>
  /**
   * Other credentials in place of those that Bigin has refused, or none where there are no others. A call that was
   * refused for its token did nothing, so it is sent once more with what this gives.
   */
  readonly renew: (rejected: Credentials) => Effect.Effect<Option.Option<Credentials>, TokenRejected | TokenUnreachable>
}

/**
 * The requirement of every call.
 *
 * @since 0.1.0
 * @category tags
 */
export class BiginAuth extends Context.Tag("effect-bigin/BiginAuth")<BiginAuth, Service>() {}

/**
 * A service from its parts. Without `renew` there are no other credentials than the first. For mocks and for tokens that
 * come from somewhere of your own.
 *
 * @example
 * ```ts
 * import { Effect, Layer, Redacted } from "effect"
 * import { BiginAuth, Errors } from "effect-bigin"
 *
 * const working = Layer.succeed(
 *   BiginAuth.BiginAuth,
 *   BiginAuth.make({
 *     credentials: Effect.succeed({ accessToken: Redacted.make("1000.abc"), apiOrigin: "https://www.zohoapis.com" })
 *   })
 * )
 *
 * const revoked = Layer.succeed(
 *   BiginAuth.BiginAuth,
 *   BiginAuth.make({ credentials: Effect.fail(new Errors.TokenRejected({ reason: "the grant was revoked" })) })
 * )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (parts: {
  readonly credentials: Service["credentials"]
  readonly renew?: Service["renew"] | undefined
}): Service => ({ credentials: parts.credentials, renew: parts.renew ?? (() => Effect.succeedNone) })

/**
 * One access token that somebody else has minted. Zoho's live for an hour, and this layer has no other: once Bigin refuses
 * it, calls fail with InvalidToken.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { BiginAuth } from "effect-bigin"
 *
 * const auth = BiginAuth.layerToken({
 *   accessToken: Redacted.make("1000.abc"),
 *   dataCenter: "eu",
 *   scopes: ["ZohoBigin.modules.ALL", "ZohoBigin.modules.attachments.ALL"]
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerToken = (options: {
  /** The token, without a prefix. */
  readonly accessToken: Redacted.Redacted
  /** Where the account lives: "us" unless given. */
  readonly dataCenter?: DataCenter | undefined
  /** A test server or a proxy in place of the data centre's API. It is given the token. */
  readonly apiOrigin?: string | undefined
  /** The scopes that the token was granted; `Scopes.ensure` lets every call through where they are not given. */
  readonly scopes?: ReadonlyArray<string> | undefined
}): Layer.Layer<BiginAuth> =>
  Layer.succeed(
    BiginAuth,
    make({
      credentials: Effect.succeed({
        accessToken: options.accessToken,
        apiOrigin: options.apiOrigin ?? origins[options.dataCenter ?? "us"].api,
        ...(options.scopes === undefined ? {} : { scopes: options.scopes })
      })
    })
  )

/**
 * The token that the environment names, without the white space around it: `BIGIN_ACCESS_TOKEN`; `BIGIN_DATA_CENTER`
 * ("us"); `BIGIN_SCOPES`, separated by spaces or commas; `BIGIN_API_ORIGIN` for a test server or a proxy.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { BiginAuth } from "effect-bigin"
 *
 * const live = Layer.provideMerge(BiginAuth.layerConfig, FetchHttpClient.layer)
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: Layer.Layer<BiginAuth, ConfigError.ConfigError> = Layer.unwrapEffect(
  Effect.map(
    Config.all({
      accessToken: environment.accessToken,
      dataCenter: environment.dataCenter,
      apiOrigin: environment.apiOrigin,
      scopes: environment.scopes
    }),
    layerToken
  )
)
