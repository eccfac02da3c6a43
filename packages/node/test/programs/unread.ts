/** Gets twenty answers and reads none of them, and prints how many connections there are when nobody holds them any more. */
import { HttpClient } from "@effect/platform"
import { Effect } from "effect"
import { NodeTransport } from "effect-bigin-node"
import { setTimeout as after } from "node:timers/promises"

const { ORIGIN: origin = "" } = process.env

const open = (): Promise<number> =>
  fetch(`${origin}/open`, { headers: { connection: "close" } }).then((answer) => answer.json())

const program = Effect.gen(function* () {
  const client = yield* HttpClient.HttpClient
  yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.asVoid(client.get(origin)), {
    concurrency: "unbounded",
    discard: true
  })
  const before = yield* Effect.promise(open)
  let left = before
  for (let time = 0; time < 50 && left > 0; time++) {
    globalThis.gc?.()
    yield* Effect.promise(() => after(20))
    left = yield* Effect.promise(open)
  }
  return { before, left }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, NodeTransport.layer))))
