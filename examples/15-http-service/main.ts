/**
 * The process: `npx tsx examples/15-http-service/main.ts`. It serves until a signal, and then lets what it has begun end.
 *
 * Its settings come from the environment: `REMOVAL_KEY`, perhaps `REMOVAL_WITHIN`, `HOST` and `PORT`, and those of the library.
 * With `OTEL_EXPORTER_OTLP_ENDPOINT` it sends its traces there.
 */
import * as Otlp from "@effect/opentelemetry/Otlp"
import { FetchHttpClient, HttpServer } from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer, Option } from "effect"
import { createServer } from "node:http"
import { bigin, serviceOn } from "./service.ts"

const server = createServer()

const http = NodeHttpServer.layerConfig(() => server, {
  host: Config.string("HOST").pipe(Config.withDefault("127.0.0.1")),
  // 0 takes a port that is free, which Config.port refuses
  port: Config.integer("PORT").pipe(Config.withDefault(3000))
})

const traces = Config.option(Config.string("OTEL_EXPORTER_OTLP_ENDPOINT")).pipe(
  Effect.map(
    Option.match({
      onNone: () => Layer.empty,
      onSome: (baseUrl) => Otlp.layerJson({ baseUrl, resource: { serviceName: "attachment-removal" } })
    })
  ),
  Layer.unwrapEffect,
  // a client of its own: traces neither wait for Bigin's throttle nor hold it up
  Layer.provide(FetchHttpClient.layer)
)

// the service ends first, so the token and the traces serve what is under way until its end
HttpServer.withLogAddress(serviceOn(server)).pipe(
  Layer.provide(http),
  Layer.provide(bigin),
  Layer.provide(traces),
  Layer.launch,
  NodeRuntime.runMain
)
