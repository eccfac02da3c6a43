/** What the accounts server's reply means. Pure and total: the status says little, since Zoho answers failures with 200 too. */
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import { accessTokenPattern, parseOrigin } from "../../models/credentials.ts"
import { type DataCenter, origins } from "../../models/dataCenter.ts"
import { type Answer, retryAfter } from "../answer/item.ts"
import { own, parseJson } from "../answer/json.ts"
import { scrubber } from "../answer/scrub.ts"

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

/** Times are in milliseconds since the epoch. */
export interface Minted {
  readonly accessToken: Redacted.Redacted
  readonly apiOrigin: string
  readonly scopes?: ReadonlyArray<string>
  readonly askedAt: number
  readonly endsAt: number
}

export type MintError = TokenRejected | TokenUnreachable

export interface MintFailure {
  readonly error: MintError
  /** Whether a token was made all the same, or may have been. */
  readonly made: boolean
  readonly throttled: boolean
}

/** What Zoho's tokens live where a reply does not say, and what none is believed to live longer than. */
const usualLife = 3_600_000
const longestLife = 86_400_000

export const readReply = (answer: Answer, account: Account, askedAt: number, now: number) => {
  const reply = parseJson(answer.body)
  const [accessToken, domain, scope, refreshToken] = ["access_token", "api_domain", "scope", "refresh_token"].map(
    (name) => textOf(own(reply, name))
  )
  const failure = failureOf(answer, reply, account, now)
  if (failure !== undefined) return Either.left(failure)
  if (answer.status < 200 || answer.status >= 300 || accessToken === undefined) {
    const reason = `the accounts server answered ${answer.status} without a token`
    return Either.left(unreachable(reason, { retryAfter: retryAfter(answer.headers, now) }))
  }
  // from here on a token was made
  if (!accessTokenPattern.test(accessToken)) {
    return Either.left(rejected("the accounts server gave an access token that no header can hold", { made: true }))
  }
  const endsAt = Math.round(askedAt + Math.min(lifeOf(reply), longestLife))
  if (endsAt <= now) {
    return Either.left(unreachable("the accounts server gave a token that has expired already", { made: true }))
  }
  const named = domain?.toLowerCase().replace(/\/$/, "") ?? origins[account.dataCenter ?? "us"].api
  const apiOrigin = trustedOrigin(named, account)
  if (apiOrigin === undefined) return Either.left(rejected(foreignOrigin, { made: true }))
  const scopes = scope?.split(/[\s,]+/).filter((name) => name !== "") ?? []
  return Either.right({
    accessToken: Redacted.make(accessToken),
    apiOrigin,
    ...(scopes.length > 0 ? { scopes } : {}),
    askedAt,
    endsAt,
    refreshToken: refreshToken === undefined ? undefined : Redacted.make(refreshToken)
  })
}

/** What a reply says is wrong: the first that matches decides. */
export const failureOf = (
  { headers, status }: Answer,
  reply: unknown,
  account: Pick<Account, "clientSecret" | "grant">,
  now: number
): MintFailure | undefined => {
  const code = textOf(own(reply, "error")) ?? ""
  const what = Object.hasOwn(meaning, code) ? meaning[code] : undefined
  const isCode = /^[a-z_]+$/.test(code)
  const isAnswer = status === 200 || status === 400
  // "Access Denied", and what it is called in other languages
  const isSaid = isAnswer && ((code !== "" && !isCode) || own(reply, "status") === "failure")
  const wait = { retryAfter: retryAfter(headers, now) }
  if (status === 429 || what === "throttles" || (what === undefined && isSaid)) {
    return { ...unreachable(throttled, wait), throttled: true }
  }
  if (what === undefined && !(isCode && (isAnswer || status === 401))) return undefined
  const secrets = [account.clientSecret, ...Object.values(account.grant)].filter(Redacted.isRedacted)
  const { head } = scrubber(secrets.map(revealed))
  const description = textOf(own(reply, "error_description"))
  const said = `Zoho says ${JSON.stringify(head(code, 64))}${description ? ` (${head(description, 256)})` : ""}`
  return what === "passes" ? unreachable(said, wait) : rejected(what === undefined ? said : `${said}: ${what}`)
}

export const revealed = (value: string | Redacted.Redacted): string =>
  typeof value === "string" ? value : Redacted.value(value)

/** Of any other type, and empty, it counts as absent. */
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

/** `expires_in` is in seconds, but older replies gave milliseconds, at times next to `expires_in_sec`. Nonsense is as good as none. */
const lifeOf = (reply: unknown): number => {
  const [seconds, given] = ["expires_in_sec", "expires_in"].map((name) => {
    const value = own(reply, name)
    const number = typeof value === "number" ? value : Number(textOf(value)?.trim() || Number.NaN)
    return Number.isFinite(number) ? number : undefined
  })
  if (seconds !== undefined) return 1000 * seconds
  if (given === undefined) return usualLife
  return given > 100_000 ? given : 1000 * given
}

/** One of Bigin's own hosts or the server that was asked: no other is given a token, unless it was named explicitly. */
export const trustedOrigin = (named: string, { accountsOrigin = "", apiOrigin }: Account): string | undefined => {
  const known = [...Object.values(origins).map(({ api }) => api), Option.getOrUndefined(parseOrigin(accountsOrigin))]
  return apiOrigin ?? known.find((origin) => origin === named)
}

const foreignOrigin =
  "the token reply names an API origin that is none of Bigin's, so the token was not used; name apiOrigin if it is right"

/** Of a throttle, and of the ten mints of ten minutes. */
export const throttled = "Zoho mints no more tokens for now (10 in 10 minutes are allowed)"

const unusable = "the refresh token or the code was revoked, has expired, was used before or is of another client"

/** The codes of OAuth and of Zoho. */
const meaning: { readonly [code: string]: string } = {
  slow_down: "throttles",
  too_many_requests: "throttles",
  server_error: "passes",
  temporarily_unavailable: "passes",
  general_error: "passes",
  invalid_client: "the client id is not known there; it may be of another data centre",
  invalid_client_secret: "the client secret is wrong; it may be of another data centre",
  invalid_code: unusable,
  invalid_grant: unusable,
  access_denied: "the client may not have this token",
  unauthorized_client: "the client may not ask for this kind of token",
  invalid_scope: "a scope does not exist or may not be granted",
  invalid_request: "something is missing in the request or is given twice",
  unsupported_grant_type: "this kind of grant is not known there"
}

export const rejected = (reason: string, { made = false } = {}): MintFailure => ({
  error: new TokenRejected({ reason }),
  made,
  throttled: false
})

export const unreachable = (
  reason: string,
  { made = false, retryAfter }: { readonly made?: boolean; readonly retryAfter?: Duration.Duration | undefined }
): MintFailure => ({
  error: new TokenUnreachable({ reason, ...(retryAfter === undefined ? {} : { retryAfter }) }),
  made,
  throttled: false
})
