import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Either, FastCheck, Schema } from "effect"
import { type BiginAuth, deleteAttachment, type Errors, Ids } from "effect-bigin"
import type { HttpClient } from "@effect/platform/HttpClient"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const ref = Fixtures.attachment

/** As a caller without types would call it. */
const untyped: (
  input: unknown
) => Effect.Effect<unknown, Errors.DeleteAttachmentError, HttpClient | BiginAuth.BiginAuth> = deleteAttachment as never // any input, on purpose

const refused = (input: unknown) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(untyped(input))
    assert.lengthOf(yield* (yield* FakeBigin.FakeBigin).requests, 0)
    return error
  }).pipe(Effect.provide(FakeBigin.layer))

const malformed = [
  "",
  "/",
  "..",
  "../1",
  "1/../2",
  "1%2F2",
  "%31",
  "1?x=1",
  "1#x",
  " 1",
  "1 ",
  "+1",
  "-1",
  "1.0",
  "1e3",
  "0x1",
  "١٢٣",
  "1\n",
  "\u0000",
  "1".repeat(33),
  "https://evil.example/1"
]

describe("ids", () => {
  it.effect.each(malformed)("the record id %j is InvalidInput and nothing is sent", (recordId) =>
    Effect.gen(function* () {
      expect(yield* refused({ ...ref, recordId })).toMatchObject({ _tag: "InvalidInput", field: "recordId" })
    })
  )

  it.effect.each(malformed)("the attachment id %j is InvalidInput and nothing is sent", (attachmentId) =>
    Effect.gen(function* () {
      expect(yield* refused({ ...ref, attachmentId })).toMatchObject({ _tag: "InvalidInput", field: "attachmentId" })
    })
  )

  it.effect.each([
    [2883756.5, "2883756.5"],
    [Number.NaN, "NaN"],
    [-1n, "-1"],
    [undefined, "undefined"],
    [null, "null"],
    [true, "true"],
    [Symbol("id"), "Symbol(id)"],
    [["1"], "object"],
    [() => "1", "function"],
    ["x".repeat(1000), "x".repeat(64)]
  ] as const)("what was given is shown at 64 characters, by typeof where it could run: %#", ([attachmentId, given]) =>
    Effect.gen(function* () {
      expect(yield* refused({ ...ref, attachmentId })).toMatchObject({ _tag: "InvalidInput", given })
    })
  )

  it.effect("nothing of the given value is run", () =>
    Effect.gen(function* () {
      const trap = () => {
        throw new Error("was run")
      }
      const hostile = new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap, has: trap })
      expect(yield* refused({ ...ref, recordId: hostile })).toMatchObject({ _tag: "InvalidInput", given: "object" })
    })
  )

  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  const notLoaded = () =>
    Object.defineProperty({ ...ref }, "recordId", {
      get: () => {
        throw new Error("not loaded")
      }
    })

  it.effect.each([revoked, notLoaded])("a ref that cannot be read: %#", (make) =>
    Effect.gen(function* () {
      expect(yield* refused(make())).toMatchObject({ _tag: "InvalidInput", field: "ref", given: "object" })
    })
  )

  it.effect.each([undefined, null, 1, "Contacts/1/2", () => ref])("a ref that is no object: %s", (input) =>
    Effect.gen(function* () {
      expect(yield* refused(input)).toMatchObject({ _tag: "InvalidInput", field: "ref" })
    })
  )

  it("bigints become strings", () => {
    const input = { module: "Contacts", recordId: 2883756000000261075n, attachmentId: 2883756000000261017n }
    assert.deepStrictEqual(Ids.parseAttachmentRef(input), Either.right(ref))
  })

  it.prop(
    "no text of whatever kind can change the path: it is refused, or it is digits",
    [
      FastCheck.oneof(
        FastCheck.string(),
        FastCheck.fullUnicodeString(),
        FastCheck.stringMatching(/^[-+%./?#\d ]{0,6}$/)
      )
    ],
    ([recordId]) => {
      const parsed = Ids.parseAttachmentRef({ ...ref, recordId })
      assert.strictEqual(Either.isRight(parsed), /^[0-9]{1,32}$/.test(recordId))
    },
    { fastCheck: { numRuns: 2000 } }
  )
})

describe("modules", () => {
  it.effect.each([
    "",
    "/",
    "..",
    "Con/tacts",
    "Con%74acts",
    "Contacts?x",
    "Contacts#x",
    " Contacts",
    "Contacts ",
    "-Contacts",
    "1Contacts",
    "_Contacts",
    "Cöntacts",
    "C".repeat(65),
    1,
    undefined
  ])("the name %j is InvalidInput and nothing is sent", (module) =>
    Effect.gen(function* () {
      expect(yield* refused({ ...ref, module })).toMatchObject({ _tag: "InvalidInput", field: "module" })
    })
  )

  it("any well-formed name is let through, known or not", () => {
    assert.isTrue(Either.isRight(Ids.parseAttachmentRef({ ...ref, module: "Custom_Module_1" })))
    assert.isTrue(Either.isRight(Ids.parseAttachmentRef({ ...ref, module: "C".repeat(64) })))
  })
})

describe("schemas", () => {
  it("decode refs and refuse what the operation would refuse", () => {
    const decode = Schema.decodeUnknownEither(Ids.AttachmentRef)
    assert.deepStrictEqual(decode(ref), Either.right(ref))
    assert.isTrue(Either.isLeft(decode({ ...ref, recordId: "1/2" })))
  })
})

describe("InvalidInput", () => {
  it("says what was wrong, what was given and what would be right", () => {
    const error = Either.flip(Ids.parseAttachmentRef({ ...ref, recordId: "12a" }))
    assert.strictEqual(
      Either.getOrThrow(error).message,
      'Nothing was sent: recordId must be 1 to 32 decimal digits, as a string or a bigint, but "12a" was given.'
    )
  })
})
