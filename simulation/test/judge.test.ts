import { assert, describe, it } from "@effect/vitest"
import type { Event, EventOf, History, Terms } from "../src/history.ts"
import { type Invariant, names, violations } from "../src/judge.ts"

const item = { operation: 0, item: 0, attachment: "1" }

const began: EventOf<"Began"> = { at: 0, _tag: "Began", ...item }
const sent = (request: number): EventOf<"Sent"> => ({
  at: 0,
  _tag: "Sent",
  request,
  operation: 0,
  attachment: "1",
  record: "7",
  method: "DELETE",
  url: "/1",
  fault: "none"
})
const listed = (request: number, page = 1): Event => ({
  at: 2,
  _tag: "Sent",
  request,
  operation: 0,
  record: "7",
  method: "GET",
  url: `/Attachments?page=${page}&per_page=200`,
  fault: "none"
})
const deleted = (request?: number): Event => ({
  at: 1,
  _tag: "Changed",
  change: "deleted",
  record: "7",
  attachment: "1",
  ...(request === undefined ? {} : { request })
})
const ended = (request: number, more: Partial<EventOf<"Ended">> = {}): EventOf<"Ended"> => ({
  at: 2,
  _tag: "Ended",
  request,
  fate: "Answered",
  isOpen: false,
  isTokenRefusal: false,
  ...more
})
const said = (said: EventOf<"Said">["said"], how: string, more: Partial<EventOf<"Said">> = {}): Event => ({
  at: 2,
  _tag: "Said",
  ...item,
  said,
  how,
  ...more
})
const noted: Event = { at: 2, _tag: "Noted", operation: 0, item: 0 }
const emitted: Event = { at: 2, _tag: "Emitted", operation: 0, item: 0 }
const closed = (how: EventOf<"Closed">["how"], more: Partial<EventOf<"Closed">> = {}): Event => ({
  at: 2,
  _tag: "Closed",
  operation: 0,
  how,
  ...more
})
const finished = (fibers = 0): Event => ({ at: 2, _tag: "Finished", fibers })

const ensuring: Terms = { program: "ensureDeleted", does: "deletes", mostDeletes: 2, asksAgainInDoubt: true }

const collecting: Terms = {
  ...ensuring,
  program: "deleteMany",
  waits: 2_000,
  collection: {
    concurrency: 2,
    pull: "at once",
    ends: "ends",
    atATime: 1,
    onReport: "prompt",
    stopOn: "default",
    keepCredits: null,
    cut: null
  }
}

/** Of a collection. */
const collected = (events: ReadonlyArray<Event>, more: Partial<History> = {}): History =>
  history(events, { terms: [collecting], ...more })

