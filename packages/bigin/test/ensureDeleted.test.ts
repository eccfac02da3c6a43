import { assert, describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Either, Fiber, Layer, TestClock } from "effect"
import { Attachments, BiginAuth, BiginConfig, Errors, Retry, Scopes } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"

const ref = Fixtures.attachment

type Step = FakeBigin.Fault | "as ever"

const asEver: FakeBigin.Fault = FakeBigin.garble((reply) => reply)

const says = (reply: Fixtures.Reply): FakeBigin.Fault => FakeBigin.answerWith(reply)
const refuses = (tag: Errors.DocumentedTag, details: object = {}) => says(Fixtures.documented(tag, { details }))

/** Runs ensureDeleted while the DELETEs and the lists meet these, one after the other; after them all is as ever. */
const ensure = (deletes: ReadonlyArray<Step>, lists: ReadonlyArray<Step> = [], policy: Retry.Policy = { times: 3 }) =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.FakeBigin
    const plan = (method: string) => (fault: Step) =>
      fake.inject({ fault: fault === "as ever" ? asEver : fault, when: (request) => request.method === method })
    yield* Effect.forEach(deletes, plan("DELETE"))
    yield* Effect.forEach(lists, plan("GET"))
    const fiber = yield* Attachments.ensureDeleted(ref, { schedule: Retry.schedule(policy) }).pipe(
      Effect.either,
      Effect.fork
    )
    yield* TestClock.adjust("1 hour")
    const result = yield* Fiber.join(fiber)
    const methods = (yield* fake.requests).map(({ method }) => method).join(" ")
    const left = (yield* fake.attachments(Fixtures.record)).some(({ id }) => id === ref.attachmentId)
    return { result, methods, left }
  }).pipe(Effect.provide(FakeBigin.layer))

const succeeds = (run: ReturnType<typeof ensure>, expected: Partial<Attachments.EnsuredDeletion>, methods: string) =>
  Effect.gen(function* () {
    const done = yield* run
    expect(Either.getOrThrow(done.result)).toMatchObject({ ...ref, ...expected })
    assert.strictEqual(done.methods, methods)
    // what is said to be gone is gone
    assert.isFalse(done.left)
  })

const fails = (run: ReturnType<typeof ensure>, expected: object, methods: string) =>
  Effect.gen(function* () {
    const done = yield* run
    expect(Either.getOrThrow(Either.flip(done.result))).toMatchObject(expected)
    assert.strictEqual(done.methods, methods)
  })

const gone = refuses("InvalidData", { resource_path_index: 3 })
const noTarget = refuses("InvalidData")
const down = says(Fixtures.html(503, "down"))

