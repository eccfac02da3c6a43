import type { Effect } from "effect"
import { type BiginAuth, deleteAttachment, type Errors, Scopes } from "effect-bigin"
import { describe, expectTypeOf, it } from "vitest"

const attachment = { module: "Contacts", recordId: "1", attachmentId: "2" }

describe("Scope", () => {
  it("holds the scopes that there are", () => {
    expectTypeOf<"ZohoBigin.modules.ALL">().toExtend<Scopes.Scope>()
    expectTypeOf<"ZohoBigin.modules.contacts.DELETE">().toExtend<Scopes.Scope>()
    expectTypeOf<"ZohoBigin.modules.attachments.READ">().toExtend<Scopes.Scope>()
  })

  it("refuses a misspelt one", () => {
    // @ts-expect-error
    const misspeltModule: Scopes.Scope = "ZohoBigin.modules.contact.DELETE"
    // @ts-expect-error
    const misspeltOperation: Scopes.Scope = "ZohoBigin.modules.contacts.REMOVE"
    // @ts-expect-error
    const otherProduct: Scopes.Scope = "ZohoCRM.modules.contacts.DELETE"
    expectTypeOf([misspeltModule, misspeltOperation, otherProduct]).toExtend<Array<string>>()
  })
})

describe("all", () => {
  it("makes one requirement of any number", () => {
    expectTypeOf(Scopes.all).toEqualTypeOf<(...requirements: ReadonlyArray<Scopes.Requirement>) => Scopes.Requirement>()
    expectTypeOf(Scopes.missing(Scopes.all(), [])).toEqualTypeOf<ReadonlyArray<Scopes.Scope>>()
  })
})

describe("ensure", () => {
  it("adds MissingScope and the failures of auth, and BiginAuth, to any effect", () => {
    type Ensured = Effect.Effect<
      number,
      "own" | Errors.MissingScope | Errors.TokenRejected | Errors.TokenUnreachable,
      "requirement" | BiginAuth.BiginAuth
    >
    const effect = {} as Effect.Effect<number, "own", "requirement"> // only its type is looked at
    const requirement = Scopes.deleteAttachment("Contacts")
    expectTypeOf(effect.pipe(Scopes.ensure(requirement))).toEqualTypeOf<Ensured>()
    expectTypeOf(Scopes.ensure(effect, requirement)).toEqualTypeOf<Ensured>()
  })

  it("adds MissingScope alone to what deleteAttachment fails with", () => {
    const checked = deleteAttachment(attachment).pipe(Scopes.ensure(Scopes.deleteAttachment("Contacts")))
    expectTypeOf<Effect.Effect.Error<typeof checked>>().toEqualTypeOf<
      Errors.DeleteAttachmentError | Errors.MissingScope
    >()
  })
})
