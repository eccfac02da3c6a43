/**
 * Test a program of your own with mocked layers: no account, no network, no clock to wait for.
 *
 * `purge` is the program under test. FakeBigin is a layer like any other, so the tests change what Bigin does and then
 * look at what it was asked.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schedule } from "effect"
import { BiginAuth, deleteAttachment, Errors, type Ids } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const purge = (attachment: Ids.AttachmentRef) =>
  deleteAttachment(attachment).pipe(
    Effect.retry({ schedule: Schedule.spaced("1 millis"), times: 3, while: Errors.isSafeToRetry }),
    Effect.as("deleted"),
    Errors.catchCategory("permission", (error) => Effect.succeed(`not allowed: ${error._tag}`))
  )

describe("purge", () => {
  it.live("deletes the attachment", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      assert.strictEqual(yield* purge(Fixtures.attachment), "deleted")
      const left = yield* fake.attachments(Fixtures.record)
      assert.notInclude(
        left.map(({ id }) => id),
        Fixtures.attachment.attachmentId
      )
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.live("tries again when Bigin took no call", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.rateLimited()), times: 2 })
      assert.strictEqual(yield* purge(Fixtures.attachment), "deleted")
      assert.lengthOf(yield* fake.requests, 3)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.live("sends no second DELETE after one that may have happened", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.loseAnswer })
      const error = yield* Effect.flip(purge(Fixtures.attachment))
      assert.strictEqual(error._tag, "ConnectionLost")
      assert.lengthOf(yield* fake.requests, 1)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.live("sends nothing when there is no token", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const error = yield* Effect.flip(purge(Fixtures.attachment))
      // errors are values: written by hand and compared as they are
      assert.deepStrictEqual(error._tag, "TokenRejected")
      assert.lengthOf(yield* fake.requests, 0)
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, revoked)))
  )
})

const revoked = Layer.succeed(
  BiginAuth.BiginAuth,
  BiginAuth.make({ credentials: Effect.fail(new Errors.TokenRejected({ reason: "the grant was revoked" })) })
)
