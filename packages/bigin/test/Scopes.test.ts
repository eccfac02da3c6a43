import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { BiginAuth, deleteAttachment, Errors, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const authWith = (scopes?: ReadonlyArray<string>) =>
  BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.administrator), scopes })

const bigin = (scopes?: ReadonlyArray<string>) => Layer.merge(FakeBigin.layer, authWith(scopes))

const checked = deleteAttachment(Fixtures.attachment).pipe(Scopes.ensure(Scopes.deleteAttachment("Contacts")))

describe("the requirement of a deletion", () => {
  it("is one scope of the module and one of attachments, the narrowest first", () => {
    expect(Scopes.deleteAttachment("Contacts")).toEqual({
      allOf: [
        { anyOf: ["ZohoBigin.modules.contacts.DELETE", "ZohoBigin.modules.contacts.ALL", "ZohoBigin.modules.ALL"] },
        { anyOf: ["ZohoBigin.modules.attachments.DELETE", "ZohoBigin.modules.attachments.ALL"] }
      ]
    })
  })

  it.each([
    ["Companies", "companies", "accounts"],
    ["Accounts", "accounts", "companies"],
    ["Deals", "deals", "pipelines"],
    ["Pipelines", "pipelines", "deals"]
  ])("of %s is met by its v1 and its v2 name", (module, ...names) => {
    const requirement = Scopes.deleteAttachment(module)
    for (const name of names) {
      for (const operation of ["DELETE", "ALL"]) {
        const granted = [`ZohoBigin.modules.${name}.${operation}`, "ZohoBigin.modules.attachments.DELETE"]
        assert.deepStrictEqual(Scopes.missing(requirement, granted), [])
      }
    }
  })

  it("of a module outside of the table is ZohoBigin.modules.ALL", () => {
    expect(Scopes.deleteAttachment("Custom_Module").allOf[0]).toEqual({ anyOf: ["ZohoBigin.modules.ALL"] })
    // names that every object has are no modules
    expect(Scopes.deleteAttachment("constructor").allOf[0]).toEqual({ anyOf: ["ZohoBigin.modules.ALL"] })
  })
})

describe("the requirement of an upload", () => {
  it("is met by CREATE, WRITE or ALL in both places, the narrowest first", () => {
    expect(Scopes.uploadAttachment("Contacts")).toEqual({
      allOf: [
        {
          anyOf: [
            "ZohoBigin.modules.contacts.CREATE",
            "ZohoBigin.modules.contacts.WRITE",
            "ZohoBigin.modules.contacts.ALL",
            "ZohoBigin.modules.ALL"
          ]
        },
        {
          anyOf: [
            "ZohoBigin.modules.attachments.CREATE",
            "ZohoBigin.modules.attachments.WRITE",
            "ZohoBigin.modules.attachments.ALL"
          ]
        }
      ]
    })
    for (const one of ["CREATE", "WRITE", "ALL"]) {
      for (const other of ["CREATE", "WRITE", "ALL"]) {
        const granted = [`ZohoBigin.modules.accounts.${one}`, `ZohoBigin.modules.attachments.${other}`]
        assert.deepStrictEqual(Scopes.missing(Scopes.uploadAttachment("Companies"), granted), [])
      }
    }
  })

  it("is not met by READ or DELETE, nor is that of another operation by WRITE", () => {
    const granted = (operation: string) => [
      `ZohoBigin.modules.contacts.${operation}`,
      `ZohoBigin.modules.attachments.${operation}`
    ]
    for (const operation of ["READ", "DELETE"]) {
      assert.lengthOf(Scopes.missing(Scopes.uploadAttachment("Contacts"), granted(operation)), 2)
    }
    for (const requirement of [Scopes.deleteAttachment, Scopes.listAttachments, Scopes.downloadAttachment]) {
      assert.lengthOf(Scopes.missing(requirement("Contacts"), granted("WRITE")), 2)
    }
  })
})