describe("ensureDeleted succeeds on proof alone", () => {
  it.effect("AlreadyGone, by a list of v2, of which no more is asked than ids", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      const inDoubt = FakeBigin.garble(() => Fixtures.undocumented.UnconfirmedSuccess)
      yield* fake.inject({ fault: inDoubt, when: ({ method }) => method === "DELETE" })
      expect(yield* Attachments.ensureDeleted(ref)).toMatchObject({ outcome: "AlreadyGone", proof: "List" })
      const query = new URLSearchParams((yield* fake.requests).at(-1)?.url.split("?")[1])
      assert.strictEqual(query.get("fields"), "id,Parent_Id")
    }).pipe(Effect.provideService(BiginConfig.ApiVersion, "v2"), Effect.provide(FakeBigin.layer))
  )

  it.effect("Deleted, by Bigin's own word", () =>
    succeeds(ensure([]), { outcome: "Deleted", proof: "Success", attempts: 1 }, "DELETE")
  )

  it.effect("AlreadyGone, by the refusal of the very id after an answer was lost", () =>
    succeeds(
      ensure([FakeBigin.loseAnswer]),
      { outcome: "AlreadyGone", proof: "Refusal", attempts: 2 },
      "DELETE DELETE GET"
    )
  )

  it.effect("AlreadyGone, by that refusal also where the list cannot be read", () =>
    succeeds(
      ensure([FakeBigin.loseAnswer], [down]),
      { outcome: "AlreadyGone", proof: "Refusal", attempts: 2 },
      "DELETE DELETE GET"
    )
  )

  it.effect("AlreadyGone, by the list after an answer that confirmed nothing: no second DELETE", () =>
    succeeds(ensure([FakeBigin.truncate]), { outcome: "AlreadyGone", proof: "List", attempts: 1 }, "DELETE GET")
  )

  it.effect("AlreadyGone, by a list that is empty, which says so", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.empty })
      expect(yield* Attachments.ensureDeleted(ref)).toMatchObject({ outcome: "AlreadyGone", proof: "EmptyList" })
    }).pipe(
      Effect.provide(
        FakeBigin.layerWith({
          records: [{ ...Fixtures.record, attachments: [{ id: ref.attachmentId, fileName: "a", size: 1 }] }]
        })
      )
    )
  )

  it.effect("after doubt, by one last look when the schedule is spent", () =>
    succeeds(
      ensure([FakeBigin.badGateway, down, down], [], { times: 2 }),
      { outcome: "AlreadyGone", proof: "List", attempts: 3 },
      "DELETE DELETE DELETE GET"
    )
  )

  it.effect("after doubt, by that look also where the last answer says that it did nothing", () =>
    succeeds(
      ensure([FakeBigin.loseAnswer, says(Fixtures.rateLimited())], [], { times: 1 }),
      { outcome: "AlreadyGone", proof: "List", attempts: 2 },
      "DELETE DELETE GET"
    )
  )

  it.effect("after doubt and a list that still has it, by another DELETE", () =>
    succeeds(
      ensure([says(Fixtures.undocumented.UnconfirmedSuccess)]),
      { outcome: "Deleted", proof: "Success", attempts: 2 },
      "DELETE GET DELETE"
    )
  )

  it.effect("after a list that could be read only later: the list is repeated, not the DELETE", () =>
    succeeds(
      ensure([FakeBigin.truncate], [down, FakeBigin.cut]),
      { outcome: "AlreadyGone", proof: "List", attempts: 1 },
      "DELETE GET GET GET"
    )
  )

  it.effect("after failures that pass", () =>
    succeeds(
      ensure([says(Fixtures.rateLimited()), refuses("InternalError")]),
      { outcome: "Deleted", attempts: 3 },
      "DELETE DELETE DELETE"
    )
  )
})

