import { assert, describe, it } from "@effect/vitest"
import type { Event, EventOf, History } from "../src/history.ts"
import { type Invariant, names, violations } from "../src/judge.ts"

const item = { operation: 0, attachment: "1" }

const began: Event = { at: 0, _tag: "Began", ...item }
const sent = (request: number): Event => ({
  at: 0,
  _tag: "Sent",
  request,
  ...item,
  method: "DELETE",
  url: "/1",
  fault: "none"
})
const deleted = (request?: number): Event => ({
  at: 1,
  _tag: "Changed",
  change: "deleted",
  attachment: "1",
  ...(request === undefined ? {} : { request })
})
const ended = (request: number, more: Partial<EventOf<"Ended">> = {}): Event => ({
  at: 2,
  _tag: "Ended",
  request,
  fate: "Answered",
  isOpen: false,
  isTokenRefusal: false,
  ...more
})
const said = (said: EventOf<"Said">["said"], how: string): Event => ({ at: 2, _tag: "Said", ...item, said, how })
const finished = (fibers = 0): Event => ({ at: 2, _tag: "Finished", fibers })

const history = (events: ReadonlyArray<Event>, more: Partial<History> = {}): History => ({
  throttle: null,
  attachments: ["1"],
  terms: [{ program: "ensureDeleted", mostDeletes: 2, asksAgainInDoubt: true }],
  events,
  secrets: ["1000.secret"],
  printed: ["Deleted"],
  ...more
})

const good: { readonly [what: string]: History } = {
  "a deletion": history([began, sent(0), deleted(0), ended(0), said("gone", "Deleted Success"), finished()]),
  "one that somebody else was faster with": history([
    began,
    sent(0),
    deleted(),
    ended(0),
    said("gone", "AlreadyGone Refusal"),
    finished()
  ]),
  "a refusal, and a deletion by somebody else afterwards": history([
    began,
    sent(0),
    ended(0),
    said("untouched", "NoPermission"),
    finished(),
    deleted()
  ]),
  "doubt after a lost answer": history([
    began,
    sent(0),
    deleted(0),
    ended(0, { fate: "Broken", isOpen: true }),
    said("doubt", "ConnectionLost"),
    finished()
  ]),
  "an interruption before a late deletion": history([
    began,
    sent(0),
    ended(0, { fate: "Aborted", isOpen: true }),
    said("interrupted", "interrupted"),
    finished(),
    deleted(0)
  ]),
  "two attempts, of which one met a refused token": history([
    began,
    sent(0),
    ended(0, { isTokenRefusal: true }),
    sent(1),
    ended(1),
    sent(2),
    ended(2),
    said("untouched", "NoPermission"),
    finished()
  ])
}

