/** A source of somebody's own, such as a vault, as a source of tokens that are shared. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { TokenUnreachable } from "../../errors/undocumented.ts"
import { parseOrigin, sendable } from "../../models/credentials.ts"
import { now } from "./entry.ts"
import type { MintError, MintFailure } from "./reply.ts"
import type { Source } from "./sharedToken.ts"

/** What the source gives. */
export interface Given {
  readonly accessToken: Redacted.Redacted
  readonly apiOrigin: string
  readonly scopes?: ReadonlyArray<string> | undefined
  readonly expiresIn: Duration.DurationInput
}

const timeout = Duration.seconds(30)
const longestLife = Duration.days(1)

export const sourceOf = <R>(
  mint: Effect.Effect<Given, MintError, R>,
  scopes: ReadonlyArray<string> | undefined
): Source<Exclude<R, Scope.Scope>> => ({
  mint: Effect.gen(function* () {
    const askedAt = yield* now
    const { accessToken, apiOrigin, expiresIn, scopes } = yield* Effect.scoped(mint).pipe(
      Effect.mapError((error) => failure(error, false)),
      Effect.timeoutFail({
        duration: timeout,
        onTimeout: () => unreachable(`gave nothing within ${Duration.format(timeout)}`)
      })
    )
    const { origin } = yield* Either.mapLeft(sendable({ accessToken, apiOrigin }), (error) => failure(error, true))
    const life = Option.getOrElse(Duration.decodeUnknown(expiresIn), () => Duration.zero)
    const endsAt = Math.round(askedAt + Duration.toMillis(Duration.min(life, longestLife)))
    if (endsAt <= (yield* now)) return yield* Effect.fail(unreachable("gave a token that has expired already"))
    return { accessToken, apiOrigin: origin, ...(scopes === undefined ? {} : { scopes }), askedAt, endsAt }
  }),
  scopes,
  // the same rule as for what the source says itself: nobody else knows where its tokens belong
  trusted: (apiOrigin) => Option.getOrUndefined(parseOrigin(apiOrigin))
})

const failure = (error: MintError, made: boolean): MintFailure => ({ error, made, throttled: false })

/** It may have made a token all the same. */
const unreachable = (what: string) => failure(new TokenUnreachable({ reason: `the token source ${what}` }), true)
