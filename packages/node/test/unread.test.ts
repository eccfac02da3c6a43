import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bundled, running } from "./child.ts"
import { answering } from "./servers.ts"

describe("an answer that nobody reads", () => {
  it.scopedLive(
    "ends its connection when nobody holds it any more",
    () =>
      Effect.gen(function* () {
        const { open, origin } = yield* answering((request, response) => {
          if (request.url === "/open") response.end(String(open() - 1))
          else response.write("half")
        })
        const { code, output } = yield* running(yield* bundled("unread"), { ORIGIN: origin }, ["--expose-gc"])
        assert.strictEqual(code, 0, output)
        assert.deepStrictEqual(JSON.parse(output), { before: 20, left: 0 })
      }),
    30_000
  )
})
