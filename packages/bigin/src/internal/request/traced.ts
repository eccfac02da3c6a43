/** One span a call, by OpenTelemetry's conventions for HTTP clients and for errors. */
import * as Effect from "effect/Effect"
import type { BiginError } from "../../errors/operations.ts"
import { type Operation, versioned } from "./operation.ts"

/** Named by the route, never by ids, so that calls add up; `error.type` is the tag. */
export const withSpan =
  <E>(method: string, route: string, errorType: (error: E) => string, options: { readonly root?: boolean } = {}) =>
  <A, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    self.pipe(
      Effect.tapError((error) => Effect.annotateCurrentSpan("error.type", errorType(error))),
      Effect.withSpan(`${method} ${route}`, {
        kind: "client",
        captureStackTrace: false,
        ...options,
        attributes: { "http.request.method": method, "http.route": route }
      })
    )

/** The span of an operation. */
export const traced =
  (operation: Operation) =>
  <A, E extends BiginError, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(versioned(operation.route), (route) =>
      withSpan(operation.method, route, ({ _tag }: E) => _tag)(self)
    )
