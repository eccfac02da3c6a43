import { Data, Effect, Match, pipe, type Schema, type Types } from "effect"
import { Errors } from "effect-bigin"
import { describe, expectTypeOf, it } from "vitest"

/** Of another library: the same tag, the same code, the same traits, but not ours. */
class RateLimited extends Data.TaggedError("RateLimited")<{
  readonly code: "INVALID_MODULE"
  readonly category: "throttling"
  readonly transient: true
  readonly mayHaveApplied: false
}> {}

type All = Errors.DeleteAttachmentError
type Mixed = All | RateLimited

// only the types of these are looked at
const failing = {} as Effect.Effect<"done", Mixed>
const failingHere = {} as Effect.Effect<"done", All>

/** What is left in the error channel. */
type Left<E extends Effect.Effect<unknown, unknown, unknown>> = Effect.Effect.Error<E>

describe("DeleteAttachmentError", () => {
  it("is the catalogue's nine tags and twelve more, without MissingScope", () => {
    expectTypeOf<Errors.DocumentedError["_tag"]>().toEqualTypeOf<keyof typeof Errors.catalogue>()
    expectTypeOf<Errors.DocumentedError["_tag"]>().toEqualTypeOf<
      | "InvalidModule"
      | "UnsupportedModule"
      | "InvalidUrlPattern"
      | "OAuthScopeMismatch"
      | "NoPermission"
      | "InternalError"
      | "InvalidRequestMethod"
      | "AuthorizationFailed"
      | "InvalidData"
    >()
    expectTypeOf<Errors.UndocumentedError["_tag"]>().toEqualTypeOf<
      | "InvalidInput"
      | "TokenRejected"
      | "TokenUnreachable"
      | "InvalidToken"
      | "RateLimited"
      | "RequestTimedOut"
      | "ConnectionFailed"
      | "ConnectionLost"
      | "ServiceFault"
      | "UnconfirmedSuccess"
      | "UnrecognizedCode"
      | "MalformedResponse"
    >()
    expectTypeOf<All>().toEqualTypeOf<Errors.DocumentedError | Errors.UndocumentedError>()
    expectTypeOf<Extract<All, Errors.MissingScope>>().toBeNever()
    expectTypeOf<Exclude<Errors.BiginError, All>>().toEqualTypeOf<
      | Errors.MissingScope
      | Errors.OutcomeUnknown
      | Errors.NotAttempted
      | Errors.CollectionStopped
      | Errors.ArchiveFailed
    >()
  })

  it("is the same union as the schema of its name", () => {
    expectTypeOf<Schema.Schema.Type<typeof Errors.DocumentedError>>().toEqualTypeOf<Errors.DocumentedError>()
    expectTypeOf<Schema.Schema.Type<typeof Errors.UndocumentedError>>().toEqualTypeOf<Errors.UndocumentedError>()
    expectTypeOf<Schema.Schema.Type<typeof Errors.DeleteAttachmentError>>().toEqualTypeOf<All>()
    expectTypeOf<Schema.Schema.Type<typeof Errors.BiginError>>().toEqualTypeOf<Errors.BiginError>()
    expectTypeOf<Schema.Schema.Type<typeof Errors.ListAttachmentsError>>().toEqualTypeOf<Errors.ListAttachmentsError>()
    expectTypeOf<Schema.Schema.Type<typeof Errors.EnsureDeletedError>>().toEqualTypeOf<Errors.EnsureDeletedError>()
    expectTypeOf<Schema.Schema.Context<typeof Errors.BiginError>>().toBeNever()
  })

  it("has for every member the encoded form that its fields make, whatever name that has", () => {
    type Member = (typeof Errors.BiginError.members)[number]
    type Named<M extends Member> = M extends unknown
      ? readonly [M["_tag"], Types.Simplify<Schema.Schema.Encoded<M>>]
      : never
    type Made<M extends Member> = M extends unknown
      ? readonly [M["_tag"], Types.Simplify<Schema.Struct.Encoded<M["fields"]>>]
      : never
    expectTypeOf<Named<Member>>().toEqualTypeOf<Made<Member>>()
    expectTypeOf<Schema.Schema.Encoded<typeof Errors.NoPermission>>().toEqualTypeOf<
      Errors.AnsweredEncoded<"NoPermission", "NO_PERMISSION">
    >()
    expectTypeOf<Schema.Schema.Encoded<typeof Errors.BiginError>>().toEqualTypeOf<Errors.BiginErrorEncoded>()
  })

  it("has advice for every tag of ours and for no other", () => {
    expectTypeOf<keyof typeof Errors.advice>().toEqualTypeOf<Errors.BiginError["_tag"]>()
    expectTypeOf(Errors.advice).toExtend<{ readonly [Tag in Errors.BiginError["_tag"]]: string }>()
  })

  it("says always which rule a malformed answer broke, and of a success only where there is more to say", () => {
    expectTypeOf<Errors.MalformedResponse["problem"]>().toEqualTypeOf<string>()
    expectTypeOf<Errors.UnconfirmedSuccess["problem"]>().toEqualTypeOf<string | undefined>()
  })

  it("is divided by its categories, none empty and none left over", () => {
    type Of<C extends Errors.Category> = Extract<All, { readonly category: C }>["_tag"]
    expectTypeOf<Of<"module">>().toEqualTypeOf<"InvalidModule" | "UnsupportedModule">()
    expectTypeOf<Of<"input">>().toEqualTypeOf<"InvalidData" | "InvalidInput">()
    expectTypeOf<Of<"protocol">>().toEqualTypeOf<
      "InvalidUrlPattern" | "InvalidRequestMethod" | "UnrecognizedCode" | "MalformedResponse" | "UnconfirmedSuccess"
    >()
    expectTypeOf<Of<"auth">>().toEqualTypeOf<"OAuthScopeMismatch" | "InvalidToken" | "TokenRejected">()
    expectTypeOf<Of<"permission">>().toEqualTypeOf<"NoPermission" | "AuthorizationFailed">()
    expectTypeOf<Of<"throttling">>().toEqualTypeOf<"RateLimited">()
    expectTypeOf<Of<"server">>().toEqualTypeOf<"InternalError" | "ServiceFault">()
    expectTypeOf<Of<"transport">>().toEqualTypeOf<
      "RequestTimedOut" | "ConnectionLost" | "ConnectionFailed" | "TokenUnreachable"
    >()
    expectTypeOf<All["category"]>().toEqualTypeOf<Exclude<Errors.Category, "local">>()
  })

  it("has each trait as a literal of the class", () => {
    expectTypeOf<Extract<All, { readonly transient: true }>["_tag"]>().toEqualTypeOf<
      | "RateLimited"
      | "InternalError"
      | "ServiceFault"
      | "RequestTimedOut"
      | "ConnectionLost"
      | "ConnectionFailed"
      | "TokenUnreachable"
    >()
    expectTypeOf<Extract<All, { readonly mayHaveApplied: true }>["_tag"]>().toEqualTypeOf<
      "InternalError" | "ServiceFault" | "RequestTimedOut" | "ConnectionLost" | "UnconfirmedSuccess"
    >()
    expectTypeOf<Extract<All, { readonly transient: boolean; readonly mayHaveApplied: boolean }>>().toEqualTypeOf<All>()
  })

  it("breaks an exhaustive match when a tag is added", () => {
    type Handlers<E extends { readonly _tag: string }> = { readonly [Tag in E["_tag"]]: () => string }
    const handlers = {} as Handlers<All> // only its type is looked at
    class Added extends Data.TaggedError("Added")<{}> {}

    Match.type<All>().pipe(Match.tags(handlers), Match.exhaustive)
    // @ts-expect-error
    Match.type<All | Added>().pipe(Match.tags(handlers), Match.exhaustive)
  })
})

