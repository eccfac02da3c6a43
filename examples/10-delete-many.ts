/**
 * A collection, with progress and a summary.
 *
 * Each attachment is deleted until it is proven to be gone, and reported once: a failure of one is data, not the end of all.
 * Of the ten here one has a lost answer, one is refused and one meets a 429. The eleventh was never there, and the last is no id at
 * all. An early end would be a failure, with the summary up to there.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Duration, Effect, Stream } from "effect"
import { Attachments, DeleteReport } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const { record } = Fixtures
const ids = Array.from({ length: 11 }, (_, index) => String(index + 1))

const meets = (fault: FakeBigin.Fault, id: string): FakeBigin.Rule => ({
  fault,
  when: ({ method, url }) => method === "DELETE" && url.endsWith(`/${id}`)
})

const program = Effect.gen(function* () {
  const fake = yield* FakeBigin.FakeBigin
  yield* fake.put({ ...record, attachments: ids.slice(0, 10).map((id) => ({ id, fileName: `${id}.txt`, size: 1 })) })
  yield* fake.inject(meets(FakeBigin.loseAnswer, "3"))
  yield* fake.inject(meets(FakeBigin.answerWith(Fixtures.documented("NoPermission")), "5"))
  yield* fake.inject(meets(FakeBigin.answerWith(Fixtures.rateLimited(1)), "7"))

  // rows of your own, such as of a table, come back with their reports
  const rows = [...ids, "twelve"].map((attachmentId, index) => ({ ...record, attachmentId, line: index + 1 }))
  const summary = yield* Attachments.deleteMany(Stream.fromIterable(rows)).pipe(
    DeleteReport.withProgress({ total: rows.length }),
    Stream.tap(([, { attempted, remaining }]) =>
      Effect.log(`${attempted} of ${rows.length}, ${remaining === undefined ? "?" : Duration.format(remaining)} left`)
    ),
    Stream.map(([report]) => report),
    Stream.tap((report) =>
      "error" in report ? Effect.log(`line ${report.item.line}: ${report.error._tag}`) : Effect.void
    ),
    Stream.run(DeleteReport.summary),
    Effect.catchTag("CollectionStopped", ({ message, summary }) => Effect.as(Effect.logError(message), summary))
  )
  yield* Effect.log(`deleted ${summary.outcomes.Deleted}, found gone ${summary.outcomes.AlreadyGone}`)
  yield* Effect.log(`failed ${JSON.stringify(summary.failed)}`)
})

program.pipe(Effect.provide(FakeBigin.layer), NodeRuntime.runMain)
