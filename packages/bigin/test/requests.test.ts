import { assert, describe, it } from "@effect/vitest"
import { HttpBody, HttpClient } from "@effect/platform"
import { Effect, Redacted, Stream } from "effect"
import { Attachments, BiginAuth } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { attachment, common, requestOf } from "../src/internal/request/call.ts"
import { credentials, holding, makeBook, methods, refsOf, tally } from "./collection.ts"

describe("a request of many that have their settings in common", () => {
  it.effect("has no token that was wiped since the last", () =>
    Effect.gen(function* () {
      const { book, onReport } = makeBook()
      const own = { ...credentials, accessToken: Redacted.make(Fixtures.accessTokens.administrator) }
      const wipe = Effect.sync(() => Redacted.unsafeWipe(own.accessToken))
      yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 3)), {
        concurrency: 1,
        onReport: (report) => Effect.zipRight(wipe, onReport(report))
      }).pipe(
        Stream.runDrain,
        Effect.provideService(BiginAuth.BiginAuth, BiginAuth.make({ credentials: Effect.succeed(own) })),
        Effect.exit
      )
      assert.deepStrictEqual(yield* methods, ["DELETE"])
      assert.deepStrictEqual(tally(book), { "Deleted by Success": 1, TokenRejected: 1, NotAttempted: 1 })
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("has the token and the origin that its layer gives then", () =>
    Effect.gen(function* () {
      const next = (index: number) => ({
        accessToken: Redacted.make(index < 2 ? Fixtures.accessTokens.administrator : Fixtures.accessTokens.reader),
        apiOrigin: index === 0 ? "https://www.zohoapis.com" : "https://www.zohoapis.eu"
      })
      let index = 0
      const sent: Array<string> = []
      yield* Attachments.deleteMany(Stream.fromIterable(refsOf(1, 3)), { concurrency: 1 }).pipe(
        Stream.runDrain,
        Effect.provideService(BiginAuth.BiginAuth, BiginAuth.make({ credentials: Effect.sync(() => next(index++)) })),
        Effect.updateService(
          HttpClient.HttpClient,
          HttpClient.tapRequest(({ headers, method, url }) =>
            Effect.sync(() => sent.push(`${method} ${new URL(url).host} ${headers["authorization"]}`))
          )
        ),
        Effect.exit
      )
      assert.deepStrictEqual(sent, [
        `DELETE www.zohoapis.com Zoho-oauthtoken ${Fixtures.accessTokens.administrator}`,
        `DELETE www.zohoapis.eu Zoho-oauthtoken ${Fixtures.accessTokens.administrator}`,
        `DELETE www.zohoapis.eu Zoho-oauthtoken ${Fixtures.accessTokens.reader}`
      ])
    }).pipe(Effect.provide(holding(3)))
  )

  it.effect("is of its own operation, and has no query and no body of the last", () =>
    Effect.gen(function* () {
      const settings = yield* common
      const sent = { query: "?page=2", body: yield* HttpBody.json({ a: 1 }) }
      const ref = Fixtures.attachment
      const requests = [
        yield* requestOf({ method: "POST", ...attachment, accept: "*/*" }, ref, settings, credentials, sent),
        yield* requestOf({ method: "DELETE", ...attachment }, ref, settings, credentials)
      ]
      const path = `/bigin/v1/${ref.module}/${ref.recordId}/Attachments/${ref.attachmentId}`
      assert.deepStrictEqual(
        requests.map(({ body, headers, method, url }) => [method, url, headers["accept"], body._tag]),
        [
          ["POST", `https://www.zohoapis.com${path}?page=2`, "*/*", "Uint8Array"],
          ["DELETE", `https://www.zohoapis.com${path}`, "application/json", "Empty"]
        ]
      )
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("has no body of the last of its own operation", () =>
    Effect.gen(function* () {
      const settings = yield* common
      const operation = { method: "POST", ...attachment } as const
      const body = yield* HttpBody.json({ a: 1 })
      const first = yield* requestOf(operation, Fixtures.attachment, settings, credentials, { body })
      const second = yield* requestOf(operation, Fixtures.attachment, settings, credentials)
      assert.deepStrictEqual([first.body._tag, second.body._tag], ["Uint8Array", "Empty"])
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})
