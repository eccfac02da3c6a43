import { create, isAxiosError } from "axios"
import { setTimeout } from "node:timers/promises"

const client = create({ timeout: 30_000 })

// what axios-retry does unless told otherwise: DELETE counts as idempotent. And 429, as most people add
client.interceptors.response.use(undefined, async (error: unknown) => {
  if (!isAxiosError(error) || error.config === undefined) throw error
  const status = error.response?.status ?? 500
  const tries = Number(error.config.headers["x-tries"] ?? 1)
  if (tries === 3 || (status !== 429 && status < 500)) throw error
  await setTimeout(10 * 2 ** tries)
  error.config.headers["x-tries"] = tries + 1
  return client.request(error.config)
})

export const remove = async (url: string, token: string): Promise<string> => {
  try {
    await client.delete(url, { headers: { authorization: `Zoho-oauthtoken ${token}` } })
    return "deleted"
  } catch (error) {
    if (!isAxiosError<{ code?: string }>(error)) throw error
    // a second try finds nothing left: that counts as done
    if (error.response?.data.code === "INVALID_DATA") return "already gone"
    return `failed: ${error.response?.data.code ?? error.message}`
  }
}
