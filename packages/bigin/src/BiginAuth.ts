/**
 * Who a call is made as. Calls ask the service for credentials; a layer decides where those come from.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type { FileSystem } from "@effect/platform/FileSystem"
import type { HttpClient } from "@effect/platform/HttpClient"
import type { KeyValueStore } from "@effect/platform/KeyValueStore"
import type { Path } from "@effect/platform/Path"
import type * as ConfigError from "effect/ConfigError"
import type { DurationInput } from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as EffectScope from "effect/Scope"
import type { Scope } from "./Scopes.ts"
import { TokenRejected, type TokenUnreachable } from "./errors/undocumented.ts"
import * as authorize from "./internal/auth/authorize.ts"
import { fileStore as makeFileStore } from "./internal/auth/fileStore.ts"
import { keyOf, make as makeTokens } from "./internal/auth/keyValueTokens.ts"
import { mint, sourceOf } from "./internal/auth/mint.ts"
import type { Account } from "./internal/auth/reply.ts"
import { BiginAuth, type Credentials, type Service } from "./models/credentials.ts"
import { type DataCenter, origins } from "./models/dataCenter.ts"
import * as environment from "./internal/auth/environment.ts"
import { credentialsOf } from "./internal/auth/sharedToken.ts"
import * as sharedToken from "./internal/auth/sharedToken.ts"
import * as tokenSource from "./internal/auth/tokenSource.ts"

export { BiginAuth, type Credentials, type Service } from "./models/credentials.ts"

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
 * it, calls fail with InvalidToken. One that is not printable ASCII without spaces is never sent: calls fail with TokenRejected.
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
export const layerToken = (options: TokenOptions): Layer.Layer<BiginAuth> => Layer.succeed(BiginAuth, ofToken(options))

const ofToken = ({ accessToken, apiOrigin, dataCenter = "us", scopes }: TokenOptions): Service =>
  make({
    credentials: Effect.succeed({
      accessToken,
      apiOrigin: apiOrigin ?? origins[dataCenter].api,
      ...(scopes === undefined ? {} : { scopes })
    })
  })

/**
 * A token, and what is known of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenOptions {
  /** The token, without a prefix. */
  readonly accessToken: Redacted.Redacted
  /** Where the account lives: "us" unless given. */
  readonly dataCenter?: DataCenter | undefined
  /** A test server or a proxy in place of the data centre's API. It is given the token. */
  readonly apiOrigin?: string | undefined
  /** The scopes that the token was granted; `Scopes.ensure` lets every call through where they are not given. */
  readonly scopes?: ReadonlyArray<string> | undefined
}

/**
 * Access tokens minted by a refresh token, which does not expire. All callers share one token.
 *
 * - In the last sixth of its life, five minutes at most, one mint renews it while calls go on with it. In its last minute calls wait
 *   for the new one.
 * - Where Bigin refuses it, there is one mint for all.
 * - A mint runs in the layer's scope, with what the layer was built with: HttpClient, RequestInit, logger, tracer.
 * - Each mint is a line in the log, at Info. The metric `bigin.auth.mints` counts it with its `outcome`. The gauge
 *   `bigin.auth.token.age` is in seconds.
 *
 * Calls fail with
 * - TokenRejected where Zoho refuses to mint: the grant was revoked, the client or its secret is wrong, or the account lives in
 *   another data centre. Also where the reply names an API host that is none of Bigin's. It is remembered for a minute.
 * - TokenUnreachable where another attempt may succeed, with `retryAfter` where it is known when.
 *
 * A mint is not repeated for the call that it was begun for. After one that failed nobody asks for 1, 2, 4 … 60 seconds. Meanwhile
 * calls have a token that still lives. Without one they wait for the next try, if that is within five seconds. The layer mints at
 * most ten tokens in ten minutes, which is what Zoho allows, and none while Zoho says "Access Denied".
 * From bigin.com/developer/docs/apis, OAuth; the limits are Zoho's.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Config, Effect, Layer } from "effect"
 * import { BiginAuth } from "effect-bigin"
 *
 * const auth = Layer.unwrapEffect(
 *   Effect.gen(function* () {
 *     return BiginAuth.layerRefreshToken({
 *       clientId: yield* Config.string("CLIENT_ID"),
 *       clientSecret: yield* Config.redacted("CLIENT_SECRET"),
 *       refreshToken: yield* Config.redacted("REFRESH_TOKEN"),
 *       dataCenter: "eu"
 *     })
 *   })
 * )
 *
 * const live = Layer.provideMerge(auth, FetchHttpClient.layer)
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerRefreshToken = (
  options: ClientOptions & {
    readonly refreshToken: Redacted.Redacted
    /** Where tokens outlive the process, such as `fileStore`; keyed by client and data centre. */
    readonly store?: KeyValueStore | undefined
  }
): Layer.Layer<BiginAuth, never, HttpClient> =>
  layerOf({ ...options, grant: refreshing(options.refreshToken) }, options.store)

