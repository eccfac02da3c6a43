import { Effect, Layer, Redacted } from "effect"
import { BiginAuth, deleteAttachment, Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = deleteAttachment(Fixtures.attachment).pipe(
  Effect.as("removed"),
  // NoPermission and AuthorizationFailed: the administrator can mend both
  Errors.catchCategory("permission", ({ _tag }) => Effect.succeed(`not removed: ${Errors.advice[_tag]}`))
)

// the token of a user who lacks the privilege
const auth = BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.unprivileged) })

console.log(await Effect.runPromise(Effect.provide(answer, Layer.provideMerge(auth, FakeBigin.layer))))

// prints
// not removed: Ask the administrator to give this user the privilege to do that with attachments.
