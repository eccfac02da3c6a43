/**
 * A Bigin to test against, and its accounts server: stateful, in memory or over real HTTP. It checks what the real one
 * documents, answers as documented, and fails on demand. It records what it was asked, so that a test can prove what its
 * program sends.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.loseAnswer })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   // error is ConnectionLost, one request was sent, and the attachment is gone all the same
 *   return [error._tag, (yield* fake.requests).length, yield* fake.attachments(Fixtures.record)]
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 */

import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as BiginAuth from "effect-bigin/BiginAuth"
import type * as Ids from "effect-bigin/Ids"
import * as Fixtures from "./Fixtures.ts"
import { answer } from "./internal/bigin.ts"
import { memoryClient } from "./internal/memory.ts"
import type {
  Attachment,
  BiginRecord,
  Fault,
  Options,
  Outcome,
  RecordedRequest,
  Rule,
  WireRequest
} from "./internal/model.ts"
import { hold, makeWorld, recordKey } from "./internal/world.ts"

export type {
  Attachment,
  BiginRecord,
  Client,
  Fault,
  Options,
  Outcome,
  RecordedRequest,
  Rule,
  Token,
  WireRequest
} from "./internal/model.ts"

/**
 * The service behind `FakeBigin`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** All requests so far, in the order of their arrival. */
  readonly requests: Effect.Effect<ReadonlyArray<RecordedRequest>>
  /** What is attached to a record now; nothing for a record that does not exist. */
  readonly attachments: (record: Ids.RecordRef.Input) => Effect.Effect<ReadonlyArray<Attachment>>
  /** All records, in the order in which they were added, with what is attached to them now. */
  readonly records: Effect.Effect<ReadonlyArray<BiginRecord>>
  /** Adds a record, or replaces one with what is attached to it. */
  readonly put: (record: BiginRecord) => Effect.Effect<void>
  /** Adds a rule. Of the rules that match a request and are not used up, only the oldest applies to it. */
  readonly inject: (rule: Rule) => Effect.Effect<void>
  /** Every access token dies now. Refresh tokens live on. */
  readonly expireTokens: Effect.Effect<void>
  /** Takes one request. The client in memory and the server over HTTP both call it. */
  readonly handle: (request: WireRequest) => Effect.Effect<Outcome>
  /** To tell that the client went away before it had all of the answer to a request. */
  readonly left: (request: WireRequest) => Effect.Effect<void>
}

/**
 * The tag of a fake Bigin.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // ["DELETE"]
 * const methods = Effect.gen(function* () {
 *   yield* deleteAttachment(Fixtures.attachment)
 *   const fake = yield* FakeBigin.FakeBigin
 *   return (yield* fake.requests).map(({ method }) => method)
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category tags
 */
export class FakeBigin extends Context.Tag("effect-bigin-testing/FakeBigin")<FakeBigin, Service>() {}

