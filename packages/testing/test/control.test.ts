import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { controlOf } from "../src/internal/control.ts"
import { ask, list, memory, path } from "./doors.ts"

const secret = "/control-secret"

/** What a test suite says to the fake, below the path that it was told. */
const say = (method: "GET" | "POST", name: string, body: unknown = "") =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.FakeBigin
    const text = typeof body === "string" ? body : JSON.stringify(body)
    const reply = yield* controlOf(
      fake,
      secret
    )({ method, url: `${secret}/${name}`, headers: {}, bytes: new TextEncoder().encode(text), body: text })
    return { status: reply.status, told: reply.body === "" ? undefined : (JSON.parse(String(reply.body)) as unknown) }
  })

const done = { status: 204, told: undefined }
const statusOf = (method: "DELETE" | "GET") =>
  Effect.map(ask({ path: method === "GET" ? list : path, method }), ({ status }) => status)
const left = Effect.flatMap(FakeBigin.FakeBigin, (fake) =>
  Effect.map(fake.attachments(Fixtures.record), ({ length }) => length)
)

const { body: whole } = Fixtures.success(Fixtures.attachment.attachmentId)

describe("POST faults", () => {
  it.effect.each([
    ["cut", 2],
    ["loseAnswer", 1],
    ["breakOff", 1]
  ] as const)("breaks the connection on its side of the deletion: %s", ([fault, remain]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* say("POST", "faults", { fault }), done)
      yield* Effect.flip(ask({ path }))
      assert.strictEqual(yield* left, remain)
    }).pipe(Effect.provide(memory))
  )

  it.effect.each([
    ["empty", 200, ""],
    ["truncate", 200, whole.slice(0, whole.length / 2)],
    ["badGateway", 502, Fixtures.undocumented.ServiceFault.body]
  ] as const)("changes the answer to what was done: %s", ([fault, status, body]) =>
    Effect.gen(function* () {
      yield* say("POST", "faults", { fault })
      assert.deepStrictEqual(yield* ask({ path }), { status, body })
      assert.strictEqual(yield* left, 1)
    }).pipe(Effect.provide(memory))
  )

  it.effect.each([
    [{ fault: "documented", tag: "NoPermission" }, 403, Fixtures.documented("NoPermission").body],
    [{ fault: "rateLimited", retryAfter: 3 }, 429, Fixtures.rateLimited().body],
    [{ fault: "answerWith", status: 418, body: "short and stout" }, 418, "short and stout"]
  ] as const)("answers instead: %j", ([fault, status, body]) =>
    Effect.gen(function* () {
      yield* say("POST", "faults", fault)
      assert.deepStrictEqual(yield* ask({ path }), { status, body })
      assert.strictEqual(yield* left, 2)
    }).pipe(Effect.provide(memory))
  )

  it.effect("holds an answer back for as many milliseconds as it says", () =>
    Effect.gen(function* () {
      yield* say("POST", "faults", { fault: "delay", millis: 500 })
      const fiber = yield* Effect.fork(statusOf("DELETE"))
      yield* TestClock.adjust("499 millis")
      assert.strictEqual(yield* left, 2)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(fiber), 200)
    }).pipe(Effect.provide(memory))
  )

  it.effect("is met as often as it says, by the method and the URL that it names", () =>
    Effect.gen(function* () {
      yield* say("POST", "faults", { fault: "badGateway", times: 2, method: "get", path: "261075/Attachments" })
      yield* say("POST", "faults", { fault: "badGateway", path: "/Tasks/" })
      assert.deepStrictEqual(
        [yield* statusOf("DELETE"), yield* statusOf("GET"), yield* statusOf("GET"), yield* statusOf("GET")],
        [200, 502, 502, 200]
      )
    }).pipe(Effect.provide(memory))
  )

  it.effect.each([
    ["no JSON", "fault=cut", "JSON"],
    ["an unknown fault", { fault: "explode" }, "loseAnswer"],
    ["a delay without its length", { fault: "delay" }, "millis"],
    ["a name that is none", { fault: "cut", time: 2 }, "time"],
    ["a number of times that is none", { fault: "cut", times: 0 }, "times"],
    ["a status that HTTP does not have", { fault: "answerWith", status: 0 }, "status"]
  ] as const)("says what is wrong with %s, and does nothing", ([, body, word]) =>
    Effect.gen(function* () {
      expect(yield* say("POST", "faults", body)).toEqual({
        status: 400,
        told: { error: expect.stringContaining(word) }
      })
      assert.strictEqual(yield* statusOf("DELETE"), 200)
    }).pipe(Effect.provide(memory))
  )
})

