import { Effect } from "effect"
import { deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = deleteAttachment({ ...Fixtures.attachment, attachmentId: "offer.pdf" }).pipe(
  Effect.as("removed"),
  Effect.catchTag("InvalidInput", ({ field, given, problem }) =>
    Effect.succeed(`not removed: ${field} ${problem}, but ${given} was given`)
  )
)

console.log(await Effect.runPromise(Effect.provide(answer, FakeBigin.layer)))

// prints
// not removed: attachmentId must be 1 to 32 decimal digits without a leading zero, as a string or a bigint, but offer.pdf was given
