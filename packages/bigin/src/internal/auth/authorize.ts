/** What an application asks a user for: the question, what the browser brings back, and giving it up again. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import { origins } from "../../models/dataCenter.ts"
import { type Answer, retryAfter } from "../answer/item.ts"
import { own, parseJson } from "../answer/json.ts"
import { scrubber } from "../answer/scrub.ts"
import { traced } from "../request/span.ts"
import { now } from "./entry.ts"
import { accountsOriginOf, ask } from "./mint.ts"
import { type Account, failureOf, type MintError, type MintFailure } from "./reply.ts"

type Where = Pick<Account, "accountsOrigin" | "dataCenter">

export const authorizationUrl = ({
  accessType = "offline",
  clientId,
  codeChallenge,
  prompt = "consent",
  redirectUri,
  scopes,
  state,
  ...where
}: Where & {
  readonly clientId: string
  readonly redirectUri: string
  readonly scopes: ReadonlyArray<string>
  readonly state: string
  readonly codeChallenge?: string | undefined
  readonly accessType?: string | undefined
  readonly prompt?: string | undefined
}): string => {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: scopes.join(","),
    state,
    access_type: accessType,
    ...(prompt === "" ? {} : { prompt }),
    ...(codeChallenge === undefined ? {} : { code_challenge: codeChallenge, code_challenge_method: "S256" })
  })
  return `${accountsOriginOf(where).replace(/\/$/, "")}/oauth/v2/auth?${query}`
}

/** A browser brings it, so anybody may have written it. */
export const readRedirect = (
  url: string | URL,
  state: string
): Either.Either<{ readonly code: Redacted.Redacted; readonly accountsOrigin?: string }, TokenRejected> => {
  const parameters = parametersOf(String(url))
  if (["accounts-server", "code", "error", "state"].some((name) => parameters.getAll(name).length > 1)) {
    return rejected("the redirect gives a parameter twice")
  }
  const [code, error, given] = [parameters.get("code"), parameters.get("error"), parameters.get("state")]
  // what was refused may come without the state
  if ((given !== state || state === "") && (given !== null || !error)) {
    return rejected("the redirect does not bring the state that was sent")
  }
  if (error) {
    // a short code could not be told from other words
    if (code) return rejected("the redirect brings both an error and a code")
    const said = JSON.stringify(scrubber([state]).head(error, 64))
    return rejected(`Zoho says ${said}${error === "access_denied" ? ": the user refused, or may not grant this" : ""}`)
  }
  if (!code) return rejected("the redirect brings no code")

  const server = parameters.get("accounts-server")
  if (server === null) return Either.right({ code: Redacted.make(code) })
  const accountsOrigin = server.toLowerCase().replace(/\/$/, "")
  return Object.values(origins).some(({ accounts }) => accounts === accountsOrigin)
    ? Either.right({ code: Redacted.make(code), accountsOrigin })
    : rejected("the redirect names an accounts server that is none of Zoho's, so the code was not sent to it")
}

/** Of a whole URL, or of the path that a server is told; nonsense has none. */
const parametersOf = (text: string): URLSearchParams => {
  const base = "http://localhost"
  return URL.canParse(text, base) ? new URL(text, base).searchParams : new URLSearchParams()
}

const rejected = (reason: string) => Either.left(new TokenRejected({ reason }))

const revocation = "/oauth/v2/token/revoke"

export const revoke = ({ refreshToken, ...where }: Where & { readonly refreshToken: Redacted.Redacted }) =>
  Effect.gen(function* () {
    const answer = yield* ask(where, revocation, [["token", Redacted.value(refreshToken)]])
    return yield* readRevocation(answer, refreshToken, yield* now)
  }).pipe(
    traced("POST", Effect.succeed(revocation), ({ error }: MintFailure) => error._tag),
    Effect.mapError(({ error }) => error)
  )

/** A refusal comes with 400, in words that nobody documented. */
const readRevocation = (
  answer: Answer,
  refreshToken: Redacted.Redacted,
  now: number
): Either.Either<void, MintFailure> => {
  const reply = parseJson(answer.body)
  const failure = failureOf(answer, reply, { clientSecret: refreshToken, grant: {} }, now)
  if (failure?.error._tag === "TokenRejected") return Either.left(failure)
  if (answer.status === 400) return fails(new TokenRejected({ reason: "Zoho refuses to revoke the refresh token" }))
  const isDone = answer.status >= 200 && answer.status < 300 && own(reply, "status") === "success"
  if (failure === undefined && isDone) return Either.void
  const reason = failure?.throttled
    ? "Zoho revokes no more tokens for now"
    : (failure?.error.reason ?? `the accounts server answered ${answer.status} and not that it revoked the token`)
  const wait = retryAfter(answer.headers, now)
  return fails(new TokenUnreachable({ reason, ...(wait === undefined ? {} : { retryAfter: wait }) }))
}

const fails = (error: MintError) => Either.left({ error, made: false, throttled: false })
