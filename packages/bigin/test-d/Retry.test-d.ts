import type { HttpClient } from "@effect/platform/HttpClient"
import { type Duration, Effect, type Schedule } from "effect"
import { type BiginAuth, deleteAttachment, type Errors, Retry } from "effect-bigin"
import { describe, expectTypeOf, it } from "vitest"

const call = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" })

describe("Retry.safely and Retry.reads", () => {
  it("are what Effect.retry takes, which keeps the type of the call", () => {
    expectTypeOf(call.pipe(Effect.retry(Retry.safely({ times: 3 })))).toEqualTypeOf<typeof call>()
    expectTypeOf(call.pipe(Effect.retry(Retry.reads()))).toEqualTypeOf<typeof call>()
    expectTypeOf(Effect.retry(call, Retry.safely())).toEqualTypeOf<
      Effect.Effect<Effect.Effect.Success<typeof call>, Errors.DeleteAttachmentError, HttpClient | BiginAuth.BiginAuth>
    >()
  })

  it("serve for an effect that fails with errors of others too", () => {
    const other = {} as Effect.Effect<"done", "own" | Errors.RateLimited, "R">
    expectTypeOf(other.pipe(Effect.retry(Retry.safely()))).toEqualTypeOf<typeof other>()
  })

  it("read well: a policy goes in, and what comes out has a name", () => {
    expectTypeOf(Retry.safely).toEqualTypeOf<(policy?: Retry.Policy) => Retry.RetryOptions>()
    expectTypeOf(Retry.reads).toEqualTypeOf<(policy?: Retry.Policy) => Retry.RetryOptions>()
    expectTypeOf<Retry.RetryOptions>().toEqualTypeOf<{
      readonly schedule: Schedule.Schedule<Duration.Duration>
      readonly while: (error: unknown) => boolean
    }>()
  })

  it("take no option that they do not know", () => {
    // @ts-expect-error
    void Retry.safely({ retries: 3 })
  })
})
