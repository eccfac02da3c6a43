import { FileSystem, Path } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import { Effect, Layer } from "effect"
import { Attachments } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const answer = Attachments.archiveThenDelete(Fixtures.attachment, { folder: "archive" }).pipe(
  Effect.map(({ outcome }) => `kept, and ${outcome}`),
  Effect.catchTag("ArchiveFailed", ({ reason }) =>
    Effect.succeed(`still in Bigin, since it could not be kept: ${reason}`)
  )
)

// a disk on which nothing can be made; a program that is no test takes NodeContext.layer
const denied = new SystemError({ module: "FileSystem", method: "makeDirectory", reason: "PermissionDenied" })
const disk = FileSystem.layerNoop({ makeDirectory: () => Effect.fail(denied), exists: () => Effect.succeed(false) })

console.log(await Effect.runPromise(Effect.provide(answer, Layer.mergeAll(FakeBigin.layer, disk, Path.layer))))

// prints
// still in Bigin, since it could not be kept: makeDirectory of the file system failed with PermissionDenied
