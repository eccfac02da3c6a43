/**
 * An HTTP service that removes attachments for its own clients.
 *
 * `15-http-service/` is the service: `problems.ts` maps each error to a status and a problem document, `api.ts` is what it offers,
 * `service.ts` does it, and `main.ts` is the process. Here it runs on a fake Bigin, and a client that is derived from the same
 * schemas asks it. Its tests are in `test/httpService.test.ts`.
 */
import { FetchHttpClient, HttpApiClient, HttpClient, HttpClientRequest, HttpServer } from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { ConfigProvider, Console, Effect, Layer, Logger, LogLevel } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { createServer } from "node:http"
import { RemovalApi } from "./15-http-service/api.ts"
import { serviceOn } from "./15-http-service/service.ts"

const key = "a-key-of-the-service"

const program = HttpServer.addressFormattedWith((baseUrl) =>
  Effect.gen(function* () {
    const client = yield* HttpApiClient.make(RemovalApi, {
      baseUrl,
      transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(key))
    })
    const remove = (module: string) =>
      client.attachments.remove({ path: { ...Fixtures.attachment, module } }).pipe(
        Effect.andThen(({ outcome }) => Console.log(outcome)),
        // the client's own union: what to wait for, and what nobody knows, are types here as well
        Effect.catchTags({
          NotFound: ({ detail, status }) => Console.log(`${status}: ${detail}`),
          TryLater: ({ retryAfter }) => Console.log(`ask again in ${retryAfter} seconds`),
          OutcomeUnknown: ({ outcome }) => Console.log(`outcome: ${outcome}`)
        })
      )
    yield* remove("Contacts")
    yield* remove("Contacts")
    yield* remove("Contact")
    const fake = yield* FakeBigin.FakeBigin
    yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.rateLimited(60)) })
    yield* remove("Contacts")
    yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("InternalError")), times: 100 })
    yield* remove("Contacts")
  }).pipe(Effect.provide(FetchHttpClient.layer))
)

const server = createServer()

const http = NodeHttpServer.layer(() => server, { host: "127.0.0.1", port: 0 })

// one attempt, so that the example does not wait
const variables = { REMOVAL_KEY: key, REMOVAL_WITHIN: "0 seconds" }

const settings = Layer.mergeAll(
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)))),
  // what it logs is for whoever runs it
  Logger.minimumLogLevel(LogLevel.None)
)

program.pipe(
  Effect.provide(serviceOn(server)),
  Effect.provide([http, FakeBigin.layer]),
  Effect.provide(settings),
  NodeRuntime.runMain
)
