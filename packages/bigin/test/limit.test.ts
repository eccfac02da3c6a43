import { assert, describe, it } from "@effect/vitest"
import { adaptive, type Limit } from "../src/internal/many/limit.ts"

/** Whether as many answers as may be under way, all at this second, add one. */
const growsAt = (limit: Limit, second: number) => {
  const before = limit.now()
  for (let left = before; left > 0; left--) limit.answered(() => second * 1_000)
  return limit.now() > before
}

/** One that was refused at these seconds. */
const refusedAt = (...seconds: ReadonlyArray<number>) => {
  const limit = adaptive()
  for (const second of seconds) limit.refused(second * 1_000)
  return limit
}

describe("the adaptive limit", () => {
  it("grows by one after as many answers as may be under way, up to 25", () => {
    const limit = adaptive()
    for (let now = 5; now < 25; now++) {
      for (let answers = 0; answers < now; answers++) {
        assert.strictEqual(limit.now(), now)
        limit.answered(() => 0)
      }
    }
    assert.strictEqual(limit.now(), 25)
    assert.isFalse(growsAt(limit, 0))
  })

  it("loses one by a refusal, and does not grow for a minute", () => {
    const limit = refusedAt(0)
    assert.strictEqual(limit.now(), 4)
    assert.isFalse(growsAt(limit, 59))
    assert.isTrue(growsAt(limit, 60))
  })

  it("is halved by a refusal within the hold, and never less than one", () => {
    assert.strictEqual(refusedAt(0, 59).now(), 2)
    assert.strictEqual(refusedAt(0, 59, 60, 61, 62).now(), 1)
  })

  it("loses one by a refusal between one and two holds after the last, and is held twice as long", () => {
    const limit = refusedAt(0, 90)
    assert.strictEqual(limit.now(), 3)
    assert.isFalse(growsAt(limit, 90 + 119))
    assert.isTrue(growsAt(limit, 90 + 120))
  })

  it("is held for a minute again by a refusal two holds after the last", () => {
    // the second doubles the hold to two minutes
    const limit = refusedAt(0, 90, 90 + 240)
    assert.isFalse(growsAt(limit, 330 + 59))
    assert.isTrue(growsAt(limit, 330 + 60))
  })
})
