/** The service of example 15 over TCP, on a Bigin over TCP: what its clients see of each failure, and what its traces tell. */
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import { FetchHttpClient, HttpApiClient, HttpClient, HttpClientRequest, HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { ConfigProvider, Deferred, Effect, Exit, Fiber, Layer, Logger, LogLevel, Match, Scope } from "effect"
import type { Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import { createInterface } from "node:readline"
import { RemovalApi } from "../15-http-service/api.ts"
import { OutcomeUnknown, type Problem, problems, TryLater } from "../15-http-service/problems.ts"
import { bigin, serviceOn } from "../15-http-service/service.ts"
import { root } from "./run.ts"

const key = "key-of-the-callers.0123456789abcdef"
const path = `/Contacts/${Fixtures.record.recordId}/attachments/${Fixtures.attachment.attachmentId}`

/** The service and its Bigin, each on a free port; one attempt for each deletion unless `variables` say otherwise. */
const running = (variables: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.make()
    const { origin } = yield* Effect.provideService(FakeBigin.serve, FakeBigin.FakeBigin, fake)
    const settings = {
      BIGIN_ACCESS_TOKEN: Fixtures.accessTokens.administrator,
      BIGIN_API_ORIGIN: origin,
      BIGIN_ACCOUNTS_ORIGIN: origin,
      REMOVAL_KEY: key,
      REMOVAL_WITHIN: "0 seconds",
      ...variables
    }
    const exporter = new InMemorySpanExporter()
    const traces = NodeSdk.layer(() => ({
      resource: { serviceName: "test" },
      spanProcessor: new SimpleSpanProcessor(exporter)
    }))
    const server = createServer()
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const context = yield* serviceOn(server).pipe(
      Layer.provideMerge(NodeHttpServer.layer(() => server, { host: "127.0.0.1", port: 0 })),
      Layer.provide(bigin),
      Layer.provide(traces),
      Layer.provide(Logger.minimumLogLevel(LogLevel.None)),
      Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(settings))))),
      Layer.buildWithScope(scope)
    )
    const baseUrl = yield* Effect.provide(HttpServer.addressFormattedWith(Effect.succeed), context)

    /** By bare fetch, as a client in any language. */
    const remove = (given = path, init: RequestInit = {}) =>
      Effect.promise(async (signal) => {
        const headers = { authorization: `Bearer ${key}` }
        const response = await fetch(`${baseUrl}${given}`, { method: "DELETE", headers, signal, ...init })
        const text = await response.text()
        for (const secret of Object.values({ ...Fixtures.accessTokens, ...Fixtures.client, key })) {
          expect(text).not.toContain(secret)
        }
        return { status: response.status, headers: response.headers, document: JSON.parse(text || "null") }
      })

    const client = yield* HttpApiClient.make(RemovalApi, {
      baseUrl,
      transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(key))
    }).pipe(Effect.provide(FetchHttpClient.layer))

    const closed = Effect.promise(() => once(server, "close"))
    return { baseUrl, client, closed, exporter, fake, origin, remove, stop: Scope.close(scope, Exit.void) }
  })

const withoutToken = {
  BIGIN_ACCESS_TOKEN: "",
  BIGIN_CLIENT_ID: Fixtures.client.clientId,
  BIGIN_CLIENT_SECRET: Fixtures.client.clientSecret,
  BIGIN_REFRESH_TOKEN: Fixtures.client.refreshToken
}

interface Case {
  readonly faults?: ReadonlyArray<FakeBigin.Rule>
  readonly variables?: Readonly<Record<string, string>>
  /** Nothing listens where Bigin was. */
  readonly isDown?: boolean
  readonly path?: string
  readonly answer: { readonly problem: Problem["_tag"]; readonly status: number; readonly retryAfter?: number }
}

const documented = (tag: Errors.DocumentedTag, details?: unknown): ReadonlyArray<FakeBigin.Rule> => [
  { fault: FakeBigin.answerWith(Fixtures.documented(tag, { details })) }
]
const answered = (tag: keyof typeof Fixtures.undocumented): ReadonlyArray<FakeBigin.Rule> => [
  { fault: FakeBigin.answerWith(Fixtures.undocumented[tag]) }
]

