/** The one factory behind every error class. */
import type * as Cause from "effect/Cause"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { hasProperty } from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Utils from "effect/Utils"

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

export interface BiginErrorClass<
  Self,
  Tag extends string,
  Fields extends Schema.Struct.Fields,
  T extends Traits
> extends Schema.Class<
  Self,
  { readonly _tag: Schema.tag<Tag> } & Fields,
  Schema.Struct.Encoded<{ readonly _tag: Schema.tag<Tag> } & Fields>,
  Schema.Struct.Context<Fields>,
  Schema.Struct.Constructor<Fields>,
  { readonly [TypeId]: TypeId } & { readonly [K in keyof T]: T[K] },
  Cause.YieldableError
> {
  readonly _tag: Tag
  readonly traits: T
}

/**
 * `class InvalidToken extends biginError<InvalidToken>()("InvalidToken", fields, traits) {}`: a `Schema.TaggedError`
 * with a flat tag and a namespaced identifier, whose traits are literals and which compares by value.
 */
export const biginError =
  <Self = never>() =>
  <const Tag extends string, Fields extends Schema.Struct.Fields, const T extends Traits>(
    tag: Tag,
    fields: Fields,
    traits: T
  ): BiginErrorClass<Self, Tag, Fields, T> => {
    // the identifier is ours alone: two libraries' RateLimited must not pass each other's Schema.is
    class BiginError extends Schema.TaggedError<BiginError>(`effect-bigin/${tag}`)<string, Schema.Struct.Fields>(
      tag,
      fields
    ) {
      [Hash.symbol](): number {
        return Hash.string(tag)
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
    return BiginError as unknown as BiginErrorClass<Self, Tag, Fields, T>
  }

/** For values that `classify` has checked already: a second validation costs eight times the construction. */
export const unchecked: { readonly disableValidation: true } = { disableValidation: true }