const refreshing = (refreshToken: Redacted.Redacted) => ({ grant_type: "refresh_token", refresh_token: refreshToken })

/**
 * Access tokens minted by a self client for its own organisation, without a refresh token. As `layerRefreshToken`
 * otherwise. From zoho.com/accounts, "Self Client - Client credentials flow", and CRM's page of that name. Bigin's own
 * pages do not mention the flow: it is likely to work, and not proven.
 *
 * @example
 * ```ts
 * import { Redacted } from "effect"
 * import { BiginAuth, Scopes } from "effect-bigin"
 *
 * const auth = BiginAuth.layerClientCredentials({
 *   clientId: "1000.client",
 *   clientSecret: Redacted.make("secret"),
 *   scopes: Scopes.missing(Scopes.deleteAttachment("Contacts"), []),
 *   soid: "ZohoBigin.600000000"
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClientCredentials = (
  options: ClientOptions & {
    /** What to ask for. */
    readonly scopes: ReadonlyArray<Scope>
    /** The organisation, as `{service}.{organisation id}`; needed where Zoho answers `missing_org_info`. */
    readonly soid?: string | undefined
    /** Where tokens outlive the process, such as `fileStore`; keyed by client and data centre. */
    readonly store?: KeyValueStore | undefined
  }
): Layer.Layer<BiginAuth, never, HttpClient> =>
  layerOf(
    {
      ...options,
      grant: {
        grant_type: "client_credentials",
        scope: options.scopes.join(","),
        ...(options.soid === undefined ? {} : { soid: options.soid })
      }
    },
    options.store
  )

const layerOf = (account: Account, store: KeyValueStore | undefined): Layer.Layer<BiginAuth, never, HttpClient> =>
  Layer.scoped(
    BiginAuth,
    Effect.suspend(() =>
      sharedToken.make(sourceOf(account), store === undefined ? undefined : makeTokens(store, keyOf(account)))
    )
  )

/**
 * Access tokens of a source of your own, such as a vault or a service that mints for others. They are shared, renewed and kept
 * as those of `layerRefreshToken`, by its rules: one mint at a time, at most ten in ten minutes, pauses after one that failed.
 * A mint that takes longer than 30 seconds is interrupted. It has a scope of its own. What else it needs is given when the layer is
 * built.
 *
 * A mint fails with TokenRejected where a person must act, which is remembered for a minute, and with TokenUnreachable where
 * another attempt may succeed; `retryAfter` lengthens the pause. The layer adds to them: a token that no header can hold, or an
 * `apiOrigin` that is no origin, is TokenRejected; an `expiresIn` of zero or less is TokenUnreachable.
 *
 * A stored token is sent where the entry says, since only your source knows where its tokens belong: keep it where no one else
 * can write.
 *
 * @example
 * ```ts
 * import { Context, Duration, Effect, Redacted } from "effect"
 * import { BiginAuth, Errors } from "effect-bigin"
 *
 * class Vault extends Context.Tag("Vault")<
 *   Vault,
 *   { readonly read: (path: string) => Effect.Effect<{ value: string; ttl: number }, Error> }
 * >() {}
 *
 * // Layer.Layer<BiginAuth.BiginAuth, never, Vault>
 * const auth = BiginAuth.layerTokenSource({
 *   mint: Vault.pipe(
 *     Effect.flatMap((vault) => vault.read("bigin/access-token")),
 *     Effect.map(({ ttl, value }) => ({
 *       accessToken: Redacted.make(value),
 *       apiOrigin: "https://www.zohoapis.eu",
 *       expiresIn: Duration.seconds(ttl)
 *     })),
 *     Effect.mapError(() => new Errors.TokenUnreachable({ reason: "the vault did not answer" }))
 *   )
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerTokenSource = <R = never>({
  mint,
  scopes,
  store
}: {
  /** Asks for a token, once. */
  readonly mint: Effect.Effect<SourceToken, TokenRejected | TokenUnreachable, R>
  /** Where tokens outlive the process, such as `fileStore`. The key is yours: one for each grant. */
  readonly store?: { readonly store: KeyValueStore; readonly key: string } | undefined
  /** What was granted, for `Scopes.ensure`, where the source does not say. It is not stored. */
  readonly scopes?: ReadonlyArray<string> | undefined
}): Layer.Layer<BiginAuth, never, Exclude<R, EffectScope.Scope>> =>
  Layer.scoped(
    BiginAuth,
    Effect.suspend(() =>
      sharedToken.make(
        tokenSource.sourceOf(mint, scopes),
        store === undefined ? undefined : makeTokens(store.store, store.key)
      )
    )
  )