/** Every tag, and what makes it. */
const cases = {
  InvalidInput: { path: path.replace("Contacts", "1"), answer: { problem: "MalformedRequest", status: 400 } },
  InvalidModule: { faults: documented("InvalidModule"), answer: { problem: "NotFound", status: 404 } },
  UnsupportedModule: { faults: documented("UnsupportedModule"), answer: { problem: "NotFound", status: 404 } },
  InvalidData: {
    faults: documented("InvalidData", { resource_path_index: 1 }),
    answer: { problem: "NotFound", status: 404 }
  },
  NoPermission: { faults: documented("NoPermission"), answer: { problem: "NotAllowed", status: 403 } },
  AuthorizationFailed: { faults: documented("AuthorizationFailed"), answer: { problem: "NotAllowed", status: 403 } },
  OAuthScopeMismatch: { faults: documented("OAuthScopeMismatch"), answer: { problem: "Misconfigured", status: 500 } },
  InvalidToken: { faults: answered("InvalidToken"), answer: { problem: "Misconfigured", status: 500 } },
  TokenRejected: {
    variables: { ...withoutToken, BIGIN_CLIENT_SECRET: "not-the-secret.0123456789abcdef" },
    answer: { problem: "Misconfigured", status: 500 }
  },
  InvalidUrlPattern: { faults: documented("InvalidUrlPattern"), answer: { problem: "NotUnderstood", status: 502 } },
  InvalidRequestMethod: {
    faults: documented("InvalidRequestMethod"),
    answer: { problem: "NotUnderstood", status: 502 }
  },
  UnrecognizedCode: { faults: answered("UnrecognizedCode"), answer: { problem: "NotUnderstood", status: 502 } },
  MalformedResponse: { faults: answered("MalformedResponse"), answer: { problem: "NotUnderstood", status: 502 } },
  RateLimited: {
    faults: [{ fault: FakeBigin.answerWith(Fixtures.rateLimited(30)) }],
    answer: { problem: "TryLater", status: 503, retryAfter: 30 }
  },
  TokenUnreachable: {
    variables: withoutToken,
    faults: [{ fault: FakeBigin.answerWith(Fixtures.tokenThrottle) }],
    answer: { problem: "TryLater", status: 503, retryAfter: 600 }
  },
  ConnectionFailed: {
    isDown: true,
    answer: { problem: "TryLater", status: 503, retryAfter: 10 }
  },
  OutcomeUnknown: {
    // of the DELETE, and of the list that would tell
    faults: [{ fault: FakeBigin.loseAnswer, times: 2 }],
    answer: { problem: "OutcomeUnknown", status: 504 }
  }
} satisfies { readonly [Tag in Errors.EnsureDeletedError["_tag"]]: Case }

const outcomeOf = ({ problem }: Case["answer"]) => (problem === "OutcomeUnknown" ? "unknown" : "not deleted")