describe("Effect's own catchers", () => {
  it("catchTag removes one tag", () => {
    const handled = failingHere.pipe(
      Effect.catchTag("InvalidData", (error) => {
        expectTypeOf(error).toEqualTypeOf<Errors.InvalidData>()
        expectTypeOf(error.target).toEqualTypeOf<"module" | "record" | "attachment" | "unknown">()
        return Effect.void
      })
    )
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<Exclude<All, Errors.InvalidData>>()
    const dataFirst = Effect.catchTag(failingHere, "InvalidData", () => Effect.void)
    expectTypeOf<Left<typeof dataFirst>>().toEqualTypeOf<Exclude<All, Errors.InvalidData>>()
  })

  it("catchTags removes those that it names", () => {
    const handled = failingHere.pipe(
      Effect.catchTags({ InvalidData: () => Effect.void, NoPermission: () => Effect.void })
    )
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<Exclude<All, Errors.InvalidData | Errors.NoPermission>>()
  })
})

describe("catchCategory", () => {
  it("removes its category and nothing foreign, data-last", () => {
    const handled = pipe(
      failing,
      Errors.catchCategory("throttling", (error) => {
        expectTypeOf(error).toEqualTypeOf<Errors.RateLimited>()
        return Effect.fail("mine" as const)
      })
    )
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<Exclude<Mixed, Errors.RateLimited> | "mine">()
    expectTypeOf<Extract<Left<typeof handled>, RateLimited>>().toEqualTypeOf<RateLimited>()
  })

  it("removes its category and nothing foreign, data-first", () => {
    const handled = Errors.catchCategory(failing, "permission", (error) => {
      expectTypeOf(error).toEqualTypeOf<Errors.NoPermission | Errors.AuthorizationFailed>()
      return Effect.succeed(1)
    })
    expectTypeOf(handled).toEqualTypeOf<
      Effect.Effect<"done" | number, Exclude<Mixed, Errors.NoPermission | Errors.AuthorizationFailed>>
    >()
  })

  it("narrows in the method form of pipe", () => {
    const handled = failing.pipe(
      Errors.catchCategory("module", (error) => {
        expectTypeOf(error).toEqualTypeOf<Errors.InvalidModule | Errors.UnsupportedModule>()
        return Effect.void
      })
    )
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<
      Exclude<Mixed, Errors.InvalidModule | Errors.UnsupportedModule>
    >()
  })

  it("refuses a union of categories, of which it could only handle one", () => {
    const category = "auth" as "auth" | "permission"
    // @ts-expect-error
    void Errors.catchCategory(failing, category, () => Effect.void)
    // @ts-expect-error
    void failing.pipe(Errors.catchCategory(category, () => Effect.void))
    // @ts-expect-error
    Errors.hasCategory(category)
    const code = "INVALID_DATA" as Errors.DocumentedCode
    // @ts-expect-error
    void Errors.catchCode(failing, code, () => Effect.void)
  })

  it("in a const of its own takes no effect that it would lose the type of", () => {
    const onPermission = Errors.catchCategory("permission", () => Effect.void)
    const onInvalidModule = Errors.catchCode("INVALID_MODULE", () => Effect.void)
    type Taken<F extends (self: never) => unknown> = Parameters<F>[0]
    expectTypeOf<Taken<typeof onPermission>>().toEqualTypeOf<Effect.Effect<unknown, never, unknown>>()
    expectTypeOf<Taken<typeof onInvalidModule>>().toEqualTypeOf<Effect.Effect<unknown, never, unknown>>()
    // what cannot fail stays so
    expectTypeOf<Left<ReturnType<typeof onPermission>>>().toBeNever()
    expectTypeOf<Left<ReturnType<typeof onInvalidModule>>>().toBeNever()
  })

  it("loses nothing to a handler that takes more than it is given", () => {
    const say = (error: { readonly message: string }) => Effect.succeed(error.message)
    const sayAll = (error: Errors.DeleteAttachmentError) => Effect.succeed(error.message)
    type Rest = Exclude<Mixed, Errors.NoPermission | Errors.AuthorizationFailed>
    const said = failing.pipe(Errors.catchCategory("permission", say))
    expectTypeOf<Left<typeof said>>().toEqualTypeOf<Rest>()
    const saidAll = failingHere.pipe(Errors.catchCategory("permission", sayAll))
    expectTypeOf<Left<typeof saidAll>>().toEqualTypeOf<Exclude<Rest, RateLimited>>()
    const saidByCode = failing.pipe(Errors.catchCode("INVALID_MODULE", say))
    expectTypeOf<Left<typeof saidByCode>>().toEqualTypeOf<
      Exclude<Mixed, Errors.InvalidModule | Errors.UnsupportedModule>
    >()
    const saidFirst = Errors.catchCategory(failing, "permission", say)
    expectTypeOf<Left<typeof saidFirst>>().toEqualTypeOf<Rest>()
  })

  it("in a const that names its effect keeps the type exact", () => {
    const onPermission: <A, R>(
      self: Effect.Effect<A, Mixed, R>
    ) => Effect.Effect<A | string, Exclude<Mixed, Errors.NoPermission | Errors.AuthorizationFailed>, R> =
      Errors.catchCategory("permission", (error) => {
        expectTypeOf(error).toEqualTypeOf<Errors.NoPermission | Errors.AuthorizationFailed>()
        return Effect.succeed(error.message)
      })
    expectTypeOf<Left<ReturnType<typeof onPermission<"done", never>>>>().toEqualTypeOf<
      Exclude<Mixed, Errors.NoPermission | Errors.AuthorizationFailed>
    >()
  })

  it("gives a handler what is in the effect and not what could be", () => {
    const some = {} as Effect.Effect<"done", Errors.RequestTimedOut | Errors.OutcomeUnknown | RateLimited, "R">
    const handled = some.pipe(
      Errors.catchCategory("transport", (error) => {
        expectTypeOf(error).toEqualTypeOf<Errors.RequestTimedOut | Errors.OutcomeUnknown>()
        return Effect.succeed(1)
      })
    )
    expectTypeOf(handled).toEqualTypeOf<Effect.Effect<"done" | number, RateLimited, "R">>()
    const untouched = some.pipe(
      Errors.catchCode("NO_PERMISSION", (error) => {
        expectTypeOf(error).toBeNever()
        return Effect.void
      })
    )
    expectTypeOf<Left<typeof untouched>>().toEqualTypeOf<Left<typeof some>>()
  })

  it("refuses a category that does not exist", () => {
    // @ts-expect-error
    void Errors.catchCategory(failing, "permissions", () => Effect.void)
  })
})

