/** The service itself, as layers. Each is built once for the process, so all requests share one token and one throttle. */
import { FetchHttpClient, HttpApiBuilder, type HttpApiError, HttpApp, HttpServerResponse } from "@effect/platform"
import { Config, Duration, Effect, Fiber, FiberSet, Layer, Redacted } from "effect"
import { Attachments, BiginAuth, BiginConfig, type Errors, Retry, Throttle } from "effect-bigin"
import { createHash, timingSafeEqual } from "node:crypto"
import type { Server } from "node:http"
import { Callers, RemovalApi } from "./api.ts"
import { MalformedRequest, problemOf, UnknownCaller } from "./problems.ts"

/** Bigin, as `BIGIN_…` in the environment describe it. Ten calls at once, whatever comes in. */
export const bigin = Layer.provideMerge(
  BiginAuth.layerConfig,
  Layer.provide(Throttle.layer({ concurrent: 10 }), FetchHttpClient.layer)
).pipe(Layer.merge(BiginConfig.layerConfig))

/** How long retries may keep a caller waiting. Where they would need longer, the caller is told to come back later. */
const patience = Config.duration("REMOVAL_WITHIN").pipe(Config.withDefault(Duration.seconds(20)))

const withHeader = (name: string, value: string) =>
  HttpApp.appendPreResponseHandler((_, response) => Effect.succeed(HttpServerResponse.setHeader(response, name, value)))

/** What whoever runs the service has to know. Answers to callers do not tell it. */
const report = (error: Errors.EnsureDeletedError) =>
  Effect.logWarning(error.message).pipe(
    Effect.annotateLogs("tag", error._tag),
    Effect.when(() => problemOf(error).status >= 500)
  )

const attachments = HttpApiBuilder.group(RemovalApi, "attachments", (handlers) =>
  Effect.gen(function* () {
    const within = yield* patience
    const schedule = Retry.schedule({ within, maxRetryAfter: within })
    // a deletion that has begun goes to its end, also where its caller hangs up; the process waits for it
    const underWay = yield* FiberSet.make<unknown, Errors.EnsureDeletedError>()
    yield* Effect.addFinalizer(() => FiberSet.awaitEmpty(underWay))

    return handlers.handle("remove", ({ path }) =>
      // not deleteAttachment: where its answer gets lost, this service has to find out, and not its callers
      FiberSet.run(underWay, Attachments.ensureDeleted(path, { schedule })).pipe(
        Effect.flatMap(Fiber.join),
        Effect.tapError(report),
        Effect.mapError(problemOf),
        Effect.tapErrorTag("TryLater", ({ retryAfter }) => withHeader("retry-after", String(retryAfter)))
      )
    )
  })
)

const callers = Layer.effect(
  Callers,
  // an empty key would let in whoever sends none
  Effect.map(Config.redacted(Config.nonEmptyString("REMOVAL_KEY")), (key) => ({
    key: (given) => (isSame(given, key) ? Effect.void : unknownCaller)
  }))
)

/** HTTP wants a 401 to say how to become known. */
const unknownCaller = Effect.zipRight(withHeader("www-authenticate", "Bearer"), Effect.fail(new UnknownCaller()))

/** In the same time, however much of the key is right. */
const isSame = (one: Redacted.Redacted, other: Redacted.Redacted) =>
  timingSafeEqual(digest(Redacted.value(one)), digest(Redacted.value(other)))

const digest = (text: string) => createHash("sha256").update(text).digest()

/** The platform answers a path that does not fit the schema in a form of its own. */
const malformed = HttpApiBuilder.middleware(RemovalApi, (app) => {
  // the type of app leaves out what its routes fail with
  const failing: HttpApp.Default<HttpApiError.HttpApiDecodeError> = app
  return Effect.catchTag(failing, "HttpApiDecodeError", ({ issues }) =>
    Effect.fail(
      new MalformedRequest({
        tag: "InvalidInput",
        detail: issues.map(({ message, path }) => `${path.join(".")}: ${message}`).join("; ")
      })
    )
  )
})

const api = HttpApiBuilder.api(RemovalApi).pipe(Layer.provide(Layer.provide(attachments, callers)))

/**
 * The service on a server of Node, whose HttpServer it needs as well as `bigin`.
 *
 * It stops in this order:
 * 1. it takes no new connection;
 * 2. it answers what has come;
 * 3. it waits for the deletions whose callers have hung up;
 * 4. the layers that it needs end.
 */
export const serviceOn = (server: Server) =>
  Layer.scopedDiscard(Effect.addFinalizer(() => closed(server))).pipe(
    Layer.provide(
      HttpApiBuilder.serve(
        HttpApp.withPreResponseHandler((_, response) =>
          // else a client would send its next request on a connection where nobody answers any more
          Effect.succeed(server.listening ? response : HttpServerResponse.setHeader(response, "connection", "close"))
        )
      )
    ),
    Layer.provide([malformed, HttpApiBuilder.middlewareOpenApi()]),
    Layer.provide(api)
  )

/** Ends when the last answer was given. */
const closed = (server: Server) =>
  Effect.async<void>((resume) => {
    server.close(() => resume(Effect.void))
  })