/**
 * What a source of your own gives for a mint.
 *
 * @since 0.1.0
 * @category models
 */
export interface SourceToken {
  /** Printable ASCII without spaces. */
  readonly accessToken: Redacted.Redacted
  /** Where the API is: scheme, host and port, such as `https://www.zohoapis.eu`. The token is sent there. */
  readonly apiOrigin: string
  /** The scopes that the token was granted, where they are known. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** Counted from before the mint; more than a day is taken as a day. */
  readonly expiresIn: DurationInput
}

/**
 * Where to send a user's browser, so that they let an application of yours act for them. It comes back to `redirectUri`, for
 * `readRedirect`. Pure; nothing in it is a secret. From zoho.com/accounts, "Web server applications", and CRM's page on
 * authorization.
 *
 * @example
 * ```ts
 * import { createHash, randomBytes } from "node:crypto"
 * import { BiginAuth, Scopes } from "effect-bigin"
 *
 * // both are kept in the user's session until the browser comes back
 * const state = randomBytes(32).toString("base64url")
 * const codeVerifier = randomBytes(32).toString("base64url")
 *
 * const url = BiginAuth.authorizationUrl({
 *   clientId: "1000.client",
 *   redirectUri: "https://app.example/callback",
 *   scopes: Scopes.missing(Scopes.deleteAttachment("Contacts"), []),
 *   state,
 *   codeChallenge: createHash("sha256").update(codeVerifier).digest("base64url")
 * })
 * ```
 *
 * @since 0.1.0
 * @category authorization
 */
export const authorizationUrl: (options: {
  readonly clientId: string
  /** As it is registered in Zoho's API console, to the letter. */
  readonly redirectUri: string
  /** What to ask for. */
  readonly scopes: ReadonlyArray<Scope | (string & {})>
  /** What nobody can guess, one for each question: `readRedirect` holds it against what comes back. */
  readonly state: string
  /** Where the user is asked: "us" unless given. Their account may live elsewhere; `readRedirect` tells. */
  readonly dataCenter?: DataCenter | undefined
  /** A test server or a proxy in place of the accounts server. */
  readonly accountsOrigin?: string | undefined
  /** PKCE, S256: the SHA-256 of a code verifier, as base64url without padding. */
  readonly codeChallenge?: string | undefined
  /** "offline" unless given: "online", which is Zoho's own default, gives no refresh token. */
  readonly accessType?: "offline" | "online" | undefined
  /** "consent" unless given, so that the user is asked, and a refresh token given, each time; "" leaves it out. */
  readonly prompt?: string | undefined
}) => string = authorize.authorizationUrl

/**
 * The code in the URL that Zoho sent a user's browser to: whole, or from its path on, as servers are told it. What it gives goes
 * into `exchangeGrantCode` as it is, within two minutes. The URL comes through a browser, so anybody may have made it up.
 *
 * `accountsOrigin` is the accounts server that gave the code, where the URL names it: one of the eight of
 * `DataCenter.origins`, and no other is honoured. The account lives in that data centre.
 *
 * Fails with TokenRejected, which never holds the code, where
 * - the state is not the one that was sent, or the user refused;
 * - the URL names no code, or names one thing twice;
 * - the URL names a server that is none of Zoho's.
 *
 * @example
 * ```ts
 * import { Effect, Redacted } from "effect"
 * import { BiginAuth } from "effect-bigin"
 *
 * const signIn = (url: string, session: { readonly state: string; readonly codeVerifier: string }) =>
 *   BiginAuth.readRedirect(url, session).pipe(
 *     Effect.flatMap((redirect) =>
 *       BiginAuth.exchangeGrantCode({
 *         clientId: "1000.client",
 *         clientSecret: Redacted.make("secret"),
 *         redirectUri: "https://app.example/callback",
 *         codeVerifier: Redacted.make(session.codeVerifier),
 *         ...redirect
 *       })
 *     )
 *   )
 * ```
 *
 * @since 0.1.0
 * @category authorization
 */
