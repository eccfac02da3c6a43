import { assert, describe, expect, it } from "@effect/vitest"
import { Arbitrary, Data, Duration, Effect, Equal, Exit, FastCheck, Hash, Schema } from "effect"
import { Errors } from "effect-bigin"

const classes = Errors.BiginError.members
const ref = { module: "Contacts", recordId: "1", attachmentId: "2" }

const anyError = Arbitrary.make(Errors.BiginError)

const encode = Schema.encodeSync(Errors.BiginError)
const decode = Schema.decodeUnknownSync(Errors.BiginError)

const invalidData = (details: unknown = { resource_path_index: 3 }) =>
  new Errors.InvalidData({
    ref,
    status: 400,
    code: "INVALID_DATA",
    wireMessage: "the related id given seems to be invalid",
    details: details as never, // what is not JSON, on purpose
    target: "attachment"
  })

describe("every class", () => {
  it("stands in the union once", () => {
    assert.strictEqual(classes.length, 25)
    assert.strictEqual(new Set(classes.map(({ _tag }) => _tag)).size, 25)
  })

  it.prop(
    "survives encode, JSON.stringify, JSON.parse and decode",
    [anyError],
    ([error]) => {
      const back = decode(JSON.parse(JSON.stringify(encode(error))))
      assert.isTrue(Equal.equals(back, error))
      assert.strictEqual(back._tag, error._tag)
    },
    { fastCheck: { numRuns: 1000 } }
  )

  it.prop(
    "compares by value, also after it passed a span, and hashes alike",
    [anyError],
    ([error]) => {
      const copy = decode(encode(error))
      const exit = Effect.runSyncExit(Effect.fail(error).pipe(Effect.withSpan("span")))
      const passed = Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : undefined
      assert.notStrictEqual(passed, error) // a span wraps what passes it
      assert.isTrue(Equal.equals(passed, copy))
      assert.isTrue(Equal.equals(copy, passed))
      assert.strictEqual(Hash.hash(copy), Hash.hash(passed))
    },
    { fastCheck: { numRuns: 1000 } }
  )

  it.prop(
    "has a message that says something, and no field of that name",
    [anyError],
    ([error]) => {
      assert.isAbove(error.message.length, 20)
      assert.notProperty({ ...error }, "message")
      assert.notProperty(encode(error), "message")
    },
    { fastCheck: { numRuns: 500 } }
  )

  it("differs by any field", () => {
    assert.isTrue(Equal.equals(invalidData(), invalidData()))
    assert.isFalse(Equal.equals(invalidData(), invalidData({ resource_path_index: 1 })))
    assert.isFalse(Equal.equals(invalidData(), invalidData(null)))
  })

  it("is told from another library's of the same tag", () => {
    // the same tag and the very same fields, and no name of its own
    const { _tag, ...fields } = Errors.RateLimited.fields
    class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", fields) {}
    const foreign = new RateLimited({ ref, status: 429, details: null })
    assert.isFalse(Schema.is(Errors.RateLimited)(foreign))
    assert.isFalse(Errors.isBiginError(foreign))
    assert.isFalse(Errors.hasCategory("throttling")(foreign))
  })

  it("shows its name and message where its stack trace is printed", () => {
    const error = invalidData()
    assert.isTrue(error.stack?.startsWith(`InvalidData: ${error.message}\n`))
  })
})

describe("OutcomeUnknown", () => {
  const scope = new Errors.OAuthScopeMismatch({
    ref,
    status: 401,
    code: "OAUTH_SCOPE_MISMATCH",
    wireMessage: "Unauthorized",
    details: null
  })

  it.each([
    ["was not read", undefined],
    ["still had it", "present"],
    ["did not hold still", "unstable"],
    ["could not be read (OAuthScopeMismatch)", scope]
  ] as const)("says of the list that it %s", (told, list) => {
    const last = new Errors.ConnectionLost({ ref, reason: "ECONNRESET" })
    const error = new Errors.OutcomeUnknown({ ref, attempts: 1, last, ...(list !== undefined && { list }) })
    assert.include(error.message, `The record's list ${told}.`)
  })
})

