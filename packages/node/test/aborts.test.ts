/** Requests that are interrupted leave nothing behind. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bundled, running } from "./child.ts"
import { answering } from "./servers.ts"

/** Each needs a connection of its own, which is what takes the time: `ABORTS=10000 npx vitest …` for more of them. */
const aborts = Number(process.env["ABORTS"] ?? 500)

describe.each(["client", "exchange"])(`${aborts} requests by the %s that are interrupted at some moment`, (way) => {
  it.scopedLive(
    "leave no connection, no timer, no listener, no fiber, no memory and no unheard fault behind",
    () =>
      Effect.gen(function* () {
        let asked = 0
        const { open, origin } = yield* answering((request, response) => {
          if (request.url === "/open") {
            response.end(String(open() - 1))
            return
          }
          asked += 1
          if (request.url === "/1") response.writeHead(200, { "content-length": 100 }).write("half")
          if (request.url === "/2") response.writeHead(200).write("half".repeat(10_000))
        })
        const { code, output } = yield* running(
          yield* bundled("aborts"),
          { ABORTS: String(aborts), ORIGIN: origin, WAY: way },
          ["--expose-gc"]
        )
        assert.strictEqual(code, 0, output)
        const { ends, growth, left, leftBehind, streams, ...nothing } = JSON.parse(output)
        assert.deepStrictEqual(nothing, { fibersLeft: 0, streamsLeft: 0, listeners: 0, timers: 0, faults: [] })
        assert.deepStrictEqual(ends, { Interrupted: aborts })
        // before it connected, or after
        assert.isAbove(asked, aborts / 10)
        assert.isAbove(streams, aborts / 10)
        // undici keeps a connection that was there before its request was called off, for the next one
        assert.isAtMost(left, 40)
        assert.strictEqual(leftBehind, 0)
        assert.isBelow(growth, 2_000_000)
      }),
    300_000
  )
})
