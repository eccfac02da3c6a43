import { assert, describe, it } from "vitest"
import { Pieces } from "../src/internal/body.ts"

describe("the pieces of a body", () => {
  it("end where the request ends, also for who waits for one", async () => {
    let returned = 0
    const pieces = new Pieces({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          returned += 1
          return { done: true, value: undefined }
        }
      })
    })
    const waiting = pieces.next()
    pieces.end()
    assert.deepStrictEqual(await waiting, { done: true, value: undefined })
    assert.deepStrictEqual(await pieces.next(), { done: true, value: undefined })
    assert.strictEqual(returned, 1)
    assert.strictEqual(pieces.failure, undefined)
  })
})
