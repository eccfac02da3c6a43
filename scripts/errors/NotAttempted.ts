import { Console, Effect, Layer, Redacted, Stream } from "effect"
import { Attachments, BiginAuth } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const refs = ["2883756000000261017", "2883756000000261029"].map((attachmentId) => ({
  ...Fixtures.record,
  attachmentId
}))

const program = Attachments.deleteMany(Stream.fromIterable(refs), { concurrency: 1 }).pipe(
  Stream.runForEach((report) => {
    if (!("error" in report)) return Console.log(`${report.item.attachmentId}: ${report.outcome}`)
    // nothing was sent for this one: it can be given to the next run as it is
    if (report.error._tag === "NotAttempted") return Console.log(`${report.item.attachmentId}: for the next run`)
    return Console.log(`${report.item.attachmentId}: ${report.error._tag}`)
  }),
  Effect.catchTag("CollectionStopped", ({ stoppedBy }) => Console.log(`it ended early: ${stoppedBy}`))
)

// a token that may only read
const auth = BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.reader) })

await Effect.runPromise(Effect.provide(program, Layer.provideMerge(auth, FakeBigin.layer)))

// prints
// 2883756000000261017: OAuthScopeMismatch
// 2883756000000261029: for the next run
// it ended early: OAuthScopeMismatch