/**
 * A fake Bigin of its own, apart from any other.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // two that know nothing of each other
 * const both = Effect.gen(function* () {
 *   const full = yield* FakeBigin.make()
 *   const empty = yield* FakeBigin.make({ records: [] })
 *   return [yield* full.attachments(Fixtures.record), yield* empty.attachments(Fixtures.record)]
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service> =>
  Effect.sync(() => {
    const world = makeWorld({
      records: [exampleRecord],
      tokens: exampleTokens,
      clients: exampleClients,
      mostPerPage: 200,
      ...options
    })
    const requests: Array<RecordedRequest> = []
    const rules: Array<Rule & { left: number }> = []

    const faultFor = (request: WireRequest): Fault => {
      const rule = rules.find(({ left, when }) => left > 0 && (when?.(request) ?? true))
      if (rule === undefined) return none
      rule.left -= 1
      return rule.fault
    }

    const indexOf = new WeakMap<WireRequest, number>()
    const settle = (request: WireRequest, fate: NonNullable<RecordedRequest["fate"]>) =>
      Effect.sync(() => {
        const index = indexOf.get(request)
        // who breaks a connection is not who leaves
        if (index !== undefined && requests[index]?.fate !== "Broken") requests[index] = { ...request, fate }
      })

    const handle: Service["handle"] = (request) =>
      Effect.suspend(() => {
        indexOf.set(request, requests.push(request) - 1)
        const bigin = Effect.map(Clock.currentTimeMillis, (now) => answer(world, request, now))
        return faultFor(request)(bigin).pipe(
          Effect.tap((outcome) =>
            outcome._tag === "Stalled" ? Effect.void : settle(request, outcome._tag === "Whole" ? "Answered" : "Broken")
          ),
          Effect.onInterrupt(() => settle(request, "Aborted"))
        )
      })

    return {
      requests: Effect.sync(() => [...requests]),
      attachments: ({ module, recordId }) =>
        Effect.sync(() => [...(world.records.get(recordKey(module, String(recordId)))?.attachments.values() ?? [])]),
      records: Effect.sync(() =>
        Array.from(world.records.values(), (record) => ({ ...record, attachments: [...record.attachments.values()] }))
      ),
      put: (record) => Effect.sync(() => hold(world, record)),
      inject: (rule) =>
        Effect.sync(() => {
          rules.push({ ...rule, left: rule.times ?? 1 })
        }),
      expireTokens: Effect.map(Clock.currentTimeMillis, (now) => {
        for (const [name, token] of world.tokens) {
          world.tokens.set(name, { ...token, expiresAt: Math.min(token.expiresAt, now) })
        }
      }),
      handle,
      left: (request) => settle(request, "Aborted")
    }
  })

const exampleRecord: BiginRecord = {
  ...Fixtures.record,
  attachments: [
    { id: Fixtures.attachment.attachmentId, fileName: "offer.pdf", size: 48_213 },
    { id: "2883756000000261029", fileName: "logo.png", size: 5_120 }
  ]
}

const deletionScopes = ["ZohoBigin.modules.ALL", "ZohoBigin.modules.attachments.ALL"]

const exampleTokens: NonNullable<Options["tokens"]> = {
  [Fixtures.accessTokens.administrator]: { scopes: deletionScopes },
  [Fixtures.accessTokens.reader]: { scopes: ["ZohoBigin.modules.contacts.READ", "ZohoBigin.modules.attachments.READ"] },
  [Fixtures.accessTokens.denied]: { scopes: deletionScopes, lacks: "permission" },
  [Fixtures.accessTokens.unprivileged]: { scopes: deletionScopes, lacks: "privilege" }
}

const { clientId, clientSecret, code, refreshToken } = Fixtures.client

const exampleClients: NonNullable<Options["clients"]> = {
  [clientId]: {
    clientSecret,
    refreshTokens: { [refreshToken]: { scopes: deletionScopes } },
    codes: { [code]: refreshToken }
  }
}

/** BiginAuth as the first of the tokens that a fake was given. */
const authOf = ({ tokens = exampleTokens }: Options, apiOrigin?: string): Layer.Layer<BiginAuth.BiginAuth> => {
  const [[accessToken, { scopes }] = [Fixtures.accessTokens.administrator, { scopes: deletionScopes }]] =
    Object.entries(tokens)
  return BiginAuth.layerToken({
    accessToken: Redacted.make(accessToken),
    scopes,
    ...(apiOrigin === undefined ? {} : { apiOrigin })
  })
}