describe("the HTTP service", () => {
  it.scopedLive.each(Object.entries<Case>(cases))("answers %s with its problem, to any client", ([tag, given]) =>
    Effect.gen(function* () {
      const { origin } = yield* Effect.scoped(FakeBigin.serve)
      const { fake, remove } = yield* running(given.isDown ? { BIGIN_API_ORIGIN: origin } : given.variables)
      yield* Effect.forEach(given.faults ?? [], fake.inject)
      const { document, headers, status } = yield* remove(given.path)
      const { problem, retryAfter, ...answer } = given.answer
      expect({ status, document }).toEqual({
        status: answer.status,
        document: {
          type: `/openapi.json#/components/schemas/${problem}`,
          title: expect.any(String),
          status: answer.status,
          detail: expect.any(String),
          outcome: outcomeOf(given.answer),
          tag,
          ...(retryAfter === undefined ? {} : { retryAfter })
        }
      })
      expect(headers.get("content-type")).toBe("application/problem+json")
      expect(headers.get("retry-after")).toBe(retryAfter === undefined ? null : String(retryAfter))
    }).pipe(Effect.provideServiceEffect(FakeBigin.FakeBigin, FakeBigin.make()))
  )

  it.scopedLive("gives the derived client each problem as a value with a tag", () =>
    Effect.gen(function* () {
      const { client, fake } = yield* running()
      const remove = client.attachments.remove({ path: Fixtures.attachment })
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.rateLimited(30)) })
      expect(yield* Effect.flip(remove)).toEqual(
        new TryLater({ tag: "RateLimited", retryAfter: 30, detail: "Ask again in 30 seconds or later." })
      )
      yield* fake.inject({ fault: FakeBigin.loseAnswer, times: 2 })
      const unknown = yield* Effect.flip(remove)
      expect(unknown).toBeInstanceOf(OutcomeUnknown)
      // and the compiler knows what is left
      const handled = remove.pipe(
        Effect.catchTags({
          OutcomeUnknown: ({ outcome }) => Effect.succeed(outcome),
          TryLater: ({ retryAfter }) => Effect.succeed(retryAfter)
        })
      )
      expectTypeOf<Extract<Effect.Effect.Error<typeof handled>, OutcomeUnknown | TryLater>>().toEqualTypeOf<never>()
    })
  )

  it.scopedLive("removes, and answers a second removal with success", () =>
    Effect.gen(function* () {
      const { client, fake, remove } = yield* running()
      expect(yield* client.attachments.remove({ path: Fixtures.attachment })).toEqual({
        ...Fixtures.attachment,
        outcome: "Deleted",
        proof: "Success"
      })
      expect(yield* remove()).toMatchObject({ status: 200, document: { outcome: "AlreadyGone", proof: "Refusal" } })
      expect(yield* fake.attachments(Fixtures.record)).toHaveLength(1)
    })
  )

  it.scopedLive("finds out by itself what a lost answer was", () =>
    Effect.gen(function* () {
      const { fake, remove } = yield* running()
      yield* fake.inject({ fault: FakeBigin.loseAnswer })
      expect(yield* remove()).toMatchObject({ status: 200, document: { outcome: "AlreadyGone", proof: "List" } })
      const sent = (yield* fake.requests).map(({ method }) => method)
      expect(sent).toEqual(["DELETE", "GET"])
    })
  )

  it.scopedLive(
    "does not take the refusal of an id that is still listed for a removal, nor for the caller's mistake",
    () =>
      Effect.gen(function* () {
        const { fake, remove } = yield* running()
        yield* Effect.forEach(documented("InvalidData", { resource_path_index: 3 }), fake.inject)
        expect(yield* remove()).toMatchObject({ status: 502, document: { tag: "InvalidData" } })
      })
  )

  it.scopedLive("refuses a caller without the key before Bigin is asked", () =>
    Effect.gen(function* () {
      const { fake, remove } = yield* running()
      for (const headers of [{}, { authorization: "Bearer wrong" }]) {
        const { document, headers: answered, status } = yield* remove(path, { headers })
        expect({ document, status }).toMatchObject({ status: 401, document: { outcome: "not deleted" } })
        expect(answered.get("www-authenticate")).toBe("Bearer")
      }
      expect(yield* fake.requests).toEqual([])
    })
  )

  it.scopedLive("does not begin without a key, since a caller without one would be let in", () =>
    Effect.gen(function* () {
      expect(String(yield* Effect.flip(running({ REMOVAL_KEY: "" })))).toContain("REMOVAL_KEY")
    })
  )

  it.scopedLive("takes the settings of the library from the environment too", () =>
    Effect.gen(function* () {
      const second = yield* running({ BIGIN_API_VERSION: "v2" })
      expect(yield* second.remove()).toMatchObject({ status: 200 })
      expect((yield* second.fake.requests).map(({ url }) => url.split("/")[2])).toEqual(["v2"])

      const hurried = yield* running({ BIGIN_TIMEOUT: "1 millis" })
      yield* hurried.fake.inject({ fault: FakeBigin.delay("1 hour"), times: 2 })
      expect(yield* hurried.remove()).toMatchObject({ status: 504, document: { outcome: "unknown" } })
    })
  )

  it.scopedLive("mints one token for all its requests", () =>
    Effect.gen(function* () {
      const { fake, remove } = yield* running(withoutToken)
      yield* Effect.all([remove(), remove(), remove()], { concurrency: "unbounded" })
      expect((yield* fake.requests).filter(({ method }) => method === "POST")).toHaveLength(1)
    })
  )

  it.scopedLive("describes each problem in OpenAPI, where its type leads", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* running()
      const spec = yield* Effect.promise(() => fetch(`${baseUrl}/openapi.json`).then((response) => response.json()))
      const { responses } = spec.paths["/{module}/{recordId}/attachments/{attachmentId}"].delete
      for (const { answer } of Object.values<Case>(cases)) {
        const content = responses[answer.status].content
        expect(Object.keys(content)).toEqual(["application/problem+json"])
        expect(content["application/problem+json"].schema.$ref).toBe(`#/components/schemas/${answer.problem}`)
        const schema = spec.components.schemas[answer.problem]
        expect(schema.properties.type.enum).toEqual([`/openapi.json#/components/schemas/${answer.problem}`])
        expect(schema.properties.outcome.enum).toEqual([outcomeOf(answer)])
      }
      // each tag is in the schema of its problem
      for (const [tag, { answer }] of Object.entries<Case>(cases)) {
        expect(spec.components.schemas[answer.problem].properties.tag.enum).toContain(tag)
      }
      expect(Object.keys(responses).toSorted()).toEqual(["200", "400", "401", "403", "404", "500", "502", "503", "504"])
    })
  )
})

