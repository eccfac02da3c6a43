import { assert, describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Either, Exit, FastCheck, Schema, Stream } from "effect"
import { Attachments, type BiginAuth, deleteAttachment, Errors, Ids } from "effect-bigin"
import type { HttpClient } from "@effect/platform/HttpClient"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { runInNewContext } from "node:vm"

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
  "0",
  "01",
  "000",
  `0${"1".repeat(31)}`,
  "\ud83d",
  "1\udca9",
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
    [0n, "0"],
    [10n ** 32n, `1${"0".repeat(32)}`],
    [-(10n ** 80n), `-1${"0".repeat(62)}`],
    [undefined, "undefined"],
    [null, "null"],
    [true, "true"],
    [Symbol("id"), "Symbol(id)"],
    [["1"], "object"],
    [() => "1", "function"],
    ["x".repeat(1000), "x".repeat(64)],
    // a pair that the cut would halve is left out
    [`${"x".repeat(63)}\u{1f4a9}`, "x".repeat(63)],
    [`${"x".repeat(62)}\u{1f4a9}x`, `${"x".repeat(62)}\u{1f4a9}`],
    ["\u{1f4a9}".repeat(40), "\u{1f4a9}".repeat(32)],
    // half a pair of the caller's own is shown by the mark for what cannot be read
    ["\ud83d", "\ufffd"],
    ["\udca9\ud83d", "\ufffd\ufffd"],
    [`${"x".repeat(64)}\ud83d`, "x".repeat(64)]
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

  it("what comes out is a plain object of its own, with nothing else of what was given", () => {
    const input = Object.freeze({ ...ref, size: 1, toJSON: () => "was run" })
    const parsed = Either.getOrThrow(Ids.parseAttachmentRef(input))
    assert.deepStrictEqual(parsed, ref)
    assert.notStrictEqual<unknown>(parsed, input)
    assert.deepStrictEqual(Object.keys(Either.getOrThrow(Ids.parseRecordRef(input))), ["module", "recordId"])
  })

  it("each field is read once, so that what was checked is what is sent", () => {
    let reads = 0
    const parsed = Ids.parseRecordRef({
      module: "Contacts",
      get recordId() {
        reads += 1
        return reads === 1 ? "1" : "1/../2"
      }
    })
    assert.deepStrictEqual(parsed, Either.right({ module: "Contacts", recordId: "1" }))
    assert.strictEqual(reads, 1)
  })

  it("a ref of another realm is read as one of ours", () => {
    const foreign = runInNewContext(`(${JSON.stringify(ref)})`) as Ids.AttachmentRef
    assert.isFalse(foreign instanceof Object)
    assert.deepStrictEqual(Ids.parseAttachmentRef(foreign), Either.right(ref))
  })

  it.prop(
    "no text of whatever kind can change the path: it is refused, or it is digits without a leading zero",
    [
      FastCheck.oneof(
        FastCheck.string(),
        FastCheck.fullUnicodeString(),
        FastCheck.stringMatching(/^[-+%./?#\d ]{0,6}$/),
        FastCheck.stringMatching(/^\d{1,33}$/)
      )
    ],
    ([recordId]) => {
      const parsed = Ids.parseAttachmentRef({ ...ref, recordId })
      assert.strictEqual(Either.isRight(parsed), /^[1-9][0-9]{0,31}$/.test(recordId))
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
    assert.isTrue(Either.isLeft(decode({ ...ref, attachmentId: "01" })))
  })
})

/** All that JavaScript can give where there are no types. */
const anything = FastCheck.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true
})

const trap = () => {
  throw new Error("was run")
}

const revokedOf = (target: object) => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** What fails whoever reads it, prints it or asks what it is. Made by the test, since fast-check asks too. */
const hostile: ReadonlyArray<() => unknown> = [
  () => revokedOf({}),
  () => revokedOf([]),
  () => revokedOf(() => ref),
  () => new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap }),
  () => Object.defineProperty({}, Symbol.toStringTag, { get: trap }),
  () => ({ [Symbol.toPrimitive]: trap, toString: trap, toJSON: trap, valueOf: trap }),
  () => Object.setPrototypeOf({ [Symbol.toStringTag]: "Blob" }, null) as object,
  () => ({ [Symbol.toStringTag]: "File", size: 1, type: "text/plain" }),
  () => ({ [Stream.StreamTypeId]: {} }),
  () => Object.assign(new Blob(["text"]), { stream: trap }),
  () => Object.defineProperty(new Blob(["text"]), "size", { get: trap }),
  () => Symbol("given"),
  () => "\ud83d"
]