export const readRedirect = (
  url: string | URL,
  options: {
    /** What was sent with `authorizationUrl`; an empty one never matches. */
    readonly state: string
  }
): Effect.Effect<{ readonly code: Redacted.Redacted; readonly accountsOrigin?: string }, TokenRejected> =>
  Effect.suspend(() => authorize.readRedirect(url, options.state))

/**
 * Exchanges a code for a refresh token that does not expire: the code of a self client, generated in Zoho's API console a few
 * minutes ago, or one that `readRedirect` gave. A code serves once.
 *
 * Fails with
 * - TokenRejected where the code does not serve, or the client or its secret is wrong.
 * - TokenUnreachable where the accounts server could not be reached. The code may still serve then, or may be used up.
 *
 * From zoho.com/accounts, "Self Client - Authorization code flow" and "Web server applications".
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Redacted } from "effect"
 * import { BiginAuth } from "effect-bigin"
 *
 * const program = BiginAuth.exchangeGrantCode({
 *   clientId: "1000.client",
 *   clientSecret: Redacted.make("secret"),
 *   code: Redacted.make("1000.code")
 * }).pipe(Effect.provide(FetchHttpClient.layer))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const exchangeGrantCode = (
  options: ClientOptions & {
    readonly code: Redacted.Redacted
    /** Needed for the code of a web or desktop application: what `authorizationUrl` was given. A self client has none. */
    readonly redirectUri?: string | undefined
    /** PKCE: that of the `codeChallenge` which `authorizationUrl` was given. */
    readonly codeVerifier?: Redacted.Redacted | undefined
  }
): Effect.Effect<
  { readonly refreshToken: Redacted.Redacted; readonly credentials: Credentials },
  TokenRejected | TokenUnreachable,
  HttpClient
> =>
  mint({
    ...options,
    grant: {
      grant_type: "authorization_code",
      code: options.code,
      ...(options.redirectUri === undefined ? {} : { redirect_uri: options.redirectUri }),
      ...(options.codeVerifier === undefined ? {} : { code_verifier: options.codeVerifier })
    }
  }).pipe(
    Effect.mapError(({ error }) => error),
    Effect.flatMap(({ refreshToken, ...minted }) =>
      refreshToken === undefined
        ? Effect.fail(new TokenRejected({ reason: "Zoho gave an access token for the code and no refresh token" }))
        : Effect.succeed({ refreshToken, credentials: credentialsOf(minted, sourceOf({ ...options, grant: {} })) })
    )
  )

/**
 * Gives a refresh token up: Zoho mints with it no more. A layer that has an access token of it goes on with that until Bigin
 * refuses it. From zoho.com/accounts, "Revoke refresh token".
 *
 * Fails with
 * - TokenRejected where Zoho refuses, for example a token that it does not know. A second attempt after one whose answer was lost is
 *   answered so too.
 * - TokenUnreachable where no answer came, or none that says that it was revoked. It may be revoked all the same.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Redacted } from "effect"
 * import { BiginAuth } from "effect-bigin"
 *
 * const program = BiginAuth.revoke({ refreshToken: Redacted.make("1000.refresh"), dataCenter: "eu" }).pipe(
 *   Effect.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category authorization
 */
export const revoke: (options: {
  readonly refreshToken: Redacted.Redacted
  /** Where the account lives: "us" unless given. */
  readonly dataCenter?: DataCenter | undefined
  /** A test server or a proxy in place of the accounts server. It is given the token. */
  readonly accountsOrigin?: string | undefined
}) => Effect.Effect<void, TokenRejected | TokenUnreachable, HttpClient> = authorize.revoke

/**
 * A client of Zoho's API console, and where its account lives.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClientOptions {
  readonly clientId: string
  readonly clientSecret: Redacted.Redacted
  /** Where the account lives: "us" unless given. */
  readonly dataCenter?: DataCenter | undefined
  /** What was granted, for `Scopes.ensure`, where the token reply does not say. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** A test server or a proxy in place of the API, whatever the token reply names. It is given tokens. */
  readonly apiOrigin?: string | undefined
  /** A test server or a proxy in place of the accounts server. It is given the client's secrets. */
  readonly accountsOrigin?: string | undefined
}