describe("catchCode", () => {
  it("removes both tags of INVALID_MODULE and nothing foreign, data-last", () => {
    const handled = pipe(
      failing,
      Errors.catchCode("INVALID_MODULE", (error) => {
        expectTypeOf(error).toEqualTypeOf<Errors.InvalidModule | Errors.UnsupportedModule>()
        return Effect.void
      })
    )
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<
      Exclude<Mixed, Errors.InvalidModule | Errors.UnsupportedModule>
    >()
  })

  it("removes one tag of a code that stands for one, data-first", () => {
    const handled = Errors.catchCode(failing, "INVALID_DATA", (error) => {
      expectTypeOf(error).toEqualTypeOf<Errors.InvalidData>()
      return Effect.void
    })
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<Exclude<Mixed, Errors.InvalidData>>()
  })

  it("takes documented codes alone", () => {
    // @ts-expect-error
    void Errors.catchCode(failing, "INVALID_TOKEN", () => Effect.void)
  })
})

describe("the guards in catchIf", () => {
  it("isBiginError removes all of ours", () => {
    const handled = failing.pipe(
      Effect.catchIf(Errors.isBiginError, (error) => {
        expectTypeOf(error).toEqualTypeOf<All>()
        return Effect.void
      })
    )
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<RateLimited>()
    const dataFirst = Effect.catchIf(failing, Errors.isBiginError, () => Effect.void)
    expectTypeOf<Left<typeof dataFirst>>().toEqualTypeOf<RateLimited>()
  })

  it("isBiginError narrows unknown", () => {
    const caught = {} as unknown
    if (Errors.isBiginError(caught)) expectTypeOf(caught).toEqualTypeOf<Errors.BiginError>()
  })

  it("narrow unknown too, each to its share", () => {
    const caught = {} as unknown
    if (Errors.isSafeToRetry(caught)) {
      expectTypeOf(caught).toEqualTypeOf<Errors.RateLimited | Errors.ConnectionFailed | Errors.TokenUnreachable>()
    }
    if (Errors.isDocumented(caught)) expectTypeOf(caught).toEqualTypeOf<Errors.DocumentedError>()
    if (Errors.hasCategory("throttling")(caught)) expectTypeOf(caught).toEqualTypeOf<Errors.RateLimited>()
  })

  it("isDocumented removes the nine", () => {
    const handled = failing.pipe(Effect.catchIf(Errors.isDocumented, () => Effect.void))
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<Errors.UndocumentedError | RateLimited>()
    const dataFirst = Effect.catchIf(failing, Errors.isDocumented, () => Effect.void)
    expectTypeOf<Left<typeof dataFirst>>().toEqualTypeOf<Errors.UndocumentedError | RateLimited>()
  })

  it("isTransient removes what may succeed later", () => {
    const handled = failing.pipe(Effect.catchIf(Errors.isTransient, () => Effect.void))
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<Extract<All, { readonly transient: false }> | RateLimited>()
  })

  it("mayHaveApplied removes what may have happened", () => {
    const handled = failing.pipe(Effect.catchIf(Errors.mayHaveApplied, () => Effect.void))
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<Extract<All, { readonly mayHaveApplied: false }> | RateLimited>()
  })

  it("isSafeToRetry removes RateLimited, ConnectionFailed and TokenUnreachable", () => {
    const handled = failing.pipe(
      Effect.catchIf(Errors.isSafeToRetry, (error) => {
        expectTypeOf(error).toEqualTypeOf<Errors.RateLimited | Errors.ConnectionFailed | Errors.TokenUnreachable>()
        return Effect.void
      })
    )
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<
      Exclude<Mixed, Errors.RateLimited | Errors.ConnectionFailed | Errors.TokenUnreachable>
    >()
  })

  it("hasCategory removes its category", () => {
    const handled = failing.pipe(Effect.catchIf(Errors.hasCategory("auth"), () => Effect.void))
    expectTypeOf<Left<typeof handled>>().toEqualTypeOf<
      Exclude<Mixed, Errors.OAuthScopeMismatch | Errors.InvalidToken | Errors.TokenRejected>
    >()
    const dataFirst = Effect.catchIf(failing, Errors.hasCategory("auth"), () => Effect.void)
    expectTypeOf<Left<typeof dataFirst>>().toEqualTypeOf<Left<typeof handled>>()
  })

  it("are what Effect.retry takes, which keeps its error type", () => {
    const retried = failing.pipe(Effect.retry({ times: 3, while: Errors.isSafeToRetry }))
    expectTypeOf<Left<typeof retried>>().toEqualTypeOf<Mixed>()
  })
})
