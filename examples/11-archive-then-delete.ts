/**
 * Archive, then delete.
 *
 * The file is on disk, synced and compared, before the attachment is deleted. Where it cannot be kept nothing is deleted.
 */
import { FileSystem, Path } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { Attachments } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const program = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* fs.makeTempDirectoryScoped()

  const { manifest, outcome } = yield* Attachments.archiveThenDelete(Fixtures.attachment, { folder })
  yield* Effect.log(`${outcome}: ${manifest.fileName}`)
  for (const name of (yield* fs.readDirectory(folder, { recursive: true })).toSorted()) {
    const { size, type } = yield* fs.stat(path.join(folder, name))
    if (type === "File" && !name.endsWith(".json")) yield* Effect.log(`${name}, ${size} bytes`)
  }

  // somebody has put a file where the folder would be
  const fileInTheWay = path.join(folder, "file")
  yield* fs.writeFileString(fileInTheWay, "")
  const other = { ...Fixtures.record, attachmentId: "2883756000000261029" }
  const error = yield* Effect.flip(Attachments.archiveThenDelete(other, { folder: fileInTheWay }))
  const fake = yield* FakeBigin.FakeBigin
  yield* Effect.log(`${error._tag}, and Bigin still has ${(yield* fake.attachments(Fixtures.record)).length}`)
})

program.pipe(Effect.scoped, Effect.provide(Layer.merge(FakeBigin.layer, NodeContext.layer)), NodeRuntime.runMain)
