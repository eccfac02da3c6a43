import { errAsync, okAsync, ResultAsync } from "neverthrow"
import { setTimeout } from "node:timers/promises"

type Failure =
  | { readonly type: "Network"; readonly cause: unknown }
  | { readonly type: "Unreadable"; readonly status: number }
  | { readonly type: "Refused"; readonly status: number; readonly code: string }

interface Item {
  readonly status: string
  readonly code: string
}

const attempt = (url: string, token: string): ResultAsync<void, Failure> =>
  ResultAsync.fromPromise(
    fetch(url, {
      method: "DELETE",
      headers: { authorization: `Zoho-oauthtoken ${token}` },
      signal: AbortSignal.timeout(30_000)
    }),
    (cause): Failure => ({ type: "Network", cause })
  ).andThen((response) =>
    ResultAsync.fromPromise(
      response.json().then((body: Item & { data?: ReadonlyArray<Item> }) => body.data?.[0] ?? body),
      (): Failure => ({ type: "Unreadable", status: response.status })
    ).andThen((item) =>
      // not the status of HTTP: what the answer says of itself
      item.status === "success"
        ? okAsync(undefined)
        : errAsync<void, Failure>({ type: "Refused", status: response.status, code: item.code })
    )
  )

const mayPass = (failure: Failure) => failure.type === "Network" || failure.status === 429 || failure.status >= 500

const retried = (url: string, token: string, tries = 1): ResultAsync<void, Failure> =>
  attempt(url, token).orElse((failure) =>
    tries === 3 || !mayPass(failure)
      ? errAsync(failure)
      : ResultAsync.fromSafePromise(setTimeout(10 * 2 ** tries)).andThen(() => retried(url, token, tries + 1))
  )

export const remove = (url: string, token: string): Promise<string> =>
  retried(url, token).match(
    () => "deleted",
    (failure) => `failed: ${failure.type === "Refused" ? failure.code : failure.type}`
  )
