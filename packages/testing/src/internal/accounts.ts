/** Zoho's accounts server: mints access tokens, within its limits. */
import * as Fixtures from "../Fixtures.ts"
import type { Client, Token, WireRequest } from "./model.ts"
import type { World } from "./world.ts"

const lifeSeconds = 3600
const windowMillis = 600_000
const mintsInWindow = 10
const liveTokens = 15

/** Reads the body alone: what stands in the URL would be in everybody's logs. */
export const answerToken = (world: World, request: WireRequest, now: number): Fixtures.Reply => {
  const form = new URLSearchParams(request.body)
  const field = (name: string) => form.get(name) ?? ""
  const { clients, usedCodes } = world.accounts

  const client = Object.hasOwn(clients, field("client_id")) ? clients[field("client_id")] : undefined
  if (request.method !== "POST" || client === undefined) return Fixtures.tokenError("invalid_client")
  if (field("client_secret") !== client.clientSecret) return Fixtures.tokenError("invalid_client_secret")

  switch (field("grant_type")) {
    case "refresh_token":
      return ofRefreshToken(world, client, field("refresh_token"), now)
    case "authorization_code": {
      const refreshToken = client.codes?.[field("code")]
      if (refreshToken === undefined || usedCodes.has(field("code"))) return Fixtures.tokenError("invalid_code")
      usedCodes.add(field("code"))
      return ofRefreshToken(world, client, refreshToken, now, { refresh_token: refreshToken })
    }
    case "client_credentials":
      return mint(world, field("client_id"), { scopes: field("scope").split(",") }, now)
    default:
      return Fixtures.tokenError("invalid_request", 400)
  }
}

const ofRefreshToken = (world: World, client: Client, refreshToken: string, now: number, more: object = {}) => {
  const token = Object.hasOwn(client.refreshTokens, refreshToken) ? client.refreshTokens[refreshToken] : undefined
  return token === undefined ? Fixtures.tokenError("invalid_code") : mint(world, refreshToken, token, now, more)
}

const mint = (world: World, grant: string, token: Token, now: number, more: object = {}): Fixtures.Reply => {
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
    api_domain: "https://www.zohoapis.com",
    token_type: "Bearer",
    expires_in: lifeSeconds
  })
}
