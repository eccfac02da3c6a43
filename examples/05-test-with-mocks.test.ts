/**
 * Test a program of your own with mocked layers: no account, no network, no clock to wait for.
 *
 * `purge` is the program under test. FakeBigin is a layer like any other, so the tests change what Bigin does and then
 * look at what it was asked.
 */
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schedule, TestClock } from "effect"
import { BiginAuth, deleteAttachment, Errors, type Ids } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const purge = (attachment: Ids.AttachmentRef) =>
  deleteAttachment(attachment).pipe(
    Effect.retry({ schedule: Schedule.spaced("10 seconds"), times: 3, while: Errors.isSafeToRetry }),
    Effect.as("deleted"),
    Errors.catchCategory("permission", (error) => Effect.succeed(`not allowed: ${error._tag}`))
  )

const revoked = Layer.succeed(
  BiginAuth.BiginAuth,
  BiginAuth.make({ credentials: Effect.fail(new Errors.TokenRejected({ reason: "the grant was revoked" })) })
)

describe("purge", () => {
  it.effect("deletes the attachment, and no other", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      assert.strictEqual(yield* purge(Fixtures.attachment), "deleted")
      expect(yield* fake.attachments(Fixtures.record)).toMatchObject([{ fileName: "logo.png" }])
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("waits and tries again where Bigin took no call", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.rateLimited()), times: 2 })
      const fiber = yield* Effect.fork(purge(Fixtures.attachment))
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "deleted")
      assert.lengthOf(yield* fake.requests, 3)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("sends no second DELETE after one that may have happened", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.loseAnswer })
      const error = yield* Effect.flip(purge(Fixtures.attachment))
      // errors compare by value
      expect(error).toEqual(new Errors.ConnectionLost({ ref: Fixtures.attachment, reason: "ECONNRESET" }))
      assert.lengthOf(yield* fake.requests, 1)
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("says what the administrator has to mend", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("NoPermission")) })
      assert.strictEqual(yield* purge(Fixtures.attachment), "not allowed: NoPermission")
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("sends nothing where there is no token", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      assert.strictEqual((yield* Effect.flip(purge(Fixtures.attachment)))._tag, "TokenRejected")
      assert.lengthOf(yield* fake.requests, 0)
    }).pipe(Effect.provide(Layer.merge(FakeBigin.layer, revoked)))
  )
})