/**
 * A fake Bigin in memory and all that a program needs to talk to it: HttpClient, and BiginAuth as the first of the
 * `tokens` that are given, or as the administrator of `Fixtures.accessTokens`. That auth knows the scopes of its token, so that a scope
 * check can be tested with it.
 *
 * @example
 * ```ts
 * import { deleteAttachment } from "effect-bigin"
 * import { Effect } from "effect"
 * import { FakeBigin } from "effect-bigin-testing"
 *
 * const bigin = FakeBigin.layerWith({
 *   records: [{ module: "Tasks", recordId: "7", attachments: [{ id: "8", fileName: "a.pdf", size: 1024 }] }],
 *   credits: 100
 * })
 *
 * const test = deleteAttachment({ module: "Tasks", recordId: "7", attachmentId: "8" }).pipe(Effect.provide(bigin))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options): Layer.Layer<FakeBigin | HttpClient.HttpClient | BiginAuth.BiginAuth> =>
  Layer.merge(Layer.effect(HttpClient.HttpClient, Effect.map(FakeBigin, memoryClient)), authOf(options)).pipe(
    Layer.provideMerge(Layer.effect(FakeBigin, make(options)))
  )

/**
 * `layerWith` of the record of Bigin's own example.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * const test = Effect.gen(function* () {
 *   yield* deleteAttachment(Fixtures.attachment)
 *   const fake = yield* FakeBigin.FakeBigin
 *   // the other one of the two
 *   return yield* fake.attachments(Fixtures.record)
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<FakeBigin | HttpClient.HttpClient | BiginAuth.BiginAuth> = layerWith({})

/**
 * Opens the fake Bigin to real HTTP on a free port of the loopback interface, until the scope closes. Give the origin to
 * `BiginAuth.layerToken` as `apiOrigin`, or to a program as `BIGIN_API_ORIGIN`; the accounts server has the same origin.
 * Needs Node.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer, Redacted } from "effect"
 * import { BiginAuth, deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * const program = Effect.gen(function* () {
 *   const { origin: apiOrigin } = yield* FakeBigin.serve
 *   const accessToken = Redacted.make(Fixtures.accessTokens.administrator)
 *   return yield* deleteAttachment(Fixtures.attachment).pipe(
 *     Effect.provide(Layer.merge(FetchHttpClient.layer, BiginAuth.layerToken({ accessToken, apiOrigin })))
 *   )
 * }).pipe(Effect.scoped, Effect.provideServiceEffect(FakeBigin.FakeBigin, FakeBigin.make()))
 * ```
 *
 * @since 0.1.0
 * @category servers
 */
export const serve: Effect.Effect<{ readonly origin: string }, never, FakeBigin | Scope.Scope> = Effect.gen(
  function* () {
    const fake = yield* FakeBigin
    // only here is Node needed: the rest of the package runs anywhere
    const server = yield* Effect.promise(() => import("./internal/server.ts"))
    return yield* Effect.orDie(server.serve(fake, server.loopback))
  }
)

