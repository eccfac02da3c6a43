/** One span a call, by OpenTelemetry's conventions for HTTP clients and for errors; none where nobody listens. */
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Tracer from "effect/Tracer"

/** Effect's own tracer keeps its spans to itself: unheard they would be a tenth of what a call costs. */
const silent = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** Where tracing is off, the current span is that of whoever turned it off. */
const isHeard = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean =>
  fiber.currentTracer !== silent && fiber.getFiberRef(FiberRef.currentTracerEnabled)

/** Named by the route, never by ids, so that calls add up; `error.type` is the tag. */
export const traced =
  <E>(
    method: string,
    route: Effect.Effect<string>,
    errorType: (error: E) => string,
    options: { readonly root?: boolean } = {}
  ) =>
  <A, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiberRuntime<A, E, R>((fiber) =>
      isHeard(fiber)
        ? Effect.flatMap(route, (route) =>
            self.pipe(
              Effect.tapError((error) => annotate(() => ({ "error.type": errorType(error) }))),
              Effect.withSpan(`${method} ${route}`, {
                kind: "client",
                captureStackTrace: false,
                ...options,
                attributes: { "http.request.method": method, "http.route": route }
              })
            )
          )
        : self
    )

/** As it is told where somebody listens, and by itself where nobody does. */
export const toldWhereHeard = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  told: (self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.withFiberRuntime((fiber) => (isHeard(fiber) ? told(self) : self))

/** Tells the span of the call; where there is none, it is not told to the caller's. */
export const annotate = (attributes: () => { readonly [name: string]: unknown }): Effect.Effect<void> =>
  Effect.withFiberRuntime((fiber) => (isHeard(fiber) ? Effect.annotateCurrentSpan(attributes()) : Effect.void))
