import { assert, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { ask, json, list, memory } from "./doors.ts"

const type = "multipart/form-data; boundary=xx"

/** A form with one part, of these headers. */
const formOf = (headers: string) => `--xx\r\n${headers}\r\n\r\nhello\r\n--xx--\r\n`

const post = (body: string | Uint8Array, contentType = type) =>
  ask({ path: list, method: "POST", type: contentType, body })

const uploaded = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  return (yield* fake.attachments(Fixtures.record)).slice(2).map(({ content, fileName, id, linkUrl, size }) => ({
    id,
    fileName,
    size,
    ...(content === undefined ? {} : { content: new TextDecoder().decode(content) }),
    ...(linkUrl === undefined ? {} : { linkUrl })
  }))
})

describe("a file", () => {
  it.effect.each([
    ["as browsers write it", 'Content-Disposition: form-data; name="file"; filename="größe.txt"', "größe.txt"],
    ["with a quote, as browsers write it", 'Content-Disposition: form-data; name="file"; filename="a%22b"', 'a"b'],
    ["with a quote, behind a backslash", 'Content-Disposition: form-data; name="file"; filename="a\\"b"', 'a"b'],
    [
      "with a backslash, as browsers write it",
      'Content-Disposition: form-data; name="file"; filename="C:\\a"',
      "C:\\a"
    ],
    ["with a backslash at its end", 'Content-Disposition: form-data; name="file"; filename="a\\"', "a\\"],
    ["with a space for a name", 'Content-Disposition: form-data; name="file"; filename=" "', " "],
    ["of a name beyond Latin letters", 'Content-Disposition: form-data; name="file"; filename="日本語😀"', "日本語😀"],
    [
      "as curl writes it",
      'Content-Disposition: form-data; name="file"; filename="a b;c.txt"\r\nContent-Type: a/b',
      "a b;c.txt"
    ],
    [
      "as C# writes it",
      "Content-Type: text/plain\r\nContent-Disposition: form-data; name=file; filename=a.txt; filename*=utf-8''gr%C3%B6%C3%9Fe.txt",
      "größe.txt"
    ],
    ["as C# writes a plain name", "Content-Disposition: form-data; name=file; filename=a.txt", "a.txt"],
    [
      "as Python writes it",
      "Content-Disposition: form-data; name=\"file\"; filename*=utf-8''gr%C3%B6%C3%9Fe.txt",
      "größe.txt"
    ],
    ["as Java writes it, without a space", 'Content-Disposition: form-data;name="file";filename="a.txt"', "a.txt"],
    ["with names in capitals", 'CONTENT-DISPOSITION: FORM-DATA; NAME="file"; FILENAME="A;B=c.txt"', "A;B=c.txt"],
    ["with small names of headers", 'content-disposition:form-data; name="file"; filename="a.txt"', "a.txt"],
    ["in a language", "Content-Disposition: form-data; name=\"file\"; filename*=UTF-8'de'a%20b", "a b"],
    [
      "of a name that says %22 in its own letters",
      "Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''%2522",
      "%22"
    ]
  ] as const)("is read %s", ([, headers, fileName]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* post(formOf(headers))).status, 200)
      assert.deepStrictEqual(yield* uploaded, [{ id: "2883756000000900001", fileName, size: 5, content: "hello" }])
    }).pipe(Effect.provide(memory))
  )

  it.effect.each([
    "multipart/form-data; boundary=xx",
    'multipart/form-data; boundary="xx"',
    "multipart/form-data;boundary=xx",
    "Multipart/Form-Data; Boundary=xx",
    "multipart/form-data; charset=utf-8; boundary=xx"
  ])("is read whatever way the type is written: %s", (contentType) =>
    Effect.gen(function* () {
      const form = formOf('Content-Disposition: form-data; name="file"; filename="a"')
      assert.strictEqual((yield* post(form, contentType)).status, 200)
    }).pipe(Effect.provide(memory))
  )

  it.effect("is read to its last byte, whatever its bytes are and however many", () =>
    Effect.gen(function* () {
      const content = Uint8Array.from({ length: 3_000_000 }, (_, index) => index)
      const encoded = (text: string) => new TextEncoder().encode(text)
      const head = encoded('--xx\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n')
      const tail = encoded("\r\n--xx--\r\n")
      const body = new Uint8Array(head.length + content.length + tail.length)
      body.set(head)
      body.set(content, head.length)
      body.set(tail, head.length + content.length)
      assert.strictEqual((yield* post(body)).status, 200)
      const fake = yield* FakeBigin.FakeBigin
      assert.deepStrictEqual((yield* fake.attachments(Fixtures.record))[2]?.content, content)
    }).pipe(Effect.provide(memory))
  )
})