/** Made anew at each call, as `Arbitrary.map` would look into it. */
const given: FastCheck.Arbitrary<() => unknown> = FastCheck.oneof(
  anything.map((value) => () => value),
  FastCheck.constantFrom(...hostile)
)

/** An object whose fields are anything, one of them perhaps a getter that throws. */
const fieldsGiven = (names: ReadonlyArray<string>): FastCheck.Arbitrary<() => unknown> =>
  FastCheck.tuple(
    FastCheck.record(Object.fromEntries(names.map((name) => [name, given])), { requiredKeys: [] }),
    FastCheck.option(FastCheck.constantFrom(...names), { freq: 4 })
  ).map(([makers, throwing]) => () => {
    const fields = Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make?.()]))
    return throwing === null ? fields : Object.defineProperty(fields, throwing, { get: trap })
  })

const refGiven = FastCheck.oneof(given, fieldsGiven(["module", "recordId", "attachmentId"]))
const fileGiven = FastCheck.oneof(given, fieldsGiven(["fileName", "content", "size", "linkUrl", "title"]))

// each of them is given what has no type, on purpose
const operations: ReadonlyArray<
  readonly [name: string, run: (given: unknown) => Effect.Effect<unknown, unknown, HttpClient | BiginAuth.BiginAuth>]
> = [
  ["deleteAttachment", (given) => deleteAttachment(given as never)],
  ["ensureDeleted", (given) => Attachments.ensureDeleted(given as never)],
  ["listAttachments", (given) => Stream.runDrain(Attachments.listAttachments(given as never))],
  ["downloadAttachment", (given) => Stream.runDrain(Attachments.downloadAttachment(given as never))],
  ["uploadAttachment's record", (given) => Attachments.uploadAttachment(given as never, { linkUrl: "https://a.b" })]
]

/** Whatever was well-formed after all is sent; the rest is refused by a value that can be kept, printed and passed on. */
const isTyped = (run: Effect.Effect<unknown, unknown, HttpClient | BiginAuth.BiginAuth>) =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(run)
    assert.isFalse(Exit.isFailure(exit) && Cause.isDie(exit.cause))
    if ((yield* (yield* FakeBigin.FakeBigin).requests).length > 0) return
    const error = yield* Effect.flip(exit)
    expect(error).toMatchObject({ _tag: "InvalidInput" })
    assert.notMatch((yield* Schema.encodeUnknown(Errors.InvalidInput)(error)).given, /\p{Cs}/u)
  }).pipe(Effect.provide(FakeBigin.layer))

const forAll = (
  input: FastCheck.Arbitrary<() => unknown>,
  numRuns: number,
  run: (given: unknown) => Effect.Effect<unknown, unknown, HttpClient | BiginAuth.BiginAuth>
) =>
  Effect.promise(() =>
    FastCheck.assert(
      FastCheck.asyncProperty(input, (make) => Effect.runPromise(isTyped(Effect.suspend(() => run(make()))))),
      { numRuns }
    )
  )

describe("whatever is given where there are no types", () => {
  it.effect.each(operations)("is InvalidInput and never a defect: %s", ([, run]) => forAll(refGiven, 100, run), 30_000)

  it.effect(
    "is InvalidInput and never a defect: uploadAttachment's file",
    () => forAll(fileGiven, 300, (file) => Attachments.uploadAttachment(ref, file as never)), // any file, on purpose
    30_000
  )
})

describe("InvalidInput", () => {
  it("says what was wrong, what was given and what would be right", () => {
    const error = Either.flip(Ids.parseAttachmentRef({ ...ref, recordId: "12a" }))
    assert.strictEqual(
      Either.getOrThrow(error).message,
      'Nothing was sent: recordId must be 1 to 32 decimal digits without a leading zero, as a string or a bigint, but "12a" was given. ' +
        Errors.advice.InvalidInput
    )
  })
})
