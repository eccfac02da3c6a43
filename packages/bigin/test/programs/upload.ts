/** Uploads the file FILE over each client, as a Blob and as a Stream, and prints how much memory each took at most. */
import { FetchHttpClient, FileSystem } from "@effect/platform"
import { NodeContext, NodeHttpClient } from "@effect/platform-node"
import { Effect, Redacted } from "effect"
import { Attachments, BiginAuth } from "effect-bigin"
import { NodeTransport } from "effect-bigin-node"
import { Fixtures } from "effect-bigin-testing"
import { openAsBlob } from "node:fs"

const { BIGIN_ORIGIN: apiOrigin = "", FILE: path = "" } = process.env

/** Bytes that were there in the worst moment, on the heap or beside it. */
const mostOf = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const most = { rss: 0, arrayBuffers: 0 }
    const look = () => {
      const { arrayBuffers, rss } = process.memoryUsage()
      most.rss = Math.max(most.rss, rss)
      most.arrayBuffers = Math.max(most.arrayBuffers, arrayBuffers)
    }
    const looking = setInterval(look, 5)
    return Effect.map(self, () => {
      clearInterval(looking)
      look()
      return most
    })
  })

const upload = (file: Attachments.UploadFile) => mostOf(Attachments.uploadAttachment(Fixtures.record, file))

const overEachClient = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { size } = yield* fs.stat(path)
  const blob = yield* Effect.promise(() => openAsBlob(path))
  // the first request loads and compiles what every later one uses
  const before = yield* upload({ fileName: "small", content: new Uint8Array(1) })
  const asBlob = yield* upload({ fileName: "large", content: blob })
  const asStream = yield* upload({ fileName: "large", content: fs.stream(path), size: Number(size) })
  return { before, asBlob, asStream }
})

const auth = BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.administrator), apiOrigin })

const program = Effect.forEach(
  [FetchHttpClient.layer, NodeHttpClient.layer, NodeHttpClient.layerUndici, NodeTransport.layer],
  (client) => overEachClient.pipe(Effect.provide([NodeContext.layer, client, auth])),
  { concurrency: 1 }
)

console.log(JSON.stringify(await Effect.runPromise(program)))
