/** Writes a megabyte of one character after the other to the file store in TOKENS, until it is killed. */
import { NodeContext } from "@effect/platform-node"
import { Effect } from "effect"
import { BiginAuth } from "effect-bigin"

const program = Effect.gen(function* () {
  const store = yield* BiginAuth.fileStore(process.env["TOKENS"] ?? "")
  yield* store.set("key", "-".repeat(1_000_000))
  console.log("begun")
  for (let index = 0; ; index++) yield* store.set("key", String(index % 10).repeat(1_000_000))
})

await Effect.runPromise(Effect.provide(program, NodeContext.layer))
