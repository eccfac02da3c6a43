/**
 * How much of a limit deleteMany makes use of: over TCP to a FakeBigin that takes ten calls at once and answers each after
 * 50 ms, which is 200 a second at most.
 *
 *     npm run bench
 */
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, Redacted, Stream } from "effect"
import { Attachments, BiginAuth, DeleteReport } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { answerMillis, concurrent, type Served } from "./limitedServer.ts"

const count = 4_000
const allowed = (concurrent * 1000) / answerMillis

const next = <A>(child: ChildProcess): Promise<A> => new Promise((resolve) => child.once("message", resolve))

const measure = async (name: string, concurrency: number | "adaptive"): Promise<void> => {
  const server = fork(fileURLToPath(new URL("limitedServer.ts", import.meta.url)), [String(count)])
  const apiOrigin = await next<string>(server)
  const refs = Stream.range(1, count).pipe(Stream.map((id) => ({ ...Fixtures.record, attachmentId: String(id) })))
  const summary = await Attachments.deleteMany(refs, { concurrency }).pipe(
    Stream.run(DeleteReport.summary),
    Effect.provide(
      Layer.merge(
        // it keeps its connections
        NodeHttpClient.layerUndici,
        BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.administrator), apiOrigin })
      )
    ),
    Effect.runPromise
  )
  server.send("enough")
  const { answered, refused } = await next<Served>(server)
  const last = Math.max(...answered)
  const later = answered.filter((at) => at > 1000).length / ((last - 1000) / 1000)
  const percent = (rate: number) => `${((100 * rate) / allowed).toFixed(1)} %`
  console.log(
    `${name}: ${summary.outcomes.Deleted} deleted, ${percent(answered.length / (last / 1000))} of what is allowed over all,`,
    `${percent(later)} after the first second; ${refused.length} refused, of which`,
    `${refused.filter((at) => at > 1000).length} after the first second`
  )
}

await measure("adaptive", "adaptive")
await measure(`${concurrent} at once`, concurrent)