/**
 * A `KeyValueStore` of files in a folder, for its owner alone: the files have mode 600, and the folder 700 where it is made; one
 * that is there already is left as it is. What else lies in the folder is never touched: its own files end in `.bigin-token.json`,
 * `.bigin-token.tmp` and `.bigin-token.lock`, and those that nobody has written for 30 days go.
 * A file is written aside, synced and then renamed, so a crash leaves the old one or the new one, whole. Layers and processes that share
 * the folder take turns to mint. A disk that fails or hangs is one warning in the log, and tokens are then kept in memory.
 * What is wrong with the folder shows when a layer uses it, not here.
 *
 * @example
 * ```ts
 * import { NodeContext } from "@effect/platform-node"
 * import { Effect, Layer, Redacted } from "effect"
 * import { BiginAuth } from "effect-bigin"
 *
 * const auth = Layer.unwrapEffect(
 *   Effect.map(BiginAuth.fileStore("/var/lib/purge/tokens"), (store) =>
 *     BiginAuth.layerRefreshToken({
 *       clientId: "1000.client",
 *       clientSecret: Redacted.make("secret"),
 *       refreshToken: Redacted.make("1000.refresh"),
 *       store
 *     })
 *   )
 * ).pipe(Layer.provide(NodeContext.layer))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const fileStore: (directory: string) => Effect.Effect<KeyValueStore, PlatformError, FileSystem | Path> =
  makeFileStore

/**
 * Whichever credentials the environment describes.
 *
 * - An access token: `BIGIN_ACCESS_TOKEN`, and `BIGIN_SCOPES` separated by spaces or commas.
 * - A refresh token: `BIGIN_CLIENT_ID`, `BIGIN_CLIENT_SECRET`, `BIGIN_REFRESH_TOKEN`, and `BIGIN_ACCOUNTS_ORIGIN` for a test server or a
 *   proxy. Where both are there, the access token is used.
 * - In both cases: `BIGIN_DATA_CENTER` ("us" unless given, in any letter case), and `BIGIN_API_ORIGIN` for a test server or a proxy.
 *
 * White space around a value is no part of it. An empty credential counts as not given. Any other variable that is set and empty is
 * an error. One ConfigError names all that is missing, and no value.
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
export const layerConfig: Layer.Layer<BiginAuth, ConfigError.ConfigError, HttpClient> =
  // a program that does not name it loads nothing of minting: four kilobytes less
  /*#__PURE__*/ Layer.suspend(() =>
    // without layerRefreshToken, since its store is two kilobytes of every program that reads the environment
    layerDescribed(() => undefined)
  )

const layerDescribed = (
  storeOf: (account: Account) => sharedToken.TokenStore | undefined
): Layer.Layer<BiginAuth, ConfigError.ConfigError, HttpClient> =>
  Layer.scoped(
    BiginAuth,
    Effect.flatMap(environment.described, (described) => {
      if (described._tag === "AccessToken") return Effect.succeed(ofToken(described))
      const account = { ...described, grant: refreshing(described.refreshToken) }
      return sharedToken.make(sourceOf(account), storeOf(account))
    })
  )

/**
 * As `layerConfig`, with a place where minted tokens outlive the process, such as `fileStore`. An access token in the
 * environment is not minted, and the store is not asked. Scopes that the environment claims are used and not stored.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { NodeContext } from "@effect/platform-node"
 * import { Config, Effect, Layer } from "effect"
 * import { BiginAuth } from "effect-bigin"
 *
 * const auth = Config.nonEmptyString("BIGIN_TOKEN_DIR").pipe(
 *   Effect.flatMap(BiginAuth.fileStore),
 *   Effect.map((store) => BiginAuth.layerConfigWith({ store })),
 *   Layer.unwrapEffect
 * )
 *
 * const live = Layer.provideMerge(auth, Layer.merge(FetchHttpClient.layer, NodeContext.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfigWith = ({
  store
}: {
  readonly store: KeyValueStore
}): Layer.Layer<BiginAuth, ConfigError.ConfigError, HttpClient> =>
  layerDescribed((account) => makeTokens(store, keyOf(account)))
