/**
 * Handle every failure, so that a new one breaks the build.
 *
 * The categories divide the union among those who can do something about a failure. `Match.exhaustive` does not compile
 * while one is left out.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Duration, Effect, Match } from "effect"
import { type Attachments, deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const whoseTurn = Match.type<Attachments.DeleteAttachmentError>().pipe(
  Match.withReturnType<string>(),
  // single tags first: what they know beyond their category
  Match.tag("InvalidData", ({ target }) =>
    target === "attachment" ? "nobody: it is gone already, or the id is wrong" : `the caller: the ${target} id is wrong`
  ),
  Match.tag("RateLimited", ({ retryAfter }) =>
    retryAfter ? `nobody: wait ${Duration.format(retryAfter)}` : "nobody: wait"
  ),
  Match.when({ category: "input" }, (error) => `the caller: ${error.message}`),
  Match.when({ category: "module" }, (error) => `the caller: no attachments in ${error.ref.module}`),
  Match.when({ category: "permission" }, () => "the administrator: grant the permission"),
  Match.when({ category: "auth" }, () => "the operator: mend the credentials"),
  Match.when({ category: "protocol" }, (error) => `the developer: ${error.message}`),
  Match.when({ category: "server" }, () => "nobody: look whether it is gone, then try again"),
  Match.when({ category: "transport" }, (error) => `nobody: try again${error.mayHaveApplied ? ", after a look" : ""}`),
  Match.exhaustive
)

const program = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("NoPermission")) })
  yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.rateLimited(30)) })
  yield* fake.inject({ fault: FakeBigin.loseAnswer })
  for (let attempt = 1; attempt <= 4; attempt++) {
    const error = yield* Effect.flip(deleteAttachment(Fixtures.attachment))
    yield* Effect.log(`${error._tag} is for ${whoseTurn(error)}`)
  }
})

program.pipe(Effect.provide(FakeBigin.layer), NodeRuntime.runMain)