const history = (events: ReadonlyArray<Event>, more: Partial<History> = {}): History => ({
  throttle: null,
  client: { passesOn: true, repeats: false, queues: false, asksLast: true },
  hasOneToken: true,
  attachments: [{ id: "1", record: "7", content: "the file 1" }],
  terms: [ensuring],
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
    ended(0, { isRefusal: true }),
    said("gone", "AlreadyGone Refusal"),
    finished()
  ]),
  "one that a list does not have": history([
    began,
    sent(0),
    deleted(0),
    ended(0, { fate: "Broken", isOpen: true }),
    listed(1),
    ended(1, { rows: [] }),
    said("gone", "AlreadyGone EmptyList"),
    finished()
  ]),
  "a refusal of an id that is there, where no list can be read": history([
    began,
    sent(0),
    ended(0, { isRefusal: true }),
    listed(1),
    ended(1, { status: 503 }),
    said("gone", "AlreadyGone Refusal"),
    finished()
  ]),
  "a refusal of an id that is there, where the list comes too late": history([
    began,
    sent(0),
    ended(0, { isRefusal: true }),
    listed(1),
    said("gone", "AlreadyGone Refusal"),
    ended(1, { rows: ["1"] }),
    finished()
  ]),
  "a collection that a failure stops": collected([
    began,
    sent(0),
    ended(0),
    said("untouched", "InvalidToken", { attempts: 1, duration: 2 }),
    noted,
    emitted,
    closed("stopped", { why: "InvalidToken", summary: { total: 1, Deleted: 0, AlreadyGone: 0, InvalidToken: 1 } }),
    finished()
  ]),
  "an item that a machine was at when it stopped": history([
    began,
    sent(0),
    ended(0, { fate: "Aborted", isOpen: true }),
    { at: 2, _tag: "Crashed", operations: 1 },
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
    ended(0, { isRefusal: true }),
    listed(1),
    ended(1, { rows: ["1"] }),
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
  "a failure without mayHaveApplied has changed nothing": history([
    began,
    sent(0),
    ended(0),
    said("untouched", "NoPermission"),
    finished(),
    deleted(0)
  ]),
  "untouched means that nothing sent was left open": history([
    began,
    sent(0),
    ended(0, { fate: "Broken", isOpen: true }),
    said("untouched", "NoPermission"),
    finished()
  ]),
  "NotAttempted means that nothing was sent": history([
    began,
    sent(0),
    ended(0),
    said("untouched", "NotAttempted", { stoppedBy: "Interruption" }),
    finished()
  ]),
  "List means that a list was read": history([
    began,
    sent(0),
    deleted(0),
    ended(0, { fate: "Broken", isOpen: true }),
    listed(1),
    ended(1, { status: 503 }),
    said("gone", "AlreadyGone List"),
    finished()
  ]),
  "Refusal means that Bigin has refused it": history([
    began,
    sent(0),
    deleted(0),
    ended(0, { fate: "Broken", isOpen: true }),
    said("gone", "AlreadyGone Refusal"),
    finished()
  ]),
  "what the Stream gives and fails with is what onReport heard": collected([
    began,
    sent(0),
    deleted(0),
    ended(0),
    said("gone", "Deleted Success"),
    noted,
    closed("done"),
    finished()
  ]),
  "what stops a collection is told": collected([
    began,
    sent(0),
    ended(0),
    said("untouched", "InvalidToken"),
    noted,
    emitted,
    closed("done"),
    finished()
  ]),
  "attempts are what was tried": history([
    began,
    sent(0),
    deleted(0),
    ended(0),
    said("gone", "Deleted Success", { attempts: 2 }),
    finished()
  ]),
  "durations are what has passed": history([
    began,
    sent(0),
    deleted(0),
    ended(0),
    said("gone", "Deleted Success", { duration: 50 }),
    finished()
  ]),
  "what is read is what is there": history(
    [
      { ...began, attachment: "7" },
      listed(0),
      ended(0, { rows: [] }),
      said("done", "listed ", { attachment: "7" }),
      finished()
    ],
    { terms: [{ program: "listAttachments", does: "reads", mostDeletes: 0, asksAgainInDoubt: false }] }
  ),
  "what is said uploaded is there, whole": history([began, said("done", "uploaded 50"), finished()], {
    terms: [{ program: "uploadAttachment", does: "uploads", mostDeletes: 0, asksAgainInDoubt: false }]
  }),
  "waits between DELETEs are as long as the policy and Bigin say": history(
    [
      began,
      sent(0),
      ended(0),
      { ...sent(1), at: 400 },
      { ...ended(1), at: 400 },
      said("untouched", "NoPermission"),
      finished()
    ],
    { terms: [{ ...ensuring, policy: { shortest: 500, mostAsked: 120_000, within: null } }] }
  ),
  "no attempt begins later than the policy allows": history(
    [
      began,
      sent(0),
      ended(0),
      { ...sent(1), at: 4_000 },
      { ...ended(1), at: 4_000 },
      said("untouched", "NoPermission"),
      finished()
    ],
    {
      terms: [
        { ...ensuring, program: "retriedWhileSafe", policy: { shortest: 500, mostAsked: 120_000, within: 3_000 } }
      ]
    }
  ),
  "a 429 is waited out by the whole collection": collected([
    began,
    { ...began, item: 1, attachment: "2" },
    sent(0),
    ended(0, { status: 429, retryAfter: 3_000 }),
    { ...sent(1), at: 400, attachment: "2" },
    { ...ended(1), at: 400 },
    said("untouched", "RateLimited"),
    said("untouched", "NoPermission", { item: 1, attachment: "2" }),
    finished()
  ]),
  "doubt has a cause": history([began, sent(0), ended(0), said("doubt", "OutcomeUnknown"), finished()]),
  "every item is accounted once": history([began, sent(0), ended(0), finished()]),
  "what is to be kept is whole on disk before it is deleted": history(
    [began, sent(0), deleted(0), ended(0), said("gone", "Deleted Success"), finished()],
    { terms: [{ ...ensuring, program: "archiveThenDelete", keeps: true }] }
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
      said("doubt", "OutcomeUnknown"),
      finished()
    ],
    { terms: [{ ...ensuring, program: "retriedWhileSafe", asksAgainInDoubt: false }] }
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
    { terms: [{ ...ensuring, waits: 2_000 }] }
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