describe("ensureDeleted fails with what is known", () => {
  it.effect.each([
    ["NoPermission", refuses("NoPermission")],
    ["InvalidModule", refuses("InvalidModule")],
    ["UnrecognizedCode", says(Fixtures.undocumented.UnrecognizedCode)],
    ["MalformedResponse", says(Fixtures.undocumented.MalformedResponse)]
  ] as const)("the DELETE's own error where nothing was done: %s", ([tag, fault]) =>
    fails(ensure([fault]), { _tag: tag }, "DELETE")
  )

  it.effect.each([0, 1] as const)("a wrong module or record is never gone: path index %i", (index) =>
    fails(ensure([refuses("InvalidData", { resource_path_index: index })]), { _tag: "InvalidData" }, "DELETE")
  )

  it.effect("the refusal where the list still has it", () =>
    fails(ensure([gone]), { _tag: "InvalidData", target: "attachment" }, "DELETE GET")
  )

  it.effect("a refusal of unknown target where the list still has it", () =>
    fails(ensure([noTarget]), { _tag: "InvalidData", target: "unknown" }, "DELETE GET")
  )

  it.effect("a refusal of unknown target where the list cannot be read", () =>
    fails(ensure([noTarget], [refuses("NoPermission")]), { _tag: "InvalidData", target: "unknown" }, "DELETE GET")
  )

  it.effect("RateLimited where Bigin says to wait longer than the policy would", () =>
    fails(
      ensure([says(Fixtures.rateLimited(121))]),
      { _tag: "RateLimited", retryAfter: Duration.seconds(121) },
      "DELETE"
    )
  )

  it.effect("RateLimited when the schedule is spent: zero is one attempt", () =>
    fails(ensure([says(Fixtures.rateLimited())], [], { times: 0 }), { _tag: "RateLimited" }, "DELETE")
  )

  it.effect("OutcomeUnknown for any refusal after doubt", () =>
    Effect.forEach(["NoPermission", "OAuthScopeMismatch", "InvalidModule"] as const, (tag) =>
      fails(
        ensure([FakeBigin.cut, refuses(tag)]),
        { _tag: "OutcomeUnknown", attempts: 2, last: { _tag: tag } },
        "DELETE DELETE"
      )
    )
  )

  it.effect("OutcomeUnknown where the record is refused after doubt", () =>
    fails(
      ensure([FakeBigin.loseAnswer, refuses("InvalidData", { resource_path_index: 1 })]),
      { _tag: "OutcomeUnknown", last: { target: "record" } },
      "DELETE DELETE"
    )
  )

  it.effect("OutcomeUnknown where the list still has it at the end: the lost request may still be running", () =>
    fails(
      ensure([FakeBigin.cut, down], [], { times: 1 }),
      { _tag: "OutcomeUnknown", attempts: 2, last: { _tag: "ServiceFault" }, list: "present" },
      "DELETE DELETE GET"
    )
  )

  it.effect("OutcomeUnknown where the list cannot be read, and why", () =>
    fails(
      ensure([FakeBigin.truncate], [refuses("NoPermission")]),
      { _tag: "OutcomeUnknown", last: { _tag: "UnconfirmedSuccess" }, list: { _tag: "NoPermission" } },
      "DELETE GET"
    )
  )

  it.effect("OutcomeUnknown where the refusal of the very id comes after doubt and the list has it", () =>
    fails(
      ensure([FakeBigin.cut, gone]),
      { _tag: "OutcomeUnknown", last: { _tag: "InvalidData" }, list: "present" },
      "DELETE DELETE GET"
    )
  )

  it.effect("InvalidInput before anything is sent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Attachments.ensureDeleted({ ...ref, attachmentId: ".." }))
      assert.strictEqual(error._tag, "InvalidInput")
      assert.lengthOf(yield* (yield* FakeBigin.FakeBigin).requests, 0)
    }).pipe(Effect.provide(FakeBigin.layer))
  )
})

