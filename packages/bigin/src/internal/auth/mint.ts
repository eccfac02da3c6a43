/** One request to Zoho's accounts server, and what its reply means. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import { retryAfter } from "../answer/item.ts"
import { own, parseJson } from "../answer/json.ts"
import { scrubber } from "../answer/scrub.ts"
import { everyHeader } from "../request/call.ts"
import { exchange } from "../request/exchange.ts"
import type { Answer } from "../answer/item.ts"
import { traced } from "../request/span.ts"
import { reasonOf } from "../request/transport.ts"
import { accessTokenPattern, type Credentials, originProblem, parseOrigin } from "../../models/credentials.ts"
import { type DataCenter, origins } from "../../models/dataCenter.ts"

/** Who asks, where, and for which kind of token. */
export interface Account {
  readonly clientId: string
  readonly clientSecret: Redacted.Redacted
  readonly dataCenter?: DataCenter | undefined
  readonly accountsOrigin?: string | undefined
  /** Named explicitly: then what the reply says of it is not looked at. */
  readonly apiOrigin?: string | undefined
  /** What was granted, where the reply does not say. */
  readonly scopes?: ReadonlyArray<string> | undefined
  readonly grant: { readonly [parameter: string]: string | Redacted.Redacted }
}

/** What a reply gives. Times are in milliseconds since the epoch. */
export interface Minted {
  readonly accessToken: Redacted.Redacted
  readonly apiOrigin: string
  readonly scopes?: ReadonlyArray<string>
  readonly obtainedAt: number
  readonly renewAt: number
  readonly refreshToken?: Redacted.Redacted
}

export type MintError = TokenRejected | TokenUnreachable

/** Not one that was obtained in the future, either: then the clock was ahead, and the token may be long dead. */
export const isFresh = ({ obtainedAt, renewAt }: Pick<Minted, "obtainedAt" | "renewAt">, now: number): boolean =>
  obtainedAt <= now && now < renewAt

/** A failure, whether anything was sent, and whether nobody may ask again before its `retryAfter`. */
export interface MintFailure {
  readonly error: MintError
  readonly sent: boolean
  readonly throttled: boolean
}

/** What calls need of it. */
export const credentialsOf = ({ accessToken, apiOrigin, scopes }: Minted): Credentials => ({
  accessToken,
  apiOrigin,
  ...(scopes === undefined ? {} : { scopes })
})

const timeout = Duration.seconds(30)
/** Zoho's tokens live an hour; one that claims more than a day is not believed. */
const longestLife = Duration.toMillis("1 day")
const throttle = Duration.minutes(10)

export const accountsOriginOf = ({ accountsOrigin, dataCenter = "us" }: Account): string =>
  accountsOrigin ?? origins[dataCenter].accounts

/** Asks once; nothing here is retried. */
export const mint = (
  account: Account,
  options: { readonly root?: boolean } = {}
): Effect.Effect<Minted, MintFailure, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const request = yield* tokenRequest(account)
    // a life counts from before the request: the reply may have been long on its way
    const began = yield* Clock.currentTimeMillis
    const answer = yield* Effect.mapError(exchange(request, timeout), (error) => {
      if (error._tag === "TimeoutException") {
        return unreachable(`the accounts server did not answer within ${Duration.format(timeout)}`)
      }
      const { reason, sent } = reasonOf(error)
      return { ...unreachable(`the connection failed (${reason})`), sent }
    })
    const now = yield* Clock.currentTimeMillis
    return yield* readReply(answer, account, { began, now })
  }).pipe(traced("POST", Effect.succeed("/oauth/v2/token"), ({ error }: MintFailure) => error._tag, options))

const tokenRequest = (account: Account): Either.Either<HttpClientRequest.HttpClientRequest, MintFailure> =>
  Either.fromOption(parseOrigin(accountsOriginOf(account)), () => ({
    ...rejected(`the accounts origin ${originProblem}`),
    sent: false
  })).pipe(
    Either.map((origin) =>
      HttpClientRequest.post(`${origin}/oauth/v2/token`, { headers: everyHeader }).pipe(
        // in the body, never in the URL, which servers and proxies write down
        HttpClientRequest.bodyUrlParams({
          ...Object.fromEntries(Object.entries(account.grant).map(([name, value]) => [name, revealed(value)])),
          client_id: account.clientId,
          client_secret: Redacted.value(account.clientSecret)
        })
      )
    )
  )