describe("GET requests", () => {
  it.effect("tells every request as it came, and what became of it", () =>
    Effect.gen(function* () {
      yield* say("POST", "faults", { fault: "loseAnswer" })
      yield* Effect.flip(ask({ path, method: "POST", body: "größe" }))
      expect(yield* say("GET", "requests")).toMatchObject({
        status: 200,
        told: [
          {
            method: "POST",
            url: path,
            headers: { authorization: `Zoho-oauthtoken ${Fixtures.accessTokens.administrator}` },
            body: "größe",
            base64: "Z3LDtsOfZQ==",
            fate: "Broken"
          }
        ]
      })
    }).pipe(Effect.provide(memory))
  )

  it.effect("tells no fate of one that is under way", () =>
    Effect.gen(function* () {
      yield* say("POST", "faults", { fault: "delay", millis: 500 })
      yield* Effect.fork(ask({ path }))
      yield* Effect.repeat(Effect.yieldNow(), {
        until: () => Effect.map(say("GET", "requests"), ({ told }) => JSON.stringify(told).includes('"fate":null'))
      })
    }).pipe(Effect.provide(memory))
  )
})

describe("GET and POST records", () => {
  it.effect("tell what is there and put more, in the same form", () =>
    Effect.gen(function* () {
      const record = {
        module: "Tasks",
        recordId: "7",
        name: "Call back",
        attachments: [
          { id: "8", fileName: "a.txt", size: 5, content: "aGVsbG8=" },
          { id: "9", fileName: null, size: 0, linkUrl: "https://www.bigin.com" }
        ]
      }
      assert.deepStrictEqual(yield* say("POST", "records", [record]), done)
      const { told } = yield* say("GET", "records")
      expect(told).toMatchObject([Fixtures.record, record])
      const file = yield* ask({ path: "/bigin/v1/Tasks/7/Attachments/8", method: "GET" })
      assert.strictEqual(file.body, "hello")
    }).pipe(Effect.provide(memory))
  )

  it.effect("take the size of a file from its content", () =>
    Effect.gen(function* () {
      const attachments = [{ id: "8", content: "aGVsbG8=" }]
      yield* say("POST", "records", [{ module: "Tasks", recordId: "7", attachments }])
      const fake = yield* FakeBigin.FakeBigin
      expect(yield* fake.attachments({ module: "Tasks", recordId: "7" })).toMatchObject([{ fileName: null, size: 5 }])
    }).pipe(Effect.provide(memory))
  )

  it.effect.each([{ recordId: "07" }, { recordId: 7 }, { recordId: "7", attachments: [{ id: "8", filename: "a" }] }])(
    "say what is wrong with a record: %j",
    (record) =>
      Effect.gen(function* () {
        expect(yield* say("POST", "records", [{ module: "Tasks", ...record }])).toMatchObject({ status: 400 })
        expect((yield* say("GET", "records")).told).toHaveLength(1)
      }).pipe(Effect.provide(memory))
  )
})

describe("POST expire", () => {
  it.effect("ends every access token, and mints go on", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* say("POST", "expire"), done)
      assert.strictEqual(yield* statusOf("GET"), 401)
      const { clientId, clientSecret, refreshToken } = Fixtures.client
      const query = new URLSearchParams({
        grant_type: "refresh_token",
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: refreshToken
      })
      const { body } = yield* ask({ path: `/oauth/v2/token?${query}`, method: "POST" })
      const { access_token: token } = JSON.parse(body) as { readonly access_token: string }
      assert.strictEqual((yield* ask({ path: list, method: "GET", token })).status, 200)
    }).pipe(Effect.provide(memory))
  )
})

describe("any other name or method", () => {
  it.effect.each([
    ["GET", "faults"],
    ["POST", "requests"],
    ["GET", "else"]
  ] as const)("is told what there is: %s %s", ([method, name]) =>
    Effect.gen(function* () {
      expect(yield* say(method, name)).toEqual({ status: 404, told: { error: expect.stringContaining("POST faults") } })
    }).pipe(Effect.provide(memory))
  )
})
