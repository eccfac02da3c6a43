import { Console, Effect, Layer, Redacted, Stream } from "effect"
import { Attachments, BiginAuth, DeleteReport } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const refs = ["2883756000000261017", "2883756000000261029"].map((attachmentId) => ({
  ...Fixtures.record,
  attachmentId
}))

const program = Attachments.deleteMany(Stream.fromIterable(refs), { concurrency: 1 }).pipe(
  Stream.run(DeleteReport.summary),
  Effect.andThen((summary) => Console.log("all were tried", summary)),
  Effect.catchTag("CollectionStopped", ({ stoppedBy, summary }) => Console.log(`${stoppedBy} ended it early`, summary))
)

// a token that may only read
const auth = BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.reader) })

await Effect.runPromise(Effect.provide(program, Layer.provideMerge(auth, FakeBigin.layer)))

// prints
// OAuthScopeMismatch ended it early {
//   total: 2,
//   outcomes: { Deleted: 0, AlreadyGone: 0 },
//   failed: { OAuthScopeMismatch: 1, NotAttempted: 1 }
// }