/** Holds a request at Bigin until the gate opens, and tells that it has come. */
const gate = Effect.gen(function* () {
  const arrived = yield* Deferred.make<void>()
  const opened = yield* Deferred.make<void>()
  let left = 0
  const fault: FakeBigin.Fault = (bigin) =>
    Effect.sync(() => (left -= 1)).pipe(
      Effect.tap((left) => Effect.when(Deferred.succeed(arrived, undefined), () => left === 0)),
      Effect.zipRight(Deferred.await(opened)),
      Effect.zipRight(FakeBigin.delay(0)(bigin))
    )
  const hold = (fake: FakeBigin.Service, times: number) => {
    left = times
    return fake.inject({ when: ({ method }) => method === "DELETE", fault, times })
  }
  return { hold, arrived: Deferred.await(arrived), open: Deferred.succeed(opened, undefined) }
})

/** Goes on once no connection is taken any more. */
const refused = (baseUrl: string) =>
  Effect.tryPromise(() => fetch(`${baseUrl}/openapi.json`, { headers: { connection: "close" } })).pipe(
    Effect.repeat({ while: () => true }),
    Effect.flip
  )

describe("the HTTP service, when it stops", () => {
  it.scopedLive("answers all that has come, and takes no more", () =>
    Effect.gen(function* () {
      const { baseUrl, fake, remove, stop } = yield* running()
      const { arrived, hold, open } = yield* gate
      yield* hold(fake, 8)
      const answers = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 8 }, () => remove()),
          { concurrency: "unbounded" }
        )
      )
      yield* arrived
      const stopped = yield* Effect.fork(stop)
      yield* refused(baseUrl)
      yield* open
      const given = yield* Fiber.join(answers)
      expect(given.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
      expect(given.map(({ headers }) => headers.get("connection"))).toEqual(Array.from({ length: 8 }, () => "close"))
      yield* Fiber.join(stopped)
    })
  )

  it.scopedLive("waits for a deletion whose caller has hung up", () =>
    Effect.gen(function* () {
      const { closed, fake, origin, remove, stop } = yield* running()
      const { arrived, hold, open } = yield* gate
      yield* hold(fake, 1)
      const caller = yield* Effect.fork(remove())
      yield* arrived
      yield* Fiber.interrupt(caller)
      const stopped = yield* Effect.fork(stop)
      yield* closed
      // an abort that should not be there has time to arrive at Bigin
      yield* Effect.repeatN(
        Effect.promise(() => fetch(origin, { method: "POST" })),
        2
      )
      expect(stopped.unsafePoll()).toBeNull()
      yield* open
      yield* Fiber.join(stopped)
      const [deletion] = yield* fake.requests
      expect(deletion).toMatchObject({ method: "DELETE", fate: "Answered" })
    })
  )
})

