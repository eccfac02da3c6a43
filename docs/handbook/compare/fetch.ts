import { setTimeout } from "node:timers/promises"

class HttpError extends Error {
  override readonly name = "HttpError"
  readonly status: number
  constructor(status: number, code: string) {
    super(`${status} ${code}`)
    this.status = status
  }
}

const attempt = async (url: string, token: string): Promise<void> => {
  const response = await fetch(url, {
    method: "DELETE",
    headers: { authorization: `Zoho-oauthtoken ${token}` },
    signal: AbortSignal.timeout(30_000)
  })
  if (response.ok) return
  const body: { code?: string } = await response.json().catch(() => ({}))
  throw new HttpError(response.status, body.code ?? "without a code")
}

// 429 and 5xx may pass, and so may a connection that broke
const mayPass = (error: unknown) => !(error instanceof HttpError) || error.status === 429 || error.status >= 500

export const remove = async (url: string, token: string): Promise<string> => {
  for (let tries = 1; ; tries++) {
    try {
      await attempt(url, token)
      return "deleted"
    } catch (error) {
      if (tries === 3 || !mayPass(error)) return `failed: ${error instanceof Error ? error.message : "unknown"}`
    }
    await setTimeout(10 * 2 ** tries)
  }
}
