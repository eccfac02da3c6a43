/**
 * How much of a limit deleteMany makes use of: over TCP to a FakeBigin that takes ten calls at once and answers each after
 * 50 ms, which would be 200 a second if nothing else took time. What it allows here is what ten bare loops reach that send one
 * request after the other and look at no answer.
 *
 *     npm run bench:many
 */
import { NodeHttpClient, Undici } from "@effect/platform-node"
import { Effect, Layer, Redacted, Stream } from "effect"
import { Attachments, BiginAuth, DeleteReport } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { answerMillis, concurrent, type Served } from "./limitedServer.ts"

const count = 6_000
const { administrator } = Fixtures.accessTokens

const bareLoops = async (origin: string): Promise<void> => {
  const { module, recordId } = Fixtures.record
  // it keeps its connections
  const agent = new Undici.default.Agent()
  let id = 0
  const loop = async () => {
    while (id < count) {
      id += 1
      const { body } = await agent.request({
        origin,
        path: `/bigin/v1/${module}/${recordId}/Attachments/${id}`,
        method: "DELETE",
        headers: { authorization: `Zoho-oauthtoken ${administrator}` }
      })
      await body.dump()
    }
  }
  await Promise.all(Array.from({ length: concurrent }, loop))
  await agent.close()
}

const deleteMany = (concurrency: number | "adaptive") => async (apiOrigin: string) => {
  const refs = Stream.range(1, count).pipe(Stream.map((id) => ({ ...Fixtures.record, attachmentId: String(id) })))
  const { outcomes } = await Attachments.deleteMany(refs, { concurrency }).pipe(
    Stream.run(DeleteReport.summary),
    Effect.provide(
      Layer.merge(
        NodeHttpClient.layerUndici,
        BiginAuth.layerToken({ accessToken: Redacted.make(administrator), apiOrigin })
      )
    ),
    Effect.runPromise
  )
  if (outcomes.Deleted !== count) throw new Error(`${outcomes.Deleted} of ${count} were deleted`)
}

const next = <A>(child: ChildProcess): Promise<A> => new Promise((resolve) => child.once("message", resolve))

/** What the server saw: answers a second, after the first second, and refusals in it and after it. */
const measure = async (name: string, program: (origin: string) => Promise<void>, allowed?: number): Promise<number> => {
  const server = fork(fileURLToPath(new URL("limitedServer.ts", import.meta.url)), [String(count)])
  await program(await next<string>(server))
  server.send("enough")
  const { answered, refused } = await next<Served>(server)
  const late = (at: number) => at > 1000
  const rate = answered.filter(late).length / (Math.max(...answered) / 1000 - 1)
  console.log(
    `${name}: ${rate.toFixed(1)} a second, ${percent(rate, (concurrent * 1000) / answerMillis)} of what 50 ms alone allow`,
    ...(allowed === undefined ? [] : [`and ${percent(rate, allowed)} of the bare loops;`]),
    `429 in the first second: ${refused.length - refused.filter(late).length}, later: ${refused.filter(late).length}`
  )
  return rate
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`

const allowed = await measure(`${concurrent} bare loops`, bareLoops)
await measure("deleteMany, adaptive", deleteMany("adaptive"), allowed)
await measure(`deleteMany, ${concurrent} at once`, deleteMany(concurrent), allowed)