describe("details", () => {
  const nested = (depth: number): unknown => {
    let value: unknown = 1
    for (let level = 0; level < depth; level++) value = [value]
    return value
  }

  it("take JSON up to 32 deep and 65,536 characters, and refuse what is beyond by hand", () => {
    assert.doesNotThrow(() => invalidData(nested(32)))
    assert.throws(() => invalidData(nested(33)))
    assert.throws(() => invalidData(nested(100_000)))
    assert.doesNotThrow(() => invalidData("x".repeat(65_000)))
    assert.throws(() => invalidData("x".repeat(65_536)))
    assert.throws(() => invalidData(Array.from({ length: 65_537 }, () => 0)))
  })

  it.each([undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, new Date(0), new Map()])(
    "refuse what is not JSON: %s",
    (value) => {
      assert.throws(() => invalidData({ value }))
    }
  )

  it("refuse a cycle", () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    assert.throws(() => invalidData(cycle))
  })
})

describe("durations", () => {
  it("are whole milliseconds", () => {
    const make = (after: Duration.Duration) => new Errors.RequestTimedOut({ ref, after })
    assert.doesNotThrow(() => make(Duration.millis(1)))
    assert.throws(() => make(Duration.micros(1n)))
    assert.throws(() => make(Duration.infinity))
  })
})

describe("the traits", () => {
  const traitsOf = (tag: string) => classes.find(({ _tag }) => _tag === tag)?.traits

  it("are those of the design's table", () => {
    const table = `
      module      no  no   InvalidModule UnsupportedModule
      input       no  no   InvalidData InvalidInput
      protocol    no  no   InvalidUrlPattern InvalidRequestMethod UnrecognizedCode MalformedResponse
      protocol    no  yes  UnconfirmedSuccess
      auth        no  no   OAuthScopeMismatch InvalidToken TokenRejected MissingScope
      permission  no  no   NoPermission AuthorizationFailed
      throttling  yes no   RateLimited
      server      yes yes  InternalError ServiceFault
      transport   yes yes  RequestTimedOut ConnectionLost
      transport   yes no   ConnectionFailed TokenUnreachable
      transport   no  yes  OutcomeUnknown
      local       no  no   NotAttempted ArchiveFailed`
    const rows = table
      .trim()
      .split("\n")
      .map((row) => row.trim().split(/\s+/))
    for (const [category, transient, mayHaveApplied, ...tags] of rows) {
      for (const tag of tags) {
        expect([tag, traitsOf(tag)]).toEqual([
          tag,
          { category, transient: transient === "yes", mayHaveApplied: mayHaveApplied === "yes" }
        ])
      }
    }
    assert.strictEqual(rows.flatMap(([, , , ...tags]) => tags).length, classes.length)
  })

  it.prop("are the same on an instance and on its class", [anyError], ([error]) => {
    const { category, mayHaveApplied, transient } = error
    assert.deepStrictEqual({ category, transient, mayHaveApplied }, { ...traitsOf(error._tag) })
  })

  it.prop("are what the guards say", [anyError], ([error]) => {
    assert.isTrue(Errors.isBiginError(error))
    // one of them at a time, so taken for a literal here
    assert.isTrue(Errors.hasCategory(error.category as "auth")(error))
    assert.strictEqual(Errors.isTransient(error), error.transient)
    assert.strictEqual(Errors.mayHaveApplied(error), error.mayHaveApplied)
    assert.strictEqual(Errors.isSafeToRetry(error), error.transient && !error.mayHaveApplied)
    assert.strictEqual(Errors.isDocumented(error), error._tag in Errors.catalogue)
  })

  it.each([undefined, null, 1, "RateLimited", {}, new Error("no"), { _tag: "RateLimited", transient: true }])(
    "are nothing's but ours: %s",
    (value) => {
      assert.isFalse(Errors.isBiginError(value))
      assert.isFalse(Errors.isTransient(value))
      assert.isFalse(Errors.mayHaveApplied(value))
      assert.isFalse(Errors.isSafeToRetry(value))
      assert.isFalse(Errors.isDocumented(value))
    }
  )
})