/** For each invariant a history that breaks it, and no other. */
const bad: { readonly [name in Invariant]: History } = {
  "nothing said gone is still there": history([
    began,
    sent(0),
    ended(0),
    said("gone", "AlreadyGone Refusal"),
    deleted(),
    finished()
  ]),
  "nothing is said deleted that the call has not deleted": history([
    began,
    sent(0),
    deleted(),
    ended(0),
    said("gone", "Deleted Success"),
    finished()
  ]),
  "a failure without mayHaveApplied has deleted nothing": history([
    began,
    sent(0),
    ended(0, { fate: "Aborted", isOpen: true }),
    said("untouched", "NoPermission"),
    finished(),
    deleted(0)
  ]),
  "doubt has a cause": history([began, sent(0), ended(0), said("doubt", "OutcomeUnknown"), finished()]),
  "every item is accounted once": history([began, sent(0), ended(0), finished()]),
  "what is to be kept is whole on disk before it is deleted": history(
    [began, sent(0), deleted(0), ended(0), said("gone", "Deleted Success"), finished()],
    { terms: [{ program: "archiveThenDelete", mostDeletes: 1, asksAgainInDoubt: true, keeps: true }] }
  ),
  "nothing dies": history([began, sent(0), ended(0), said("died", "TypeError"), finished()]),
  "everything ends": history([
    began,
    sent(0),
    ended(0),
    said("untouched", "NoPermission"),
    { at: 2, _tag: "Hung", why: "the program waits for nothing" },
    finished()
  ]),
  "no DELETE of what nobody gave": history([sent(0), ended(0), finished()]),
  "no more DELETEs than the policy allows": history([
    began,
    sent(0),
    ended(0),
    sent(1),
    ended(1),
    sent(2),
    ended(2),
    said("untouched", "NoPermission"),
    finished()
  ]),
  "no DELETE after one that may have happened, but by who may": history(
    [
      began,
      sent(0),
      ended(0, { fate: "Broken", isOpen: true }),
      sent(1),
      ended(1),
      said("untouched", "NoPermission"),
      finished()
    ],
    { terms: [{ program: "retriedWhileSafe", mostDeletes: 2, asksAgainInDoubt: false }] }
  ),
  "no more calls at once than the throttle lets through": history(
    [began, sent(0), sent(1), ended(0), ended(1), said("untouched", "NoPermission"), finished()],
    { throttle: { concurrent: 1, perSecond: 1_000 } }
  ),
  "no more calls a second than the throttle lets through": history(
    [
      began,
      sent(0),
      ended(0),
      { ...sent(1), at: 999 },
      { ...ended(1), at: 999 },
      said("untouched", "NoPermission"),
      finished()
    ],
    { throttle: { concurrent: 1, perSecond: 1 } }
  ),
  "what has left is waited for": history(
    [began, sent(0), ended(0, { fate: "Aborted", isOpen: true }), said("doubt", "OutcomeUnknown"), finished()],
    { terms: [{ program: "deleteMany", mostDeletes: 1, asksAgainInDoubt: true, waits: 2_000 }] }
  ),
  "no request is left under way": history([
    began,
    sent(0),
    said("interrupted", "interrupted"),
    finished(),
    ended(0, { fate: "Aborted", isOpen: true })
  ]),
  "no fiber is left behind": history([began, sent(0), ended(0), said("untouched", "NoPermission"), finished(1)]),
  "no secret is printed": history([began, sent(0), ended(0), said("untouched", "NoPermission"), finished()], {
    printed: ["refused 1000.secret"]
  })
}

describe("the judge", () => {
  it.each(Object.keys(good))("finds nothing wrong with %s", (what) => {
    assert.deepStrictEqual(good[what] && violations(good[what]), [])
  })

  it.each(names)("finds it out where this does not hold: %s", (invariant) => {
    assert.deepStrictEqual([...new Set(violations(bad[invariant]).map((found) => found.invariant))], [invariant])
  })

  it("finds an item that is accounted twice, and one that nobody began", () => {
    const twice = said("untouched", "NoPermission")
    for (const events of [
      [began, sent(0), ended(0), twice, twice, finished()],
      [twice, finished()]
    ]) {
      assert.deepStrictEqual(
        violations(history(events)).map(({ invariant }) => invariant),
        ["every item is accounted once"]
      )
    }
  })

  it("finds a program that dies, and one that ends as if it were interrupted where nobody has", () => {
    const failed = (isInterrupted: boolean): Event => ({
      at: 2,
      _tag: "Failed",
      operation: 0,
      isInterrupted,
      how: "it broke"
    })
    const interrupted: Event = { at: 1, _tag: "Interrupted" }
    const found = (events: ReadonlyArray<Event>) =>
      violations(history([began, ...events, said("interrupted", "interrupted"), finished()])).map(
        ({ invariant }) => invariant
      )
    assert.deepStrictEqual(found([failed(true)]), ["nothing dies"])
    assert.deepStrictEqual(found([interrupted, failed(false)]), ["nothing dies"])
    assert.deepStrictEqual(found([interrupted, failed(true)]), [])
  })

  it("finds a request that is sent after the end", () => {
    const events = [began, said("interrupted", "interrupted"), finished(), sent(0), ended(0)]
    assert.deepStrictEqual(
      violations(history(events)).map(({ invariant }) => invariant),
      ["no request is left under way"]
    )
  })
})
