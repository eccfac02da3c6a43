/** One request to Zoho's accounts server. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { originProblem, parseOrigin } from "../../models/credentials.ts"
import { origins } from "../../models/dataCenter.ts"
import type { Answer } from "../answer/item.ts"
import { everyHeader } from "../request/call.ts"
import { exchange } from "../request/exchange.ts"
import { traced } from "../request/span.ts"
import { reasonOf } from "../request/transport.ts"
import { now } from "./entry.ts"
import { type Account, type MintFailure, readReply, rejected, revealed, trustedOrigin, unreachable } from "./reply.ts"
import type { Source } from "./sharedToken.ts"

const timeout = Duration.seconds(30)

export const accountsOriginOf = (account: Pick<Account, "accountsOrigin" | "dataCenter">): string =>
  account.accountsOrigin ?? origins[account.dataCenter ?? "us"].accounts

/** Of no caller in particular, and long after whoever built the layer. */
export const sourceOf = (account: Account): Source<HttpClient.HttpClient> => ({
  mint: mint(account, { root: true }),
  scopes: account.scopes,
  trusted: (apiOrigin) => trustedOrigin(apiOrigin, account)
})

/** Asks once; nothing here is retried. */
export const mint = (account: Account, options: { readonly root?: boolean } = {}) =>
  Effect.gen(function* () {
    const askedAt = yield* now
    const form = { ...account.grant, client_id: account.clientId, client_secret: account.clientSecret }
    const sent = Object.entries(form).map(([name, value]) => [name, revealed(value)] as const)
    const answer = yield* ask(account, "/oauth/v2/token", sent)
    return yield* readReply(answer, account, askedAt, yield* now)
  }).pipe(traced("POST", Effect.succeed("/oauth/v2/token"), ({ error }: MintFailure) => error._tag, options))

/** Sends the accounts server a form. */
export const ask = (
  account: Pick<Account, "accountsOrigin" | "dataCenter">,
  path: string,
  form: ReadonlyArray<readonly [name: string, value: string]>
): Effect.Effect<Answer, MintFailure, HttpClient.HttpClient> => {
  const origin = parseOrigin(accountsOriginOf(account))
  if (Option.isNone(origin)) return Effect.fail(rejected(`the accounts origin ${originProblem}`))
  // the words of a throttle are in the language that is asked for
  const headers = { ...everyHeader, "accept-language": "en" }
  // in the body, never in the URL, which servers and proxies write down
  const request = HttpClientRequest.bodyUrlParams(HttpClientRequest.post(`${origin.value}${path}`, { headers }), form)
  return Effect.mapError(exchange(request, timeout), (error) => {
    if (error._tag === "TimeoutException") {
      return unreachable(`the accounts server did not answer within ${Duration.format(timeout)}`, { made: true })
    }
    const { reason, sent } = reasonOf(error)
    return unreachable(`the connection failed (${reason})`, { made: sent })
  })
}
