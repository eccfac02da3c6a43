/** One call of the API: a request with the layer's token, its answer read, and a replay where the token was refused. */
import type { HttpBody } from "@effect/platform/HttpBody"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { Asked } from "../../errors/classify.ts"
import type { Ref } from "../../errors/fields.ts"
import type { InvalidToken, TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import { exchange, type ExchangeError, type Query } from "./exchange.ts"
import type { Answer } from "../answer/item.ts"
import type { Operation } from "./operation.ts"
import { withReplay } from "./replay.ts"
import type { BiginAuth } from "../../models/credentials.ts"

export const call = <R extends Ref, A, E>(
  operation: Operation,
  ref: R,
  read: (answer: Answer, asked: Asked<R>) => Either.Either<A, E>,
  query?: Query,
  body?: HttpBody
): Effect.Effect<
  A,
  E | ExchangeError | InvalidToken | TokenRejected | TokenUnreachable,
  HttpClient.HttpClient | BiginAuth
> =>
  withReplay((credentials, secrets) =>
    Effect.gen(function* () {
      const answer = yield* exchange(operation, ref, credentials, query, body)
      const now = yield* Clock.currentTimeMillis
      return yield* read(answer, { ref, secrets: secrets.map(Redacted.value), now })
    })
  )
