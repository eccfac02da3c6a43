/** What answers say of the API credits that remain. Bigin says it when half of them are used (CRM). */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import type { Answer } from "../answer/item.ts"
import { handOn } from "./exchange.ts"

/** A client that tells how many remain, by each answer that says it and before anybody else sees that answer. */
export const watchingCredits = (client: HttpClient.HttpClient, remain: (credits: number) => void) => {
  const watch = ({ headers }: Pick<Answer, "headers">) =>
    Effect.sync(() => {
      const remaining = headers["x-api-credits-remaining"] ?? ""
      if (/^\d{1,15}$/.test(remaining)) remain(Number(remaining))
    })
  const watching = HttpClient.transformResponse(
    client,
    Effect.tapBoth({
      onSuccess: watch,
      // one that filters by status makes a failure of an answer
      onFailure: (error) => (error._tag === "ResponseError" ? watch(error.response) : Effect.void)
    })
  )
  return handOn(client, watching, (exchange) => (request, limits) => Effect.tap(exchange(request, limits), watch))
}