describe("a link", () => {
  it.effect("is read of unquoted names, with its title", () =>
    Effect.gen(function* () {
      const part = (name: string, text: string) =>
        `--xx\r\nContent-Disposition: form-data; name=${name}\r\n\r\n${text}\r\n`
      yield* post(`${part("attachmentUrl", "https://www.bigin.com")}${part("title", "größe")}--xx--\r\n`)
      assert.deepStrictEqual(yield* uploaded, [
        { id: "2883756000000900001", fileName: "größe", size: 0, linkUrl: "https://www.bigin.com" }
      ])
    }).pipe(Effect.provide(memory))
  )

  it.effect("is read of the query, as CRM takes it", () =>
    Effect.gen(function* () {
      const query = new URLSearchParams({ attachmentUrl: "https://www.bigin.com", title: "Bigin" })
      yield* ask({ path: `${list}?${query}`, method: "POST" })
      assert.deepStrictEqual(yield* uploaded, [
        { id: "2883756000000900001", fileName: "Bigin", size: 0, linkUrl: "https://www.bigin.com" }
      ])
    }).pipe(Effect.provide(memory))
  )
})

describe("what is no form", () => {
  const whole = formOf('Content-Disposition: form-data; name="file"; filename="a"')

  it.effect.each([
    ["is cut", whole.slice(0, -8), type],
    ["has no boundary", whole, "multipart/form-data"],
    ["has another boundary than it says", whole, "multipart/form-data; boundary=yy"],
    ["is of another type", whole, "text/plain; boundary=xx"],
    ["has no part", "--xx--\r\n", type],
    ["has a part without a name", formOf("Content-Type: text/plain"), type]
  ] as const)("attaches nothing where it %s, and the refusal speaks of uploading", ([, form, contentType]) =>
    Effect.gen(function* () {
      expect(yield* json({ path: list, method: "POST", type: contentType, body: form })).toMatchObject({
        code: "REQUIRED_PARAM_MISSING",
        message: expect.stringContaining("upload"),
        status: "error"
      })
      assert.deepStrictEqual(yield* uploaded, [])
    }).pipe(Effect.provide(memory))
  )
})

describe("the scope of an upload", () => {
  const granted = (operation: string) => ({
    tokens: {
      "1000.mine": {
        scopes: [`ZohoBigin.modules.contacts.${operation}`, `ZohoBigin.modules.attachments.${operation}`]
      }
    }
  })
  const form = formOf('Content-Disposition: form-data; name="file"; filename="a"')

  it.effect.each([
    ["CREATE", 200],
    ["WRITE", 200],
    ["ALL", 200],
    ["READ", 401],
    ["DELETE", 401]
  ] as const)("is CREATE, WRITE or ALL: %s", ([operation, status]) =>
    Effect.gen(function* () {
      const answer = yield* ask({ path: list, method: "POST", token: "1000.mine", type, body: form })
      assert.strictEqual(answer.status, status)
    }).pipe(Effect.provide(FakeBigin.layerWith(granted(operation))))
  )
})
