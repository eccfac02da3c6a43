/** The one factory behind every error class. */
import type * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { hasProperty } from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Types from "effect/Types"
import * as Utils from "effect/Utils"
import type { advice } from "./catalogue.ts"

export const TypeId: unique symbol = Symbol.for("effect-bigin/BiginError")
export type TypeId = typeof TypeId

export type Category =
  | "module"
  | "input"
  | "protocol"
  | "auth"
  | "permission"
  | "throttling"
  | "server"
  | "transport"
  | "local"

export interface Traits {
  readonly category: Category
  readonly transient: boolean
  readonly mayHaveApplied: boolean
}

/** What every error of this library is, beside a tagged error. */
export interface BiginErrorBase extends Traits {
  readonly [TypeId]: TypeId
}

type Tagged<Tag extends string, Fields extends Schema.Struct.Fields> = { readonly _tag: Schema.tag<Tag> } & Fields

type SchemaClass<Self, Tag extends string, Fields extends Schema.Struct.Fields> = Schema.Class<
  Self,
  Tagged<Tag, Fields>,
  Schema.Struct.Encoded<Tagged<Tag, Fields>>,
  Schema.Struct.Context<Fields>,
  Schema.Struct.Constructor<Fields>,
  {},
  {}
>

/** A `Schema.Class`, but for its encoded form: `Schema.Class` writes that out, where this keeps the name that it has. */
export interface BiginErrorClass<
  Self,
  Tag extends string,
  Fields extends Schema.Struct.Fields,
  T extends Traits,
  Encoded = Types.Simplify<Schema.Struct.Encoded<Tagged<Tag, Fields>>>
>
  extends
    Schema.Schema<Self, Encoded, Schema.Struct.Context<Fields>>,
    Pick<
      SchemaClass<Self, Tag, Fields>,
      "make" | "fields" | "identifier" | "extend" | "transformOrFail" | "transformOrFailFrom"
    > {
  new (
    props: Types.Simplify<Schema.Struct.Constructor<Fields>>,
    options?: Schema.MakeOptions
  ): Schema.Struct.Type<Tagged<Tag, Fields>> & { readonly [TypeId]: TypeId } & {
    readonly [K in keyof T]: T[K]
  } & Cause.YieldableError
  readonly ast: SchemaClass<Self, Tag, Fields>["ast"]
  readonly _tag: Tag
  readonly traits: T
}

/** A union of such classes, with the names of what it decodes to and of what it encodes to: a hover shows these. */
export interface BiginErrorUnion<A, I, Members extends ReadonlyArray<Schema.Schema.Any>> extends Schema.Schema<A, I> {
  readonly members: Members
}

/**
 * `class TokenRejected extends biginError<TokenRejected>()("TokenRejected", fields, traits) {}`: a `Schema.TaggedError`
 * with a flat tag and a namespaced identifier, whose traits are literals and which compares by value. Only for a tag with
 * advice. `Encoded` is the name of the encoded form, where it has one.
 */
export const biginError =
  <Self = never, Encoded = never>() =>
  <const Tag extends keyof typeof advice, Fields extends Schema.Struct.Fields, const T extends Traits>(
    tag: Tag,
    fields: Fields,
    traits: T
  ): [Encoded] extends [never]
    ? BiginErrorClass<Self, Tag, Fields, T>
    : BiginErrorClass<Self, Tag, Fields, T, Encoded> => {
    // the identifier is ours alone: two libraries' RateLimited must not pass each other's Schema.is
    class BiginError extends Schema.TaggedError<BiginError>(`effect-bigin/${tag}`)<string, Schema.Struct.Fields>(
      tag,
      fields,
      // the name of a component in OpenAPI, which may have no slash
      { identifier: `effect-bigin.${tag}` }
    ) {
      [Hash.symbol](): number {
        return hashOfFields(this)
      }

      [Equal.symbol](that: Equal.Equal): boolean {
        // `ref` and `details` are plain data, compared as such
        return hasProperty(that, TypeId) && Utils.structuralRegion(() => super[Equal.symbol](that))
      }

      static readonly traits = traits
    }
    const prototype: object = BiginError.prototype
    Object.assign(prototype, { [TypeId]: TypeId }, traits)
    // the class above forgets the types that it was made with; this is where they are given back
    return BiginError as never
  }

/** `Hash.hash` gives each array and each plain object a number of its own; errors that are equal need the same one. */
const hashOf = (value: unknown): number => {
  // one length of time, whatever it was made of
  if (Duration.isDuration(value)) return Hash.number(Duration.toMillis(value))
  if (Array.isArray(value)) return Hash.string(value.map(hashOf).join())
  return typeof value !== "object" || value === null || Hash.isHash(value) ? Hash.hash(value) : hashOfFields(value)
}

/** Sorted, since the order of keys does not count. */
const hashOfFields = (object: object): number =>
  Hash.string(
    `{${Object.entries(object)
      .map(([key, value]) => `${key}:${hashOf(value)}`)
      .toSorted()
      .join()}}`
  )

/** For values that `classify` has checked already: a second validation costs eight times the construction. */
export const unchecked: { readonly disableValidation: true } = { disableValidation: true }

/** Without the frames of a stack: they are this library's and Effect's own, and would be half of what a failure costs. */
export const withoutFrames = <A>(make: () => A): A => {
  const { stackTraceLimit } = engine
  engine.stackTraceLimit = 0
  try {
    return make()
  } finally {
    engine.stackTraceLimit = stackTraceLimit
  }
}

/** How many frames are kept is a setting of V8 and of JavaScriptCore, and not of the language. */
const engine = Error as { stackTraceLimit?: number | undefined }
