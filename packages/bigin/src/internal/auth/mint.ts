/** One request to Zoho's accounts server. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import { originProblem, parseOrigin } from "../../models/credentials.ts"
import { origins } from "../../models/dataCenter.ts"
import { everyHeader } from "../request/call.ts"
import { exchange } from "../request/exchange.ts"
import { traced } from "../request/span.ts"
import { reasonOf } from "../request/transport.ts"
import { now } from "./entry.ts"
import { type Account, type MintError, type MintFailure, readReply, revealed, trustedOrigin } from "./reply.ts"
import type { Source } from "./sharedToken.ts"

const timeout = Duration.seconds(30)

export const accountsOriginOf = ({
  accountsOrigin,
  dataCenter = "us"
}: Pick<Account, "accountsOrigin" | "dataCenter">) => accountsOrigin ?? origins[dataCenter].accounts

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
    const secrets = Object.entries(account.grant).map(([name, value]) => [name, revealed(value)] as const)
    const answer = yield* ask(account, "/oauth/v2/token", [
      ...secrets,
      ["client_id", account.clientId],
      ["client_secret", Redacted.value(account.clientSecret)]
    ])
    return yield* readReply(answer, account, askedAt, yield* now)
  }).pipe(traced("POST", Effect.succeed("/oauth/v2/token"), ({ error }: MintFailure) => error._tag, options))

/** Sends the accounts server a form. */
export const ask = (
  account: Pick<Account, "accountsOrigin" | "dataCenter">,
  path: string,
  form: ReadonlyArray<readonly [name: string, value: string]>
) =>
  Effect.gen(function* () {
    const origin = parseOrigin(accountsOriginOf(account))
    if (Option.isNone(origin)) {
      return yield* failure(new TokenRejected({ reason: `the accounts origin ${originProblem}` }), false)
    }
    // the words of a throttle are in the language that is asked for
    const headers = { ...everyHeader, "accept-language": "en" }
    // in the body, never in the URL, which servers and proxies write down
    const request = HttpClientRequest.post(`${origin.value}${path}`, { headers }).pipe(
      HttpClientRequest.bodyUrlParams(form)
    )
    return yield* Effect.catchAll(exchange(request, timeout), (error) => {
      if (error._tag === "TimeoutException") {
        const reason = `the accounts server did not answer within ${Duration.format(timeout)}`
        return failure(new TokenUnreachable({ reason }), true)
      }
      const { reason, sent } = reasonOf(error)
      return failure(new TokenUnreachable({ reason: `the connection failed (${reason})` }), sent)
    })
  })

const failure = (error: MintError, made: boolean): Effect.Effect<never, MintFailure> =>
  Effect.fail({ error, made, throttled: false })
