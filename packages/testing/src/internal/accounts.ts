/** Zoho's accounts server: mints access tokens, within its limits, and takes tokens back. */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Fixtures from "../Fixtures.ts"
import { readForm } from "./form.ts"
import type { Client, Token, WireRequest } from "./model.ts"
import type { World } from "./world.ts"

const lifeSeconds = 3600
const windowMillis = 600_000
const mintsInWindow = 10
const liveTokens = 15

export const answerToken = (world: World, request: WireRequest, now: number): Fixtures.Reply => {
  if (request.method !== "POST") return Fixtures.tokenError("invalid_request", 400, "Tokens are minted by POST")
  const fields = fieldsOf(request)
  const field = (name: string) => fields.get(name) ?? ""
  const { clients, usedCodes } = world.accounts

  const grant = grants.get(field("grant_type"))
  const missing = ["grant_type", "client_id", "client_secret", ...(grant === undefined ? [] : [grant])].filter(
    (name) => field(name) === ""
  )
  if (missing.length > 0) return Fixtures.tokenError("invalid_request", 400, `Missing: ${missing.join(", ")}`)
  if (grant === undefined) return Fixtures.tokenError("invalid_request", 400, "There is no such grant_type")

  const client = Object.hasOwn(clients, field("client_id")) ? clients[field("client_id")] : undefined
  if (client === undefined) return Fixtures.tokenError("invalid_client")
  if (field("client_secret") !== client.clientSecret) return Fixtures.tokenError("invalid_client_secret")

  const mintOf = (grant: string, token: Token, more?: object) => mint(world, request, grant, token, now, more)
  if (grant === "refresh_token") {
    const token = tokenOf(world, client, field("refresh_token"))
    return token === undefined ? Fixtures.tokenError("invalid_code") : mintOf(field("refresh_token"), token)
  }
  if (grant === "code") {
    const refreshToken = client.codes?.[field("code")]
    const token = refreshToken === undefined ? undefined : tokenOf(world, client, refreshToken)
    if (refreshToken === undefined || token === undefined || usedCodes.has(field("code"))) {
      return Fixtures.tokenError("invalid_code")
    }
    usedCodes.add(field("code"))
    return mintOf(refreshToken, token, { refresh_token: refreshToken })
  }
  return mintOf(field("client_id"), { scopes: field("scope").split(/[ ,]+/) })
}

/** What each grant is given. */
const grants: ReadonlyMap<string, "code" | "refresh_token" | "scope"> = new Map([
  ["refresh_token", "refresh_token"],
  ["authorization_code", "code"],
  ["client_credentials", "scope"]
])

/** With a refresh token go the access tokens that were made of it. */
export const answerRevoke = (world: World, request: WireRequest): Fixtures.Reply => {
  const { accounts, tokens } = world
  const token = fieldsOf(request).get("token") ?? ""
  if (request.method !== "POST" || token === "") {
    return Fixtures.tokenError("invalid_request", 400, "Missing: token, by POST")
  }
  if (tokens.delete(token)) return revoked
  if (!Object.values(accounts.clients).some((client) => tokenOf(world, client, token) !== undefined)) {
    return Fixtures.tokenError("invalid_token", 400)
  }
  accounts.revoked.add(token)
  for (const { accessToken } of accounts.minted.get(token) ?? []) tokens.delete(accessToken)
  return revoked
}

const revoked = Fixtures.json(200, { status: "success" })

/** Zoho's pages and clients give them in the query, in a form of either kind, and the client by Basic auth. */
const fieldsOf = (request: WireRequest): ReadonlyMap<string, string> => {
  const [, query = ""] = request.url.split("?", 2)
  const form = readForm(request)
  const body = form?.map(({ bytes, name }) => [name, new TextDecoder().decode(bytes)] as const)
  return new Map([...basicOf(request), ...new URLSearchParams(query), ...(body ?? new URLSearchParams(request.body))])
}

const basicOf = ({ headers }: WireRequest): ReadonlyArray<readonly [string, string]> => {
  const encoded = /^Basic (.+)$/i.exec(headers["authorization"] ?? "")?.[1] ?? ""
  const [clientId = "", ...clientSecret] = Either.getOrElse(Encoding.decodeBase64String(encoded), () => "").split(":")
  return clientId === ""
    ? []
    : [
        ["client_id", clientId],
        ["client_secret", clientSecret.join(":")]
      ]
}

const tokenOf = ({ accounts }: World, { refreshTokens }: Client, refreshToken: string): Token | undefined =>
  Object.hasOwn(refreshTokens, refreshToken) && !accounts.revoked.has(refreshToken)
    ? refreshTokens[refreshToken]
    : undefined

const mint = (
  world: World,
  { origin = "https://www.zohoapis.com" }: WireRequest,
  grant: string,
  token: Token,
  now: number,
  more: object = {}
): Fixtures.Reply => {
  const { accounts, tokens } = world
  const minted = accounts.minted.get(grant) ?? []
  if (minted.filter(({ at }) => at > now - windowMillis).length >= mintsInWindow) return Fixtures.tokenThrottle

  accounts.counter += 1
  const accessToken = `1000.minted-${accounts.counter}.0123456789abcdef`
  tokens.set(accessToken, { ...token, expiresAt: now + lifeSeconds * 1000 })

  const all = [...minted, { at: now, accessToken }]
  accounts.minted.set(grant, all)
  // one more than may live: the oldest dies
  const live = all.filter((one) => tokens.has(one.accessToken))
  for (const { accessToken: oldest } of live.slice(0, -liveTokens)) tokens.delete(oldest)

  return Fixtures.json(200, {
    access_token: accessToken,
    ...more,
    scope: token.scopes.join(" "),
    api_domain: origin,
    token_type: "Bearer",
    expires_in: lifeSeconds
  })
}