describe("all", () => {
  const deletion = Scopes.deleteAttachment("Contacts")
  const upload = Scopes.uploadAttachment("Contacts")

  it("asks for everything that one of them asks for", () => {
    expect(Scopes.all(deletion, upload)).toEqual({ allOf: [...deletion.allOf, ...upload.allOf] })
    expect(Scopes.all()).toEqual({ allOf: [] })
    expect(Scopes.ensureDeleted("Contacts")).toEqual(Scopes.all(deletion, Scopes.listAttachments("Contacts")))
  })

  it("misses each scope once", () => {
    expect(Scopes.missing(Scopes.all(deletion, deletion, upload), [])).toEqual([
      "ZohoBigin.modules.contacts.DELETE",
      "ZohoBigin.modules.attachments.DELETE",
      "ZohoBigin.modules.contacts.CREATE",
      "ZohoBigin.modules.attachments.CREATE"
    ])
  })

  it("misses no scope for what another that is missing does too", () => {
    // the two names of one module
    expect(
      Scopes.missing(Scopes.all(Scopes.listAttachments("Companies"), Scopes.listAttachments("Accounts")), [])
    ).toEqual(["ZohoBigin.modules.companies.READ", "ZohoBigin.modules.attachments.READ"])
    // a module outside of the table needs the scope of all modules
    expect(Scopes.missing(Scopes.all(deletion, Scopes.deleteAttachment("Custom_Module")), [])).toEqual([
      "ZohoBigin.modules.attachments.DELETE",
      "ZohoBigin.modules.ALL"
    ])
  })
})

describe("what is missing", () => {
  const missing = (...granted: ReadonlyArray<string>) => Scopes.missing(Scopes.deleteAttachment("Contacts"), granted)

  it("is the smallest addition", () => {
    expect(missing()).toEqual(["ZohoBigin.modules.contacts.DELETE", "ZohoBigin.modules.attachments.DELETE"])
    expect(missing("ZohoBigin.modules.ALL")).toEqual(["ZohoBigin.modules.attachments.DELETE"])
    expect(missing("ZohoBigin.modules.attachments.ALL")).toEqual(["ZohoBigin.modules.contacts.DELETE"])
  })

  it("is nothing whatever the letter case", () => {
    expect(missing("zohobigin.modules.Contacts.delete", "ZOHOBIGIN.MODULES.ATTACHMENTS.ALL")).toEqual([])
  })

  it("is not met by another operation, another module or another product", () => {
    expect(
      missing(
        "ZohoBigin.modules.contacts.READ",
        "ZohoBigin.modules.tasks.DELETE",
        "ZohoCRM.modules.ALL",
        "ZohoBigin.modules.attachments.READ"
      )
    ).toHaveLength(2)
  })
})

describe("ensure", () => {
  it.effect("fails with what is required, granted and missing, and nothing is sent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(checked)
      expect(error).toEqual(
        new Errors.MissingScope({
          required: Scopes.deleteAttachment("Contacts"),
          granted: ["ZohoBigin.modules.ALL"],
          missing: ["ZohoBigin.modules.attachments.DELETE"]
        })
      )
      assert.include(error.message, "ZohoBigin.modules.attachments.DELETE")
      assert.lengthOf(yield* (yield* FakeBigin.FakeBigin).requests, 0)
    }).pipe(Effect.provide(bigin(["ZohoBigin.modules.ALL"])))
  )

  it.effect("runs the effect where the requirement is met", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* checked, Fixtures.attachment)
    }).pipe(Effect.provide(bigin(["ZohoBigin.modules.contacts.DELETE", "ZohoBigin.modules.attachments.DELETE"])))
  )

  it.effect("runs the effect where the granted scopes are not known", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* checked, Fixtures.attachment)
    }).pipe(Effect.provide(bigin()))
  )

  it.effect("lets the failure of auth through", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(Scopes.ensure(Effect.void, { allOf: [] })))._tag, "TokenUnreachable")
    }).pipe(
      Effect.provideService(
        BiginAuth.BiginAuth,
        BiginAuth.make({ credentials: Effect.fail(new Errors.TokenUnreachable({ reason: "503" })) })
      )
    )
  )
})