describe("the catchers", () => {
  class Foreign extends Data.TaggedError("NoPermission")<{
    readonly category: "permission"
    readonly code: "INVALID_MODULE"
  }> {}
  const foreign = new Foreign({ category: "permission", code: "INVALID_MODULE" })
  const row = { ref, status: 400, wireMessage: "", details: null }
  const invalidModule = new Errors.InvalidModule({ ...row, code: "INVALID_MODULE" })
  const unsupportedModule = new Errors.UnsupportedModule({ ...row, code: "INVALID_MODULE" })
  const noPermission = new Errors.NoPermission({ ...row, code: "NO_PERMISSION" })
  const unrecognized = new Errors.UnrecognizedCode({ ...row, code: "INVALID_MODULE" })

  it.effect("catchCategory catches its category, data-first and data-last", () =>
    Effect.gen(function* () {
      const handler = (error: Errors.NoPermission) => Effect.succeed(error._tag)
      assert.strictEqual(yield* Errors.catchCategory(Effect.fail(noPermission), "permission", handler), "NoPermission")
      assert.strictEqual(
        yield* Effect.fail(noPermission).pipe(Errors.catchCategory("permission", handler)),
        "NoPermission"
      )
    })
  )

  it.effect("catchCategory lets other categories and foreign errors pass", () =>
    Effect.gen(function* () {
      const through = <E>(error: E) =>
        Effect.flip(Errors.catchCategory(Effect.fail(error), "permission", () => Effect.die("caught")))
      assert.strictEqual(yield* through(invalidModule), invalidModule)
      assert.strictEqual(yield* through(foreign), foreign)
    })
  )

  it.effect("catchCode catches every tag of its code", () =>
    Effect.gen(function* () {
      const caught = (error: Errors.InvalidModule | Errors.UnsupportedModule) =>
        Effect.fail(error).pipe(Errors.catchCode("INVALID_MODULE", ({ _tag }) => Effect.succeed(_tag)))
      assert.strictEqual(yield* caught(invalidModule), "InvalidModule")
      assert.strictEqual(yield* caught(unsupportedModule), "UnsupportedModule")
    })
  )

  it.effect("catchCode lets an undocumented class and a foreign error with the same string pass", () =>
    Effect.gen(function* () {
      const through = <E>(error: E) =>
        Effect.fail(error).pipe(
          Errors.catchCode("INVALID_MODULE", () => Effect.die("caught")),
          Effect.flip
        )
      assert.strictEqual(yield* through(unrecognized), unrecognized)
      assert.strictEqual(yield* through(foreign), foreign)
      assert.strictEqual(yield* through(noPermission), noPermission)
    })
  )

  it.effect("catch an error that passed a span", () =>
    Effect.gen(function* () {
      const caught = yield* Effect.fail(noPermission).pipe(
        Effect.withSpan("span"),
        Errors.catchCategory("permission", () => Effect.succeed("caught"))
      )
      assert.strictEqual(caught, "caught")
    })
  )
})

describe("the catalogue", () => {
  it("has nine rows in the order of Bigin's page, two under one code", () => {
    expect(Object.values(Errors.catalogue).map(({ code, status, tag }) => `${status} ${code} ${tag}`)).toEqual([
      "400 INVALID_MODULE InvalidModule",
      "400 INVALID_MODULE UnsupportedModule",
      "404 INVALID_URL_PATTERN InvalidUrlPattern",
      "401 OAUTH_SCOPE_MISMATCH OAuthScopeMismatch",
      "403 NO_PERMISSION NoPermission",
      "500 INTERNAL_ERROR InternalError",
      "400 INVALID_REQUEST_METHOD InvalidRequestMethod",
      "400 AUTHORIZATION_FAILED AuthorizationFailed",
      "400 INVALID_DATA InvalidData"
    ])
  })

  it("files every row under its own tag, with advice", () => {
    for (const [tag, row] of Object.entries(Errors.catalogue)) {
      assert.strictEqual(row.tag, tag)
      assert.isAbove(row.advice.length, 20)
      assert.isAbove(row.message.length, 5)
    }
  })

  it.prop("gives each documented error its code", [Arbitrary.make(Errors.DocumentedError)], ([error]) => {
    assert.strictEqual(error.code, Errors.catalogue[error._tag].code)
    assert.include(error.message, Errors.catalogue[error._tag].advice)
  })
})

// a numeric sanity of the arbitrary itself: all 25 classes are drawn
it("the properties above draw every class", () => {
  const drawn = new Set(FastCheck.sample(anyError, 2000).map(({ _tag }) => _tag))
  assert.strictEqual(drawn.size, classes.length)
})