describe("a list of several pages as a witness", () => {
  const files = (count: number): ReadonlyArray<FakeBigin.Attachment> =>
    Array.from({ length: count }, (_, index) => ({ id: String(index + 1), fileName: "", size: 1 }))
  const holding = (count: number) =>
    FakeBigin.layerWith({ records: [{ ...Fixtures.record, attachments: files(count) }] })
  const target = { ...Fixtures.record, attachmentId: "250" }

  const run = Effect.gen(function* () {
    const fake = yield* FakeBigin.FakeBigin
    const fiber = yield* Effect.fork(
      Effect.either(Attachments.ensureDeleted(target, { schedule: Retry.schedule({ times: 0 }) }))
    )
    yield* TestClock.adjust("1 minute")
    const result = yield* Fiber.join(fiber)
    return { result, lists: (yield* fake.requests).filter(({ method }) => method === "GET").length }
  })

  it.effect("proves absence by two readings that are the same", () =>
    Effect.gen(function* () {
      yield* (yield* FakeBigin.FakeBigin).inject({ fault: FakeBigin.empty })
      const { lists, result } = yield* run
      expect(Either.getOrThrow(result)).toMatchObject({ proof: "List" })
      assert.strictEqual(lists, 4)
    }).pipe(Effect.provide(holding(300)))
  )

  it.effect("is not deceived where a row slips to a page that was read already", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      // nothing was deleted, but the answer says nothing of it
      yield* fake.inject({
        fault: says(Fixtures.undocumented.UnconfirmedSuccess),
        when: ({ method }) => method === "DELETE"
      })
      // after the first page was read somebody else deletes sixty of it, so that row 250 is on it now
      let read = 0
      yield* fake.inject({
        fault: (bigin) =>
          Effect.tap(asEver(bigin), () =>
            read++ === 0 ? fake.put({ ...Fixtures.record, attachments: files(300).slice(60) }) : Effect.void
          ),
        when: ({ method }) => method === "GET",
        times: Number.POSITIVE_INFINITY
      })
      const { result } = yield* run
      expect(Either.getOrThrow(Either.flip(result))).toMatchObject({ _tag: "OutcomeUnknown", list: "present" })
    }).pipe(Effect.provide(holding(300)))
  )

  it.effect.each([
    ["another", "10"],
    ["the last one", "400"]
  ])("proves an absence by any two readings in a row that are the same, also after %s went meanwhile", ([, gone]) =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.empty })
      let read = 0
      yield* fake.inject({
        // somebody deletes another after the first reading, which is not the second, which is the third
        fault: (bigin) =>
          Effect.tap(asEver(bigin), () =>
            ++read === 2
              ? fake.put({
                  ...Fixtures.record,
                  attachments: files(400).filter(({ id }) => id !== "250" && id !== gone)
                })
              : Effect.void
          ),
        when: ({ method }) => method === "GET",
        times: Number.POSITIVE_INFINITY
      })
      const { lists, result } = yield* run
      expect(Either.getOrThrow(result)).toMatchObject({ outcome: "AlreadyGone", proof: "List" })
      assert.strictEqual(lists, 6)
    }).pipe(Effect.provide(holding(400)))
  )

  it.effect("proves nothing where it never holds still", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.empty })
      let read = 0
      yield* fake.inject({
        fault: (bigin) =>
          Effect.tap(asEver(bigin), () => {
            read += 1
            return fake.put({
              ...Fixtures.record,
              attachments: files(400).filter(({ id }) => id !== "250" && id !== String(read))
            })
          }),
        when: ({ method }) => method === "GET",
        times: Number.POSITIVE_INFINITY
      })
      const { lists, result } = yield* run
      expect(Either.getOrThrow(Either.flip(result))).toMatchObject({ _tag: "OutcomeUnknown", list: "unstable" })
      assert.strictEqual(lists, 8)
    }).pipe(Effect.provide(holding(400)))
  )
})

describe("what goes around it", () => {
  it.effect("each attempt has a timeout of its own", () =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.delay(Duration.infinity) })
      const fiber = yield* Effect.fork(Attachments.ensureDeleted(ref))
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toMatchObject({ outcome: "Deleted", attempts: 2 })
    }).pipe(Effect.provideService(BiginConfig.AttemptTimeout, Duration.seconds(5)), Effect.provide(FakeBigin.layer))
  )

  it.effect("a token that cannot be had for now is waited for", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Attachments.ensureDeleted(ref))
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toMatchObject({ outcome: "Deleted", attempts: 2 })
    }).pipe(Effect.provide(Layer.provideMerge(unreachableOnce, FakeBigin.layer)))
  )

  it("needs to read, too", () => {
    expect(Scopes.missing(Scopes.ensureDeleted("Contacts"), [])).toEqual([
      "ZohoBigin.modules.contacts.DELETE",
      "ZohoBigin.modules.attachments.DELETE",
      "ZohoBigin.modules.contacts.READ",
      "ZohoBigin.modules.attachments.READ"
    ])
    expect(Scopes.missing(Scopes.ensureDeleted("My_Module"), ["ZohoBigin.modules.attachments.ALL"])).toEqual([
      "ZohoBigin.modules.ALL"
    ])
  })
})

const unreachableOnce = Layer.effect(
  BiginAuth.BiginAuth,
  Effect.map(BiginAuth.BiginAuth, (auth) => {
    let asked = 0
    return BiginAuth.make({
      credentials: Effect.suspend(() =>
        asked++ === 0
          ? Effect.fail(new Errors.TokenUnreachable({ reason: "down", retryAfter: Duration.seconds(10) }))
          : auth.credentials
      )
    })
  })
)
