import { Console, Effect } from "effect"
import { deleteAttachment } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const remove = (recordId: string) =>
  deleteAttachment({ ...Fixtures.attachment, recordId }).pipe(
    Effect.as("removed"),
    Effect.catchTag("InvalidData", (error) => {
      switch (error.target) {
        case "attachment":
          return Effect.succeed("Bigin says: no such attachment")
        case "record":
        case "module":
          return Effect.succeed(`nothing was removed: the ${error.target} is wrong`)
        case "unknown":
          // Bigin does not say which id it refuses, so this proves nothing
          return Effect.fail(error)
      }
    })
  )

const program = Effect.gen(function* () {
  yield* Console.log(yield* remove(Fixtures.attachment.recordId))
  yield* Console.log(yield* remove(Fixtures.attachment.recordId))
  yield* Console.log(yield* remove("1"))
})

await Effect.runPromise(Effect.provide(program, FakeBigin.layer))

// prints
// removed
// Bigin says: no such attachment
// nothing was removed: the record is wrong
