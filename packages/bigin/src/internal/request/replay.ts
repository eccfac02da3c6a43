import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { InvalidToken, type TokenRejected, type TokenUnreachable } from "../../errors/undocumented.ts"
import { comeBack } from "./trip.ts"
import { BiginAuth, type Credentials } from "../../models/credentials.ts"

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
    // kept by value: who renews may wipe what was refused
    const refused = copy(first.accessToken)

    const replay = (refusal: InvalidToken) =>
      Effect.flatMap(
        Effect.flatMap(comeBack(refusal), (goesOn) => (goesOn ? auth.renew(first) : Effect.succeedNone)),
        Option.match({
          onNone: () => Effect.fail(refusal),
          onSome: (second) =>
            Effect.zipRight(
              Effect.annotateCurrentSpan("http.request.resend_count", 1),
              attempt(second, [refused, copy(second.accessToken)])
            )
        })
      )

    return yield* attempt(first, [refused]).pipe(Effect.catchIf(isRefusal, replay))
  })

const copy = (secret: Redacted.Redacted): Redacted.Redacted => Redacted.make(Redacted.value(secret))

const isRefusal = (error: unknown): error is InvalidToken => error instanceof InvalidToken