describe("the process of the HTTP service", () => {
  it.scopedLive("answers what has come before a signal ends it, and sends the traces of that", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const { origin } = yield* FakeBigin.serve
      const { arrived, hold, open } = yield* gate
      const child = yield* Effect.acquireRelease(
        Effect.sync(() =>
          // not by the command tsx, which stands between and would live on
          spawn(process.execPath, ["--import", "tsx", `${root}examples/15-http-service/main.ts`], {
            cwd: root,
            env: {
              ...process.env,
              BIGIN_ACCESS_TOKEN: Fixtures.accessTokens.administrator,
              BIGIN_API_ORIGIN: origin,
              // it takes traces as well
              OTEL_EXPORTER_OTLP_ENDPOINT: origin,
              REMOVAL_KEY: key,
              PORT: "0"
            },
            stdio: ["ignore", "pipe", "inherit"]
          })
        ),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      const ended = once(child, "exit")
      const [line] = yield* Effect.promise(() => Promise.race([once(createInterface(child.stdout), "line"), ended]))
      const baseUrl = /http:\/\/\S+/.exec(String(line))?.[0]

      yield* fake.inject({
        when: ({ url }) => url.startsWith("/v1/"),
        fault: FakeBigin.answerWith(Fixtures.json(200, {})),
        times: Infinity
      })
      yield* hold(fake, 1)
      const headers = { authorization: `Bearer ${key}` }
      const answer = yield* Effect.fork(
        Effect.tryPromise(() => fetch(`${baseUrl}${path}`, { method: "DELETE", headers }))
      )
      yield* arrived
      child.kill("SIGTERM")
      yield* refused(`${baseUrl}`)
      yield* open
      expect((yield* Fiber.join(answer)).status).toBe(200)
      expect(yield* Effect.promise(() => ended)).toEqual([0, null])

      // what was under way when the signal came is told as well
      const told = (yield* fake.requests).filter(({ url }) => url === "/v1/traces").map(({ body }) => body)
      expect(told.join("\n")).toMatch(/DELETE \/bigin\/v1\/[^]*http\.server DELETE/)
      for (const secret of [Fixtures.accessTokens.administrator, key]) expect(told.join("\n")).not.toContain(secret)
    }).pipe(Effect.provideServiceEffect(FakeBigin.FakeBigin, FakeBigin.make()))
  )
})

describe("the traces of the HTTP service", () => {
  const textOf = ({ attributes, events, name, status }: ReadableSpan) =>
    JSON.stringify({ attributes, events, name, status })

  it.scopedLive("tell the request and below it each call of Bigin, without a secret", () =>
    Effect.gen(function* () {
      const { exporter, fake, remove } = yield* running(withoutToken)
      yield* fake.inject({ when: ({ method }) => method === "DELETE", fault: FakeBigin.loseAnswer })
      yield* remove()
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("NoPermission")) })
      yield* remove()

      const spans = exporter.getFinishedSpans()
      const [first, second] = spans.filter(({ name }) => name === "http.server DELETE")
      const below = (span: ReadableSpan | undefined) =>
        spans
          .filter(({ parentSpanContext }) => parentSpanContext?.spanId === span?.spanContext().spanId)
          .map(({ attributes, name }) => [name, attributes["error.type"]])
      const route = "/bigin/v1/{module}/{recordId}/Attachments"
      expect(below(first)).toEqual([
        [`DELETE ${route}/{attachmentId}`, "ConnectionLost"],
        [`GET ${route}`, undefined]
      ])
      expect(below(second)).toEqual([[`DELETE ${route}/{attachmentId}`, "NoPermission"]])
      expect(first?.attributes).toMatchObject({
        "http.request.method": "DELETE",
        "http.route": "/:module/:recordId/attachments/:attachmentId",
        "http.response.status_code": 200
      })
      expect(second?.attributes["http.response.status_code"]).toBe(403)

      const told = spans.map(textOf).join("\n")
      const minted = (yield* fake.requests).map(({ headers }) => headers.authorization?.replace("Zoho-oauthtoken ", ""))
      const secrets = [...minted, ...Object.values(Fixtures.client), key].filter((secret) => secret !== undefined)
      expect(secrets.length).toBeGreaterThan(Object.values(Fixtures.client).length + 1)
      for (const secret of secrets) expect(told).not.toContain(secret)
    })
  )
})

describe("the table of problems", () => {
  it("does not compile where a tag is missing", () => {
    interface Tenth {
      readonly _tag: "Tenth"
    }
    expect(Match.typeTags<Errors.EnsureDeletedError>()(problems)).toBeTypeOf("function")
    // @ts-expect-error: the library has a tag that the table has not
    expect(Match.typeTags<Errors.EnsureDeletedError | Tenth>()(problems)).toBeTypeOf("function")
    // @ts-expect-error: the table has a tag that the library has not
    expect(Match.typeTags<Exclude<Errors.EnsureDeletedError, { readonly _tag: "InvalidData" }>>()(problems)).toBeTypeOf(
      "function"
    )
  })
})
