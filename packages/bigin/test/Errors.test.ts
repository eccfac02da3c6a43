import { assert, describe, expect, it } from "@effect/vitest"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import {
  Arbitrary,
  Data,
  Duration,
  Effect,
  Equal,
  Exit,
  FastCheck,
  Hash,
  HashSet,
  JSONSchema,
  Pretty,
  Schema
} from "effect"
import { Errors } from "effect-bigin"

const classes = Errors.BiginError.members
const ref = { module: "Contacts", recordId: "1", attachmentId: "2" }

const anyError = Arbitrary.make(Errors.BiginError)

const encode = Schema.encodeSync(Errors.BiginError)
const decode = Schema.decodeUnknownSync(Errors.BiginError)

const copyOf = (error: Errors.BiginError) => decode(JSON.parse(JSON.stringify(encode(error))))

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
    assert.strictEqual(classes.length, 26)
    assert.strictEqual(new Set(classes.map(({ _tag }) => _tag)).size, 26)
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
    { fastCheck: { numRuns: 300 } }
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

describe("equality and hash", () => {
  const equal = (one: unknown, other: unknown) => {
    assert.isTrue(Equal.equals(one, other))
    assert.strictEqual(Hash.hash(one), Hash.hash(other))
  }

  it("do not look at the order of keys, nor at whose objects they are", () => {
    equal(
      invalidData({ a: 1, b: { c: [1, { d: null, e: true }], f: "x" } }),
      invalidData({ b: { f: "x", c: [1, { e: true, d: null }] }, a: 1 })
    )
    const { attachmentId, module, recordId } = ref
    equal(
      new Errors.ConnectionLost({ ref, reason: "ECONNRESET" }),
      new Errors.ConnectionLost({ reason: "ECONNRESET", ref: { attachmentId, recordId, module } })
    )
  })

  it("do not look at how a length of time was written", () => {
    equal(
      new Errors.RequestTimedOut({ ref, after: Duration.seconds(30) }),
      new Errors.RequestTimedOut({ ref, after: Duration.nanos(30_000_000_000n) })
    )
  })

  it("go into the errors that an error holds", () => {
    const unknown = (details: unknown) => new Errors.OutcomeUnknown({ ref, attempts: 1, last: invalidData(details) })
    equal(unknown({ a: 1, b: 2 }), unknown({ b: 2, a: 1 }))
    assert.isFalse(Equal.equals(unknown({ a: 1 }), unknown({ a: 2 })))
    assert.notStrictEqual(Hash.hash(unknown({ a: 1 })), Hash.hash(unknown({ a: 2 })))
  })

  it("tell arrays by their order, and keys by where they stand", () => {
    for (const [one, other] of [
      [
        [1, 2],
        [2, 1]
      ],
      [
        { a: 1, b: 2 },
        { a: 2, b: 1 }
      ],
      [{ a: { b: 1 } }, { b: { a: 1 } }],
      [[], {}],
      [0, {}]
    ]) {
      assert.isFalse(Equal.equals(invalidData(one), invalidData(other)))
      assert.notStrictEqual(Hash.hash(invalidData(one)), Hash.hash(invalidData(other)))
    }
  })

  it("keep errors apart in a HashSet, whichever field differs", () => {
    const errors = [
      invalidData(),
      new Errors.InvalidData({ ...invalidData(), status: 404 }),
      new Errors.InvalidData({ ...invalidData(), target: "record" }),
      new Errors.InvalidData({ ...invalidData(), wireMessage: "" }),
      new Errors.InvalidData({ ...invalidData(), ref: { ...ref, recordId: "3" } })
    ]
    assert.strictEqual(new Set(errors.map((error) => Hash.hash(error))).size, errors.length)
    assert.strictEqual(HashSet.size(HashSet.fromIterable([...errors, ...errors.map(copyOf)])), errors.length)
  })

  it("are spread over many numbers", () => {
    const details = Array.from({ length: 1000 }, (_, number) => [
      { number },
      { number: `${number}` },
      { [`${number}`]: true },
      [number, number + 1],
      [[number]]
    ]).flat()
    const hashes = new Set(details.map((value) => Hash.hash(invalidData(value))))
    assert.isAtLeast(hashes.size, details.length * 0.99)
  })
})

