import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted, type Tracer } from "effect"
import { BiginAuth, BiginConfig, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { recordingTracer } from "./recordingTracer.ts"

const traced = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const spans: Array<Tracer.Span> = []
    yield* Effect.exit(self).pipe(Effect.provide(recordingTracer(spans)))
    return spans.map((span) => ({
      name: span.name,
      kind: span.kind,
      failed: span.status._tag === "Ended" && span.status.exit._tag === "Failure",
      attributes: Object.fromEntries(span.attributes)
    }))
  })

const route = "/bigin/v1/{module}/{recordId}/Attachments/{attachmentId}"

describe("the span of a call", () => {
  it.effect("is one, of kind client, named by the route and never by ids", () =>
    Effect.gen(function* () {
      expect(yield* traced(deleteAttachment(Fixtures.attachment))).toEqual([
        {
          name: `DELETE ${route}`,
          kind: "client",
          failed: false,
          attributes: {
            "http.request.method": "DELETE",
            "http.route": route,
            "http.response.status_code": 200,
            "server.address": "www.zohoapis.com",
            "server.port": 443
          }
        }
      ])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("tells the version", () =>
    Effect.gen(function* () {
      const [span] = yield* traced(
        deleteAttachment(Fixtures.attachment).pipe(Effect.provideService(BiginConfig.ApiVersion, "v2"))
      )
      assert.strictEqual(span?.attributes["http.route"], route.replace("v1", "v2"))
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("has the tag of a failure as error.type, and the status that came", () =>
    Effect.gen(function* () {
      yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.answerWith(Fixtures.documented("NoPermission")) })
      const [span, ...more] = yield* traced(deleteAttachment(Fixtures.attachment))
      assert.lengthOf(more, 0)
      assert.isTrue(span?.failed)
      expect(span?.attributes).toMatchObject({ "error.type": "NoPermission", "http.response.status_code": 403 })
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("has no status and no server where nothing was sent", () =>
    Effect.gen(function* () {
      const [span] = yield* traced(deleteAttachment({ ...Fixtures.attachment, recordId: "x" }))
      expect(span?.attributes).toEqual({
        "http.request.method": "DELETE",
        "http.route": route,
        "error.type": "InvalidInput"
      })
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("is one for both requests of a replay, and counts the second", () =>
    Effect.gen(function* () {
      const [span, ...more] = yield* traced(deleteAttachment(Fixtures.attachment))
      assert.lengthOf(more, 0)
      expect(span?.attributes).toMatchObject({ "http.request.resend_count": 1, "http.response.status_code": 200 })
    }).pipe(
      Effect.provideService(
        BiginAuth.BiginAuth,
        BiginAuth.make({
          credentials: Effect.succeed({
            accessToken: Redacted.make("1000.old"),
            apiOrigin: "https://www.zohoapis.com"
          }),
          renew: (rejected) =>
            Effect.succeedSome({ ...rejected, accessToken: Redacted.make(Fixtures.accessTokens.administrator) })
        })
      ),
      Effect.provide(FakeBigin.layer)
    )
  )

  it.effect("is the child of the program's span", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      yield* deleteAttachment(Fixtures.attachment).pipe(
        Effect.withSpan("program"),
        Effect.provide(Layer.merge(recordingTracer(spans), FakeBigin.layer))
      )
      const [program, call] = spans
      assert.isTrue(call?.parent._tag === "Some" && call.parent.value.spanId === program?.spanId)
    })
  )
})

describe("the span of a mint", () => {
  it.effect("is a root: it is of no caller, and long after whoever built the layer", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const { clientId, clientSecret, refreshToken } = Fixtures.client
      const auth = BiginAuth.layerRefreshToken({
        clientId,
        clientSecret: Redacted.make(clientSecret),
        refreshToken: Redacted.make(refreshToken)
      })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const context = yield* Layer.build(auth).pipe(Effect.withSpan("startup"))
          yield* deleteAttachment(Fixtures.attachment).pipe(Effect.provide(context), Effect.withSpan("program"))
        })
      ).pipe(Effect.provide(Layer.merge(recordingTracer(spans), FakeBigin.layer)))
      assert.deepStrictEqual(
        spans.map(({ name, parent }) => `${name} ${parent._tag}`),
        ["startup None", "program None", `DELETE ${route} Some`, "POST /oauth/v2/token None"]
      )
    })
  )
})
