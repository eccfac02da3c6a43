import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Attachments, BiginAuth, deleteAttachment, Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const tokens = {
  "1000.mine": { scopes: ["ZohoBigin.modules.contacts.ALL", "ZohoBigin.modules.attachments.ALL"] },
  "1000.other": { scopes: [] }
}

describe.each([
  ["in memory", FakeBigin.layer, FakeBigin.layerWith],
  ["over TCP", FakeBigin.layerServed, FakeBigin.layerServedWith]
] as const)("the layer %s", (_, layer, layerWith) => {
  it.effect("has all that a program needs, and the fake itself", () =>
    Effect.gen(function* () {
      yield* deleteAttachment(Fixtures.attachment)
      const rows = yield* Stream.runCollect(Attachments.listAttachments(Fixtures.record))
      expect([...rows].map(({ id }) => id)).toEqual(["2883756000000261029"])
      const fake = yield* FakeBigin.FakeBigin
      expect((yield* fake.requests).map(({ method }) => method)).toEqual(["DELETE", "GET"])
    }).pipe(Effect.provide(layer))
  )

  it.effect("holds what it is given", () =>
    Effect.gen(function* () {
      assert.instanceOf(yield* Effect.flip(deleteAttachment(Fixtures.attachment)), Errors.InvalidData)
    }).pipe(Effect.provide(layerWith({ records: [{ ...Fixtures.record, attachments: [] }] })))
  )

  it.effect("works as the first of the tokens that it is given, with its scopes", () =>
    Effect.gen(function* () {
      const { credentials } = yield* BiginAuth.BiginAuth
      assert.deepStrictEqual((yield* credentials).scopes, tokens["1000.mine"].scopes)
      yield* deleteAttachment(Fixtures.attachment)
    }).pipe(Effect.provide(layerWith({ tokens })))
  )
})

describe("the fake's own state", () => {
  it.effect("is told whole, in the order of its records", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.put({ module: "Tasks", recordId: "7", name: "Call back", attachments: [] })
      yield* deleteAttachment(Fixtures.attachment)
      expect(yield* fake.records).toEqual([
        {
          ...Fixtures.record,
          name: "Record 2883756000000261075",
          attachments: [{ id: "2883756000000261029", fileName: "logo.png", size: 5120 }]
        },
        { module: "Tasks", recordId: "7", name: "Call back", attachments: [] }
      ])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("changes where every access token is made to die", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.expireTokens
      assert.instanceOf(yield* Effect.flip(deleteAttachment(Fixtures.attachment)), Errors.InvalidToken)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})
