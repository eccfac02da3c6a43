import { Effect, Layer, Tracer } from "effect"

/** A tracer that keeps its spans. */
export const recordingTracer = (spans: Array<Tracer.Span>): Layer.Layer<never> =>
  Layer.unwrapEffect(
    Effect.map(Effect.tracer, (tracer) =>
      Layer.setTracer(
        Tracer.make({
          context: (f, fiber) => tracer.context(f, fiber),
          span: (...args) => {
            const span = tracer.span(...args)
            spans.push(span)
            return span
          }
        })
      )
    )
  )
