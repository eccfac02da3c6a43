import type { HttpClient } from "@effect/platform/HttpClient"
import type { Effect } from "effect"
import { type Attachments, type BiginAuth, deleteAttachment, type Errors, type Ids } from "effect-bigin"
import { describe, expectTypeOf, it } from "vitest"

describe("deleteAttachment", () => {
  it("is an Effect of the deleted ref, every failure by one name, and the two requirements", () => {
    expectTypeOf(deleteAttachment).toEqualTypeOf<
      (
        ref: Ids.AttachmentRef.Input
      ) => Effect.Effect<Attachments.DeletedAttachment, Errors.DeleteAttachmentError, HttpClient | BiginAuth.BiginAuth>
    >()
    expectTypeOf<Attachments.DeletedAttachment>().branded.toEqualTypeOf<{
      readonly module: string
      readonly recordId: string
      readonly attachmentId: string
    }>()
  })

  it("takes ids as strings and bigints, and any module name", () => {
    void deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: 2n })
    void deleteAttachment({ module: "A_Module_Of_Your_Own", recordId: 1n, attachmentId: "2" })
  })

  it("refuses a number as an id, since it would lose digits", () => {
    // @ts-expect-error
    void deleteAttachment({ module: "Contacts", recordId: 2883756000000261, attachmentId: "2" })
    // @ts-expect-error
    void deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: 2 })
  })

  it("refuses a ref without an attachment", () => {
    // @ts-expect-error
    void deleteAttachment({ module: "Contacts", recordId: "1" })
  })
})
