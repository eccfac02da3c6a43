/** What is told of minting, without a value. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cause from "effect/Cause"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type { Token } from "./known.ts"
import type { Minted, MintFailure } from "./reply.ts"

const mints = Metric.counter("bigin.auth.mints", {
  description: "Access tokens that were asked for",
  incremental: true
})

const tokenAge = Metric.gauge("bigin.auth.token.age", {
  description: "Seconds since the token was asked for that was served last"
})

/** By outcome: "minted", the tag of the failure, "interrupted" or "died". */
export const observe = (exit: Exit.Exit<Minted, MintFailure>): Effect.Effect<void> => {
  const outcome = Exit.match(exit, {
    onSuccess: () => "minted",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onNone: () => (Cause.isInterrupted(cause) ? "interrupted" : "died"),
        onSome: ({ error }) => error._tag
      })
  })
  return Effect.zipRight(
    Metric.increment(Metric.tagged(mints, "outcome", outcome)),
    Effect.logInfo(outcome === "minted" ? "Minted an access token" : `Minted no access token: ${outcome}`)
  )
}

export const measure = ({ askedAt }: Token, now: number): void => tokenAge.unsafeUpdate((now - askedAt) / 1000, [])