/** Pure and total. The status says little here: Zoho answers failures with 200 as well as with 400. */
export const readReply = (
  answer: Answer,
  account: Account,
  { began, now }: { readonly began: number; readonly now: number }
): Either.Either<Minted, MintFailure> => {
  const reply = parseJson(answer.body)
  const error = own(reply, "error")
  const wait = retryAfter(answer.headers, now)

  if (answer.status === 429 || error === "Access Denied") {
    return Either.left({
      error: new TokenUnreachable({
        reason: "Zoho mints no more tokens for now (10 in 10 minutes are allowed)",
        retryAfter: wait ?? throttle
      }),
      sent: true,
      throttled: true
    })
  }
  if (typeof error === "string" && error !== "") {
    // a gateway's page has an "error" too; of a 5xx only what OAuth knows is a refusal
    const passes = passing.has(error) || (answer.status >= 500 && !Object.hasOwn(meaning, error))
    return Either.left(passes ? unreachable(said(error, account), wait) : rejected(said(error, account)))
  }
  const accessToken = own(reply, "access_token")
  if (answer.status < 200 || answer.status >= 300 || typeof accessToken !== "string" || accessToken === "") {
    return Either.left(unreachable(`the accounts server answered ${answer.status} without a token`, wait))
  }
  if (!accessTokenPattern.test(accessToken)) {
    return Either.left(rejected("the accounts server gave an access token that no header can hold"))
  }
  const life = Math.min(lifeMillis(reply), longestLife)
  if (!(began + life > now)) {
    return Either.left(unreachable("the accounts server gave a token that has expired already"))
  }

  const scope = own(reply, "scope")
  const refreshToken = own(reply, "refresh_token")
  return Either.map(apiOriginOf(reply, account), (apiOrigin) => ({
    accessToken: Redacted.make(accessToken),
    apiOrigin,
    ...scopesOf(scope, account),
    obtainedAt: began,
    renewAt: Math.round(began + life - Math.min(60_000, life / 10)),
    ...(typeof refreshToken === "string" ? { refreshToken: Redacted.make(refreshToken) } : {})
  }))
}

const scopesOf = (scope: unknown, account: Account): Pick<Minted, "scopes"> => {
  if (typeof scope === "string") return { scopes: scope.split(/[\s,]+/).filter((name) => name !== "") }
  return account.scopes === undefined ? {} : { scopes: account.scopes }
}

/** `expires_in` is in seconds, but older replies gave milliseconds, at times next to `expires_in_sec`. */
const lifeMillis = (reply: unknown): number => {
  const seconds = own(reply, "expires_in_sec")
  if (seconds !== undefined) return Number(seconds) * 1000
  const given = Number(own(reply, "expires_in") ?? 3600)
  return given > 100_000 ? given : given * 1000
}

/** A reply may name one of Bigin's own hosts, and no other is given a token. */
const apiOriginOf = (reply: unknown, account: Account): Either.Either<string, MintFailure> => {
  if (account.apiOrigin !== undefined) return Either.right(account.apiOrigin)
  const named = own(reply, "api_domain")
  if (typeof named !== "string" || named === "") return Either.right(origins[account.dataCenter ?? "us"].api)
  const origin = named.toLowerCase().replace(/\/$/, "")
  return isBiginOrigin(origin)
    ? Either.right(origin)
    : Either.left(
        rejected(
          "the token reply names an API origin that is none of Bigin's, so the token was not used; name apiOrigin if it is right"
        )
      )
}

export const isBiginOrigin = (origin: string): boolean => Object.values(origins).some(({ api }) => api === origin)

/** Errors of OAuth that say themselves that they pass. */
const passing: ReadonlySet<string> = new Set(["server_error", "temporarily_unavailable", "general_error"])

const meaning: { readonly [error: string]: string } = {
  invalid_client: "the client id is not known there; it may be of another data centre",
  invalid_client_secret: "the client secret is wrong; it may be of another data centre",
  invalid_code: "the refresh token or the code was revoked, has expired, was used before or is of another client",
  invalid_grant: "the refresh token or the code was revoked, has expired, was used before or is of another client",
  access_denied: "the client may not have this token",
  unauthorized_client: "the client may not ask for this kind of token",
  invalid_scope: "a scope does not exist or may not be granted"
}

/** The error as the server names it, without what it may have echoed, and what that means. */
const said = (error: string, account: Account): string => {
  const secrets = [account.clientSecret, ...Object.values(account.grant)].filter(Redacted.isRedacted).map(revealed)
  const name = JSON.stringify(scrubber(secrets).head(error, 64))
  return Object.hasOwn(meaning, error) ? `Zoho says ${name}: ${meaning[error]}` : `Zoho says ${name}`
}

const revealed = (value: string | Redacted.Redacted): string =>
  typeof value === "string" ? value : Redacted.value(value)

const rejected = (reason: string): MintFailure => ({
  error: new TokenRejected({ reason }),
  sent: true,
  throttled: false
})

const unreachable = (reason: string, wait?: Duration.Duration): MintFailure => ({
  error: new TokenUnreachable({ reason, ...(wait === undefined ? {} : { retryAfter: wait }) }),
  sent: true,
  throttled: false
})
