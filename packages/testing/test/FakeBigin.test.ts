import { HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Logger, LogLevel, TestClock } from "effect"
import { Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { ask, type Asked, doors, list, memory, path, tcp } from "./doors.ts"

const download = (id: string) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const response = yield* client.get(`https://bigin.example${list}/${id}`, {
      headers: { authorization: `Zoho-oauthtoken ${Fixtures.accessTokens.administrator}` }
    })
    return { headers: response.headers, bytes: new Uint8Array(yield* response.arrayBuffer) }
  })

const post = (form: { readonly [name: string]: string | File }) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const response = yield* client.execute(
      HttpClientRequest.post(`https://bigin.example${list}`, {
        headers: { authorization: `Zoho-oauthtoken ${Fixtures.accessTokens.administrator}` }
      }).pipe(HttpClientRequest.bodyFormDataRecord(form))
    )
    return { status: response.status, body: yield* response.text }
  })

const ofModule = { resource_path_index: 0, related_status: "invalid" }

const answersAs = (asked: Asked, reply: Fixtures.Reply) =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* ask(asked), { status: reply.status, body: reply.body })
  })

describe.each(doors)("FakeBigin over %s", (_, door) => {
  it.effect.each([
    [
      "a URL of another form",
      { path: "/bigin/v1/Contacts/1" },
      Fixtures.documented("InvalidUrlPattern", { envelope: "top" })
    ],
    [
      "another version",
      { path: path.replace("v1", "v3") },
      Fixtures.documented("InvalidUrlPattern", { envelope: "top" })
    ],
    ["another method", { path, method: "POST" }, Fixtures.documented("InvalidRequestMethod", { envelope: "top" })],
    [
      "a method of an item on the list",
      { path: list },
      Fixtures.documented("InvalidRequestMethod", { envelope: "top" })
    ],
    [
      "a header of another form",
      { path, authorization: "Bearer abc" },
      Fixtures.errorItem(401, "AUTHENTICATION_FAILURE", "Authentication failed", { envelope: "top" })
    ],
    ["a token that it does not know", { path, token: "1000.unknown" }, Fixtures.undocumented.InvalidToken],
    [
      "a token without the scope",
      { path, token: Fixtures.accessTokens.reader },
      Fixtures.documented("OAuthScopeMismatch", { envelope: "top" })
    ],
    ["a user without permission", { path, token: Fixtures.accessTokens.denied }, Fixtures.documented("NoPermission")],
    [
      "a user without the privilege",
      { path, token: Fixtures.accessTokens.unprivileged },
      Fixtures.documented("AuthorizationFailed")
    ],
    [
      "an unknown module",
      { path: path.replace("Contacts", "Contact") },
      Fixtures.documented("InvalidModule", { details: ofModule, envelope: "top" })
    ],
    [
      "a module that the API does not serve",
      { path: path.replace("Contacts", "Projects") },
      Fixtures.documented("UnsupportedModule", { details: ofModule, envelope: "top" })
    ],
    [
      "an unknown record",
      { path: path.replace("261075", "261076") },
      Fixtures.documented("InvalidData", { details: { resource_path_index: 1 }, envelope: "top" })
    ],
    [
      "an unknown attachment",
      { path: path.replace("261017", "261018") },
      Fixtures.documented("InvalidData", { details: { resource_path_index: 3 }, envelope: "top" })
    ]
  ] as const)("answers %s as documented, and deletes nothing", ([, asked, reply]) =>
    Effect.gen(function* () {
      yield* answersAs(asked, reply)
      const fake = yield* FakeBigin.FakeBigin
      assert.lengthOf(yield* fake.attachments(Fixtures.record), 2)
    }).pipe(Effect.provide(door))
  )

  it.effect.each(["v1", "v2"])("deletes once under %s; then it answers as if it never was", (version) =>
    Effect.gen(function* () {
      const asked = { path: path.replace("v1", version) }
      yield* answersAs(asked, Fixtures.success("2883756000000261017"))
      yield* answersAs(
        asked,
        Fixtures.documented("InvalidData", { details: { resource_path_index: 3 }, envelope: "top" })
      )
    }).pipe(Effect.provide(door))
  )

  it.effect("lists what a record has, by pages, and answers 204 where there is nothing", () =>
    Effect.gen(function* () {
      const page = (query: string) => ask({ path: `${list}?${query}`, method: "GET" })
      const ids = (body: string) => (JSON.parse(body) as { data: Array<{ id: string }> }).data.map(({ id }) => id)
      const all = yield* page("page=1&per_page=200")
      assert.deepStrictEqual(ids(all.body), ["2883756000000261017", "2883756000000261029"])
      const first = yield* page("page=1&per_page=1")
      assert.deepStrictEqual(ids(first.body), ["2883756000000261017"])
      expect(JSON.parse(first.body)).toMatchObject({ info: { page: 1, per_page: 1, count: 1, more_records: true } })
      const second = yield* page("page=2&per_page=1")
      expect(JSON.parse(second.body)).toMatchObject({ info: { page: 2, more_records: false } })
      assert.deepStrictEqual(yield* page("page=3&per_page=1"), { status: 204, body: "" })
    }).pipe(Effect.provide(door))
  )

  it.effect("lists no more fields than it is asked for", () =>
    Effect.gen(function* () {
      const { body } = yield* ask({ path: `${list}?page=1&per_page=1&fields=id,Parent_Id`, method: "GET" })
      const { id, recordId } = { id: "2883756000000261017", recordId: Fixtures.record.recordId }
      expect(JSON.parse(body)).toMatchObject({ data: [{ id, Parent_Id: { id: recordId } }] })
      assert.notInclude(body, "File_Name")
    }).pipe(Effect.provide(door))
  )

  it.effect("gives the content of a file, or as many bytes as its size says, the same for the same id", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const content = Uint8Array.from({ length: 256 }, (_, index) => index)
      yield* fake.put({
        ...Fixtures.record,
        attachments: [
          { id: "1", fileName: "größe (1).bin", size: 256, content },
          { id: "2", fileName: null, size: 1000 },
          { id: "3", fileName: "c", size: 1000 }
        ]
      })
      const first = yield* download("1")
      assert.deepStrictEqual(first.bytes, content)
      assert.strictEqual(first.headers["content-type"], "application/x-download")
      assert.strictEqual(first.headers["content-disposition"], "attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe%20(1).bin")
      const second = yield* download("2")
      assert.lengthOf(second.bytes, 1000)
      assert.deepStrictEqual((yield* download("2")).bytes, second.bytes)
      assert.notDeepEqual((yield* download("3")).bytes, second.bytes)
    }).pipe(Effect.provide(door))
  )

  it.effect(
    "says how many bytes a body has unless its reply does, also where it breaks off, and under 204 nothing",
    () =>
      Effect.gen(function* () {
        const fake = yield* FakeBigin.FakeBigin
        const client = yield* HttpClient.HttpClient
        const ask = Effect.map(client.get(`https://bigin.example${path}`), ({ headers }) => headers["content-length"])
        const lengthOf = (status: number, body: string | Uint8Array, headers = {}) =>
          Effect.zipRight(fake.inject({ fault: FakeBigin.answerWith({ status, headers, body }) }), ask)
        assert.strictEqual(yield* lengthOf(200, ""), "0")
        assert.strictEqual(yield* lengthOf(400, "ü"), "2")
        assert.strictEqual(yield* lengthOf(500, new Uint8Array(70_000)), "70000")
        assert.strictEqual(yield* lengthOf(204, ""), undefined)
        yield* fake.inject({
          fault: () => Effect.succeed({ _tag: "Broken", part: { status: 200, headers: {}, body: "abcd" } })
        })
        assert.strictEqual(yield* ask, "4")
        assert.strictEqual(yield* lengthOf(200, "abcd", { "content-length": "5" }), "5")
      }).pipe(Effect.provide(door))
  )

  it.effect("has no file for a link and no attachment for an unknown id, and lets a reader see both", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const link = { id: "1", fileName: null, size: 0, linkUrl: "https://www.bigin.com" }
      yield* fake.put({ ...Fixtures.record, attachments: [link] })
      const reader = { method: "GET", token: Fixtures.accessTokens.reader } as const
      yield* answersAs(
        { path: `${list}/1`, ...reader },
        Fixtures.errorItem(400, "DOWNLOAD_NOT_ALLOWED", "Cannot download the link attachment", { envelope: "top" })
      )
      yield* answersAs(
        { path: `${list}/2`, ...reader },
        Fixtures.documented("InvalidData", { details: { resource_path_index: 3 }, envelope: "top" })
      )
      const rows = yield* ask({ path: list, ...reader })
      expect(JSON.parse(rows.body)).toMatchObject({
        data: [{ id: "1", File_Name: null, $link_url: link.linkUrl, Created_Time: "2024-01-15T10:30:00+05:30" }]
      })
    }).pipe(Effect.provide(door))
  )

  it.effect("attaches a file or a link of a form, under ids that follow one another", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const content = Uint8Array.of(0, 255, 13, 10)
      const createdTime = "1970-01-01T00:00:00+00:00"
      const first = yield* post({ file: new File([content], "a b.bin") })
      expect(JSON.parse(first.body)).toEqual({
        data: [
          {
            code: "SUCCESS",
            details: {
              id: "2883756000000900001",
              Created_Time: createdTime,
              Modified_Time: createdTime,
              Created_By: { name: "The owner", id: "2883756000000140001", email: "owner@example.com" },
              Modified_By: { name: "The owner", id: "2883756000000140001", email: "owner@example.com" }
            },
            message: "attachment uploaded successfully",
            status: "success"
          }
        ]
      })
      yield* post({ attachmentUrl: "https://www.bigin.com", title: "Bigin" })
      yield* post({ attachmentUrl: "https://www.bigin.com" })
      assert.deepStrictEqual((yield* fake.attachments(Fixtures.record)).slice(2), [
        { id: "2883756000000900001", fileName: "a b.bin", size: 4, content, createdTime },
        { id: "2883756000000900002", fileName: "Bigin", size: 0, linkUrl: "https://www.bigin.com", createdTime },
        { id: "2883756000000900003", fileName: null, size: 0, linkUrl: "https://www.bigin.com", createdTime }
      ])
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["neither a file nor a link", { title: "a" }],
    ["both", { file: new File(["a"], "a"), attachmentUrl: "https://www.bigin.com" }],
    ["a text in place of a file", { file: "a" }]
  ] as const)("attaches nothing of a form with %s", ([, form]) =>
    Effect.gen(function* () {
      const answer = yield* post(form)
      assert.strictEqual(answer.status, 400)
      expect(JSON.parse(answer.body)).toMatchObject({ code: "REQUIRED_PARAM_MISSING", status: "error" })
      assert.lengthOf(yield* (yield* FakeBigin.FakeBigin).attachments(Fixtures.record), 2)
    }).pipe(Effect.provide(door))
  )

  it.effect("attaches nothing of what is no form, or by who may not", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* ask({ path: list, method: "POST" })).status, 400)
      yield* answersAs(
        { path: list, method: "POST", token: Fixtures.accessTokens.reader },
        Fixtures.documented("OAuthScopeMismatch", { envelope: "top" })
      )
      yield* answersAs(
        { path: list, method: "POST", token: Fixtures.accessTokens.denied },
        Fixtures.errorItem(403, "NO_PERMISSION", "Permission denied to upload attachment")
      )
      yield* answersAs(
        { path: list, method: "POST", token: Fixtures.accessTokens.unprivileged },
        Fixtures.errorItem(400, "AUTHORIZATION_FAILED", "User does not have sufficient privilege to upload attachments")
      )
      assert.lengthOf(yield* (yield* FakeBigin.FakeBigin).attachments(Fixtures.record), 2)
    }).pipe(Effect.provide(door))
  )

  it.effect("records a body as bytes and as text", () =>
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const bytes = new TextEncoder().encode("größe")
      yield* client.execute(
        HttpClientRequest.post(`https://bigin.example${list}`).pipe(HttpClientRequest.bodyUint8Array(bytes))
      )
      const [request] = yield* (yield* FakeBigin.FakeBigin).requests
      assert.deepStrictEqual(request?.bytes, bytes)
      assert.strictEqual(request?.body, "größe")
    }).pipe(Effect.provide(door))
  )

  it.effect("gives half of a file where it is truncated, and where it breaks off or falls silent before that", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const content = new Uint8Array(300_000).fill(1)
      yield* fake.put({ ...Fixtures.record, attachments: [{ id: "1", fileName: "a", size: 1, content }] })
      yield* fake.inject({ fault: FakeBigin.truncate })
      assert.lengthOf((yield* download("1")).bytes, 150_000)

      yield* fake.inject({ fault: FakeBigin.breakOff })
      assert.strictEqual((yield* Effect.flip(download("1")))._tag, "ResponseError")

      yield* fake.inject({ fault: FakeBigin.stall })
      const fiber = yield* Effect.fork(download("1"))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => Effect.map(fake.requests, ({ length }) => length === 3) })
      expect((yield* fake.requests).map(({ fate }) => fate)).toEqual(["Answered", "Broken", undefined])
      yield* Fiber.interrupt(fiber)
      yield* Effect.repeat(Effect.yieldNow(), {
        until: () => Effect.map(fake.requests, ([, , third]) => third?.fate === "Aborted")
      })
    }).pipe(Effect.provide(door))
  )

  it.effect("meets each rule as often as it says, the oldest first, and then answers as ever", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("InternalError")), times: 2 })
      yield* fake.inject({ fault: FakeBigin.badGateway, when: ({ method }) => method === "GET" })
      const statuses = yield* Effect.forEach(["DELETE", "GET", "GET", "DELETE"] as const, (method) =>
        Effect.map(ask({ path: method === "GET" ? list : path, method }), ({ status }) => status)
      )
      assert.deepStrictEqual(statuses, [500, 500, 502, 200])
    }).pipe(Effect.provide(door))
  )

  it.effect.each([
    ["cut", FakeBigin.cut, 2, "Broken"],
    ["loseAnswer", FakeBigin.loseAnswer, 1, "Broken"],
    ["breakOff", FakeBigin.breakOff, 1, "Broken"]
  ] as const)("%s breaks the connection on its side of the deletion", ([, fault, left, fate]) =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault })
      yield* Effect.flip(ask({ path }))
      assert.lengthOf(yield* fake.attachments(Fixtures.record), left)
      expect(yield* fake.requests).toMatchObject([{ method: "DELETE", url: path, fate }])
    }).pipe(Effect.provide(door))
  )

  it.effect("waits as long as it was told", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.delay("1 minute") })
      const fiber = yield* Effect.fork(ask({ path }))
      // over TCP it takes real time until the request has arrived
      yield* Effect.repeat(Effect.yieldNow(), { until: () => Effect.map(fake.requests, ({ length }) => length > 0) })
      yield* TestClock.adjust("59 seconds")
      assert.lengthOf(yield* fake.attachments(Fixtures.record), 2)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).status, 200)
    }).pipe(Effect.provide(door))
  )

  it.effect("records who went away before the answer", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: () => Effect.never })
      const fiber = yield* Effect.fork(ask({ path }))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => Effect.map(fake.requests, ({ length }) => length > 0) })
      yield* Fiber.interrupt(fiber)
      yield* Effect.repeat(Effect.yieldNow(), {
        until: () => Effect.map(fake.requests, ([request]) => request?.fate === "Aborted")
      })
    }).pipe(Effect.provide(door))
  )
})