/**
 * `layerWith` over real HTTP, for tests over TCP: the fake Bigin on a free port of the loopback interface, an HttpClient
 * by `fetch`, and BiginAuth that leads there. Needs Node.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Attachments } from "effect-bigin"
 * import { FakeBigin } from "effect-bigin-testing"
 *
 * const bigin = FakeBigin.layerServedWith({
 *   records: [{ module: "Tasks", recordId: "7", attachments: [{ id: "8", fileName: "a.pdf", size: 1024 }] }]
 * })
 *
 * const test = Attachments.ensureDeleted({ module: "Tasks", recordId: "7", attachmentId: "8" }).pipe(
 *   Effect.provide(bigin)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerServedWith = (
  options: Options
): Layer.Layer<FakeBigin | HttpClient.HttpClient | BiginAuth.BiginAuth> =>
  Layer.unwrapScoped(
    Effect.map(serve, ({ origin }) => Layer.merge(FetchHttpClient.layer, authOf(options, origin)))
  ).pipe(Layer.provideMerge(Layer.effect(FakeBigin, make(options))))

/**
 * `layerServedWith` of the record of Bigin's own example.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * const test = Effect.gen(function* () {
 *   yield* deleteAttachment(Fixtures.attachment)
 *   const fake = yield* FakeBigin.FakeBigin
 *   return yield* fake.attachments(Fixtures.record)
 * }).pipe(Effect.provide(FakeBigin.layerServed))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerServed: Layer.Layer<FakeBigin | HttpClient.HttpClient | BiginAuth.BiginAuth> = layerServedWith({})

const whole = (reply: Fixtures.Reply): Outcome => ({ _tag: "Whole", reply })

const none: Fault = Effect.map(whole)

/**
 * Answers with a reply of yours, and does nothing. Any status in memory; over HTTP 200 to 999.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // "NoPermission"
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("NoPermission")) })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return error._tag
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const answerWith =
  (reply: Fixtures.Reply): Fault =>
  () =>
    Effect.succeed(whole(reply))

/**
 * Waits before anything is done. An infinite wait is a server that never answers.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // "RequestTimedOut" after 30 seconds of the Clock: a test adjusts its TestClock
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.delay("1 minute") })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return error._tag
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const delay =
  (duration: Duration.DurationInput): Fault =>
  (bigin) =>
    Effect.map(Effect.delay(bigin, duration), whole)

/**
 * Does what was asked, then changes the answer: to a gateway's page, to half of it, to nothing.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // it is deleted, and the answer is of another id: "UnconfirmedSuccess"
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.garble(() => Fixtures.success("1")) })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return error._tag
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const garble =
  (change: (reply: Fixtures.Reply) => Fixtures.Reply): Fault =>
  (bigin) =>
    Effect.map(bigin, (reply) => whole(change(reply)))

/**
 * Does what was asked, then answers with the first half of the body.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // it is deleted, and half of an answer does not say so: "UnconfirmedSuccess"
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.truncate })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return error._tag
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const truncate: Fault = garble((reply) => ({ ...reply, body: reply.body.slice(0, reply.body.length / 2) }))

/**
 * Does what was asked, then answers with no body.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // it is deleted, and an empty answer does not say so: "UnconfirmedSuccess"
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.empty })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return error._tag
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const empty: Fault = garble((reply) => ({ ...reply, body: "" }))

/**
 * Does what was asked, then answers with a gateway's HTML page and 502.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // it is deleted, and a gateway says 502: "ServiceFault"
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.badGateway })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return error._tag
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const badGateway: Fault = garble(() => Fixtures.undocumented.ServiceFault)

/**
 * Breaks the connection before anything is done.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // "ConnectionLost", and both attachments are still there
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.cut })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return [error._tag, (yield* fake.attachments(Fixtures.record)).length]
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const cut: Fault = () => Effect.succeed({ _tag: "Broken" })

/**
 * Does what was asked, then breaks the connection before the answer.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // "ConnectionLost", and one of two attachments is left
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.loseAnswer })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return [error._tag, (yield* fake.attachments(Fixtures.record)).length]
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const loseAnswer: Fault = (bigin) => Effect.as(bigin, { _tag: "Broken" })

/**
 * Does what was asked, then breaks the connection in the middle of the answer.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // it is deleted, and the answer breaks off: "ConnectionLost"
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.breakOff })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return error._tag
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const breakOff: Fault = (bigin) => Effect.map(bigin, (part) => ({ _tag: "Broken", part }))

/**
 * Does what was asked, then falls silent in the middle of the answer.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment } from "effect-bigin"
 * import { FakeBigin, Fixtures } from "effect-bigin-testing"
 *
 * // it is deleted, and the rest of the answer never comes: "RequestTimedOut" after 30 seconds of the Clock
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeBigin.FakeBigin
 *   yield* fake.inject({ fault: FakeBigin.stall })
 *   const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
 *   return error._tag
 * }).pipe(Effect.provide(FakeBigin.layer))
 * ```
 *
 * @since 0.1.0
 * @category faults
 */
export const stall: Fault = (bigin) => Effect.map(bigin, (part) => ({ _tag: "Stalled", part }))
