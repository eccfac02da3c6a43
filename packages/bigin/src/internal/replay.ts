import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { BiginAuth, type Credentials } from "../BiginAuth.ts"
import { InvalidToken, type TokenRejected, type TokenUnreachable } from "../errors/undocumented.ts"

/**
 * Runs an attempt with the layer's credentials, and once more with others if Bigin refused those. Such a refusal means
 * that nothing was done, so this repeats nothing. `secrets` are all tokens that the answer could echo.
 */
export const withReplay = <A, E, R>(
  attempt: (
    credentials: Credentials,
    secrets: ReadonlyArray<Redacted.Redacted>
  ) => Effect.Effect<A, E | InvalidToken, R>
): Effect.Effect<A, E | InvalidToken | TokenRejected | TokenUnreachable, R | BiginAuth> =>
  Effect.gen(function* () {
    const auth = yield* BiginAuth
    const first = yield* auth.credentials

    const replay = (refusal: InvalidToken) =>
      Effect.flatMap(
        auth.renew(first),
        Option.match({
          onNone: () => Effect.fail(refusal),
          onSome: (second) =>
            Effect.zipRight(
              Effect.annotateCurrentSpan("http.request.resend_count", 1),
              attempt(second, [first.accessToken, second.accessToken])
            )
        })
      )

    return yield* attempt(first, [first.accessToken]).pipe(Effect.catchIf(isRefusal, replay))
  })

const isRefusal = (error: unknown): error is InvalidToken => error instanceof InvalidToken