/** What Effect makes of a schema, of every class and of every union. */
describe.each([
  ...classes.map((schema) => [schema._tag, schema] as const),
  ["DocumentedError", Errors.DocumentedError] as const,
  ["UndocumentedError", Errors.UndocumentedError] as const,
  ["DeleteAttachmentError", Errors.DeleteAttachmentError] as const,
  ["ListAttachmentsError", Errors.ListAttachmentsError] as const,
  ["EnsureDeletedError", Errors.EnsureDeletedError] as const,
  ["BiginError", Errors.BiginError] as const
])("the schema %s", (name, union) => {
  // one of them at a time, each within the union of all
  const schema = union as Schema.Schema<Errors.BiginError, Errors.BiginErrorEncoded>

  it.prop(
    "makes errors that are the same after a way through JSON, by Equal, by Hash and by its equivalence",
    [Arbitrary.make(schema)],
    ([error]) => {
      const back = Schema.decodeUnknownSync(schema)(JSON.parse(JSON.stringify(Schema.encodeSync(schema)(error))))
      assert.isTrue(Schema.is(schema)(back))
      assert.isTrue(Equal.equals(back, error))
      assert.strictEqual(Hash.hash(back), Hash.hash(error))
      assert.isTrue(Schema.equivalence(schema)(back, error))
    }
  )

  it.prop(
    "tells errors apart by its equivalence as by Equal",
    [Arbitrary.make(schema), Arbitrary.make(schema)],
    ([one, other]) => {
      assert.strictEqual(Schema.equivalence(schema)(one, other), Equal.equals(one, other))
    }
  )

  it.prop("shows an error with its fields", [Arbitrary.make(schema)], ([error]) => {
    const text = Pretty.make(schema)(error)
    assert.include(text, error._tag)
    for (const field of Object.keys(error)) assert.include(text, field)
  })

  it("has a JSON Schema", () => {
    const text = JSON.stringify(JSONSchema.make(schema))
    if (!name.endsWith("Error")) assert.include(text, `"enum":["${name}"]`)
  })

  it("has a place in OpenAPI, under names that OpenAPI allows", () => {
    const endpoint = HttpApiEndpoint.get("get", "/").addError(schema)
    const { components } = OpenApi.fromApi(HttpApi.make("api").add(HttpApiGroup.make("group").add(endpoint)))
    const names = Object.keys(components.schemas)
    for (const component of names) assert.match(component, /^[a-zA-Z0-9._-]+$/)
    assert.isAtLeast(names.filter((component) => component.startsWith("effect-bigin.")).length, 1)
  })
})

describe("advice", () => {
  it("is there for every tag, and once", () => {
    assert.sameMembers(
      Object.keys(Errors.advice),
      classes.map(({ _tag }) => _tag)
    )
    for (const [tag, { advice }] of Object.entries(Errors.catalogue)) {
      assert.strictEqual(advice, Errors.advice[tag as Errors.DocumentedTag]) // a key of the catalogue
    }
  })

  it.prop(
    "is in the message of its error",
    [anyError],
    ([error]) => {
      assert.include(error.message, Errors.advice[error._tag])
    },
    { fastCheck: { numRuns: 500 } }
  )

  it("says of the five that may have applied that a deletion or an upload may have happened", () => {
    const told = Object.entries(Errors.advice)
      .filter(([, advice]) => advice.includes("If this was a deletion or an upload, it may have happened"))
      .map(([tag]) => tag)
    const mayHaveApplied = Errors.DeleteAttachmentError.members.filter(({ traits }) => traits.mayHaveApplied)
    assert.sameMembers(
      told,
      mayHaveApplied.map(({ _tag }) => _tag)
    )
    assert.lengthOf(told, 5)
  })
})

describe("the message", () => {
  it.prop(
    "quotes Bigin's words where there are any, on one line",
    [anyError.filter((error) => "wireMessage" in error)],
    ([error]) => {
      const words = "wireMessage" in error ? error.wireMessage : undefined
      if (words !== undefined && words !== "") assert.include(error.message, `: ${JSON.stringify(words)}. `)
    },
    { fastCheck: { numRuns: 500 } }
  )

  it("has no quotes of nothing", () => {
    const answered = { ref, status: 403, code: "NO_PERMISSION", wireMessage: "", details: null } as const
    assert.strictEqual(
      new Errors.NoPermission(answered).message,
      `Bigin denied this user attachment 2 of Contacts 1. ${Errors.advice.NoPermission}`
    )
  })

  it("says how long to wait, and what is wrong with an answer", () => {
    const unread = { ref, status: 429, details: null }
    assert.include(new Errors.RateLimited({ ...unread, retryAfter: Duration.seconds(30) }).message, "Wait 30s. ")
    assert.notInclude(new Errors.RateLimited(unread).message, "Wait")
    assert.include(
      new Errors.MalformedResponse({ ...unread, status: 302, problem: "it is a redirect" }).message,
      "The answer 302 for attachment 2 of Contacts 1 is not Bigin's, since it is a redirect. "
    )
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
      local       no  no   NotAttempted CollectionStopped ArchiveFailed`
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

// a numeric sanity of the arbitrary itself: all 26 classes are drawn
it("the properties above draw every class", () => {
  const drawn = new Set(FastCheck.sample(anyError, 2000).map(({ _tag }) => _tag))
  assert.strictEqual(drawn.size, classes.length)
})