describe("a fake Bigin of one's own", () => {
  it.effect("caps the pages of a list as it is told", () =>
    Effect.gen(function* () {
      const { body } = yield* ask({ path: `${list}?page=2&per_page=200`, method: "GET" })
      expect(JSON.parse(body)).toMatchObject({
        data: [{ id: "2883756000000261029" }],
        info: { page: 2, per_page: 1, more_records: false }
      })
    }).pipe(Effect.provide(FakeBigin.layerWith({ mostPerPage: 1 })))
  )

  it.effect("holds the records and tokens that it is given, and takes more", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const record = { module: "My_Module", recordId: "7", attachments: [{ id: "8", fileName: "a", size: 1 }] }
      yield* fake.put(record)
      assert.deepStrictEqual(yield* fake.attachments(record), record.attachments)
      assert.lengthOf(yield* fake.attachments(Fixtures.record), 0)
      const asked = { path: "/bigin/v1/My_Module/7/Attachments/8", token: "1000.mine" }
      yield* answersAs(asked, Fixtures.success("8"))
    }).pipe(
      Effect.provide(
        FakeBigin.layerWith({
          records: [],
          tokens: {
            "1000.mine": { scopes: ["ZohoBigin.modules.ALL", "ZohoBigin.modules.attachments.DELETE"] }
          }
        })
      )
    )
  )

  it.effect("knows both names of a module in scopes", () =>
    Effect.gen(function* () {
      for (const module of ["Companies", "Accounts"]) {
        yield* answersAs(
          { path: `/bigin/v2/${module}/1/Attachments/2`, token: "1000.mine" },
          Fixtures.documented("InvalidData", { details: { resource_path_index: 1 }, envelope: "top" })
        )
      }
    }).pipe(
      Effect.provide(
        FakeBigin.layerWith({
          tokens: {
            "1000.mine": { scopes: ["ZohoBigin.modules.Accounts.ALL", "ZohoBigin.modules.attachments.ALL"] }
          }
        })
      )
    )
  )
})

describe("what real HTTP cannot say", () => {
  it.effect.each([0, 101, 199, 600, 999])("a status of %i is answered in memory", (status) =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith({ status, headers: {}, body: "x" }) })
      assert.deepStrictEqual(yield* ask({ path }), { status, body: "x" })
    }).pipe(Effect.provide(memory))
  )

  it.effect("a fault that throws cuts its client off over TCP", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: () => Effect.die("a mistake in a test") })
      yield* Effect.flip(ask({ path }))
    }).pipe(Effect.provide(tcp), Logger.withMinimumLogLevel(LogLevel.None))
  )
})

describe("the fixtures", () => {
  it("have a reply for each documented row, in both envelopes", () => {
    for (const { code, message, status, tag } of Object.values(Errors.catalogue)) {
      const data = Fixtures.documented(tag)
      const top = Fixtures.documented(tag, { envelope: "top" })
      assert.strictEqual(data.status, status)
      expect(JSON.parse(data.body)).toEqual({ data: [{ code, details: {}, message, status: "error" }] })
      expect(JSON.parse(top.body)).toEqual({ code, details: {}, message, status: "error" })
    }
  })
})
