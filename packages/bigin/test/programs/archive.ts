/** Archives and deletes what is attached to the record of the fixtures, into ARCHIVE, two at a time, until it is killed. */
import { FetchHttpClient } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { Effect, Redacted, Stream } from "effect"
import { Attachments, BiginAuth } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"

const { ARCHIVE: folder = "", BIGIN_ORIGIN: apiOrigin = "" } = process.env

const auth = BiginAuth.layerToken({ accessToken: Redacted.make(Fixtures.accessTokens.administrator), apiOrigin })

const program = Effect.gen(function* () {
  const rows = yield* Stream.runCollect(Attachments.listAttachments(Fixtures.record))
  yield* Effect.forEach(
    rows,
    ({ id }) => Attachments.archiveThenDelete({ ...Fixtures.record, attachmentId: id }, { folder }),
    { concurrency: 2, discard: true }
  )
})

await Effect.runPromise(Effect.provide(program, [NodeFileSystem.layer, NodePath.layer, auth, FetchHttpClient.layer]))
