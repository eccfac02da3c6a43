/** One span a call, by OpenTelemetry's conventions for HTTP clients and for errors. */
import * as Effect from "effect/Effect"
import type { BiginError } from "../errors/operations.ts"
import { type Operation, versioned } from "./operation.ts"

/** Named by the route, never by ids, so that calls add up; `error.type` is the tag. */
export const traced =
  (operation: Operation) =>
  <A, E extends BiginError, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(versioned(operation.route), (route) =>
      self.pipe(
        Effect.tapError((error) => Effect.annotateCurrentSpan("error.type", error._tag)),
        Effect.withSpan(`${operation.method} ${route}`, {
          kind: "client",
          captureStackTrace: false,
          attributes: { "http.request.method": operation.method, "http.route": route }
        })
      )
    )
