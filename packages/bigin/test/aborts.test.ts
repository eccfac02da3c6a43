/** Calls that are interrupted leave nothing behind, over each of the clients. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bundled, running } from "./child.ts"
import { loopback } from "./loopback.ts"

/** Each needs a connection of its own, which is what takes the time: `ABORTS=10000 npx vitest …` for more of them. */
const aborts = Number(process.env["ABORTS"] ?? 1200)

/** undici keeps a connection that was there before its request was called off, for the next one: never more than at once. */
const kept: { readonly [client: string]: number } = { fetch: 40, node: 0, undici: 40 }

describe.each(["fetch", "node", "undici"])(`${aborts} calls over %s that are interrupted at some moment`, (client) => {
  it.live(
    "leave no connection, no timer, no fiber, no memory and no unheard fault behind",
    () =>
      Effect.gen(function* () {
        let asked = 0
        const { open, origin } = yield* loopback((request, response) => {
          if (request.url === "/open") {
            response.end(String(open() - 1))
            return
          }
          asked += 1
          const record = /^\/bigin\/v1\/Contacts\/(\d+)\//.exec(request.url ?? "")?.[1]
          if (record === "2") response.writeHead(200, { "content-length": 100 }).write("half")
          if (record === "3") response.writeHead(200).write("half".repeat(10_000))
        })
        const program = yield* bundled("aborts")
        const { code, output } = yield* running(
          program,
          { ABORTS: String(aborts), BIGIN_ORIGIN: origin, CLIENT: client },
          ["--expose-gc"]
        )
        assert.strictEqual(code, 0, output)
        const { ends, faults, fibersLeft, growth, left, timers } = JSON.parse(output)
        assert.deepStrictEqual(faults, [])
        assert.deepStrictEqual(ends, { Interrupted: aborts })
        // before it connected, or after
        assert.isAbove(asked, aborts / 10)
        assert.isAtMost(left, kept[client] ?? 0)
        assert.strictEqual(fibersLeft, 0)
        assert.strictEqual(timers, 0)
        assert.isBelow(growth, 2_000_000)
      }).pipe(Effect.scoped),
    300_000
  )
})
