/**
 * What a token may do, checked before anything is sent.
 *
 * Bigin asks for a pair of scopes: one for the module and one for attachments. A requirement is that, as data, and
 * `ensure` compares it with the granted scopes.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Scopes } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Scopes.ensure(Scopes.deleteAttachment("Contacts")),
 *   Effect.catchTag("MissingScope", (error) => Effect.log(`Ask for ${error.missing.join(", ")}`))
 * )
 * ```
 *
 * @since 0.1.0
 */

import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import { MissingScope } from "./errors/operations.ts"
import type { TokenRejected, TokenUnreachable } from "./errors/undocumented.ts"
import { BiginAuth } from "./models/credentials.ts"
import type { KnownModule } from "./models/ids.ts"

/**
 * A module's name within a scope. v1 and v2 name companies and deals differently. A scope by either name
 * serves for calls of both versions.
 *
 * @since 0.1.0
 * @category models
 */
export type ScopeModule =
  | "contacts"
  | "companies"
  | "accounts"
  | "deals"
  | "pipelines"
  | "tasks"
  | "events"
  | "calls"
  | "products"
  | "notes"
  | "activities"

/**
 * What a scope allows.
 *
 * @since 0.1.0
 * @category models
 */
export type Operation = "ALL" | "READ" | "CREATE" | "WRITE" | "DELETE"

/**
 * A scope to ask for; a misspelt one does not compile. Scopes that were granted are strings as they came.
 *
 * @since 0.1.0
 * @category models
 */
export type Scope = "ZohoBigin.modules.ALL" | `ZohoBigin.modules.${ScopeModule | "attachments"}.${Operation}`

/**
 * One scope of each `anyOf` is needed. Within an `anyOf` the narrowest comes first.
 *
 * @since 0.1.0
 * @category models
 */
export interface Requirement {
  readonly allOf: ReadonlyArray<{ readonly anyOf: readonly [Scope, ...ReadonlyArray<Scope>] }>
}

const scopeModules: { readonly [Module in KnownModule]: readonly [ScopeModule, ...ReadonlyArray<ScopeModule>] } = {
  Contacts: ["contacts"],
  Companies: ["companies", "accounts"],
  Accounts: ["accounts", "companies"],
  Deals: ["deals", "pipelines"],
  Pipelines: ["pipelines", "deals"],
  Tasks: ["tasks"],
  Events: ["events"],
  Calls: ["calls"],
  Products: ["products"],
  Notes: ["notes"],
  Activities: ["activities"]
}

const isKnown = (module: string): module is KnownModule => Object.hasOwn(scopeModules, module)

const everyModule: Scope = "ZohoBigin.modules.ALL"

type Operations = readonly [Operation, ...ReadonlyArray<Operation>]

/** A name outside the table has no scope of its own that anybody documents. */
const ofModule = (module: string, operations: Operations): Requirement["allOf"][number] => {
  if (!isKnown(module)) return { anyOf: [everyModule] }
  const [narrowest, ...others] = scopesOf(scopeModules[module], operations)
  return { anyOf: [narrowest, ...others, everyModule] }
}

/** Every name with the first operation, then with the next. */
const scopesOf = (
  names: readonly [ScopeModule | "attachments", ...ReadonlyArray<ScopeModule>],
  operations: Operations
): readonly [Scope, ...ReadonlyArray<Scope>] =>
  Array.flatMap(operations, (operation) => Array.map(names, (name): Scope => `ZohoBigin.modules.${name}.${operation}`))

/** One of the operations in the module, and one of them on attachments. */
const pair = (module: string, ...operations: Operations): Requirement => ({
  allOf: [ofModule(module, operations), { anyOf: scopesOf(["attachments"], operations) }]
})

/**
 * What `deleteAttachment` needs in a module: to delete there, and to delete attachments. `ZohoBigin.modules.ALL` covers
 * the first alone. For a module outside of `KnownModule` only `ZohoBigin.modules.ALL` is known to serve.
 * From the v2 page, which spells out the pairs.
 *
 * @example
 * ```ts
 * import { Scopes } from "effect-bigin"
 *
 * const requirement = Scopes.deleteAttachment("Contacts")
 * // the narrowest scopes to ask for
 * const ask = requirement.allOf.map(({ anyOf }) => anyOf[0])
 * ```
 *
 * @since 0.1.0
 * @category requirements
 */
export const deleteAttachment = (module: KnownModule | (string & {})): Requirement => pair(module, "DELETE", "ALL")

/**
 * What `listAttachments` and `select` need in a module: to read there, and to read attachments. From the v2 page, which spells out
 * the pairs.
 *
 * @example
 * ```ts
 * import { Stream } from "effect"
 * import { Attachments, Scopes } from "effect-bigin"
 *
 * const files = Attachments.listAttachments({ module: "Contacts", recordId: "1" }).pipe(
 *   Stream.runCollect,
 *   Scopes.ensure(Scopes.listAttachments("Contacts"))
 * )
 * ```
 *
 * @since 0.1.0
 * @category requirements
 */
export const listAttachments = (module: KnownModule | (string & {})): Requirement => pair(module, "READ", "ALL")

/**
 * What `downloadAttachment` needs in a module: to read there, and to read attachments, as `listAttachments` does.
 * From the v2 page, which spells out the pairs.
 *
 * @example
 * ```ts
 * import { Stream } from "effect"
 * import { Attachments, Scopes } from "effect-bigin"
 *
 * const size = Attachments.downloadAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Stream.runFold(0, (sum, piece) => sum + piece.length),
 *   Scopes.ensure(Scopes.downloadAttachment("Contacts"))
 * )
 * ```
 *
 * @since 0.1.0
 * @category requirements
 */
export const downloadAttachment = (module: KnownModule | (string & {})): Requirement => pair(module, "READ", "ALL")

/**
 * What `uploadAttachment` needs in a module: to create or write there, and to create or write attachments. From the v2 page,
 * which spells out the pairs.
 *
 * @example
 * ```ts
 * import { Attachments, Scopes } from "effect-bigin"
 *
 * const program = Attachments.uploadAttachment(
 *   { module: "Contacts", recordId: "1" },
 *   { linkUrl: "https://www.bigin.com" }
 * ).pipe(Scopes.ensure(Scopes.uploadAttachment("Contacts")))
 * ```
 *
 * @since 0.1.0
 * @category requirements
 */
export const uploadAttachment = (module: KnownModule | (string & {})): Requirement =>
  pair(module, "CREATE", "WRITE", "ALL")

/**
 * What `ensureDeleted` needs in a module: to delete attachments there, and to read what is left.
 *
 * @example
 * ```ts
 * import { Attachments, Scopes } from "effect-bigin"
 *
 * const program = Attachments.ensureDeleted({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Scopes.ensure(Scopes.ensureDeleted("Contacts"))
 * )
 * ```
 *
 * @since 0.1.0
 * @category requirements
 */
export const ensureDeleted = (module: KnownModule | (string & {})): Requirement =>
  all(deleteAttachment(module), listAttachments(module))

/**
 * Several requirements as one, for a token that is to do more than one thing.
 *
 * @example
 * ```ts
 * import { Scopes } from "effect-bigin"
 *
 * // to delete, read and upload
 * const requirement = Scopes.all(Scopes.ensureDeleted("Contacts"), Scopes.uploadAttachment("Contacts"))
 * ```
 *
 * @since 0.1.0
 * @category requirements
 */
export const all = (...requirements: ReadonlyArray<Requirement>): Requirement => ({
  allOf: requirements.flatMap(({ allOf }) => allOf)
})

/**
 * The smallest addition to what was granted that meets a requirement, each scope once; empty where it is met. Letter case
 * does not count.
 *
 * @example
 * ```ts
 * import { Scopes } from "effect-bigin"
 *
 * // ["ZohoBigin.modules.attachments.DELETE"]
 * Scopes.missing(Scopes.deleteAttachment("Contacts"), ["ZohoBigin.modules.ALL"])
 * ```
 *
 * @since 0.1.0
 * @category requirements
 */
export const missing = (requirement: Requirement, granted: ReadonlyArray<string>): ReadonlyArray<Scope> => {
  const has = new Set(granted.map((scope) => scope.toLowerCase()))
  const unmet = requirement.allOf.filter(({ anyOf }) => !anyOf.some((scope) => has.has(scope.toLowerCase())))
  const meets = (scopes: ReadonlyArray<Scope>) =>
    unmet.every(({ anyOf }) => anyOf.some((scope) => scopes.includes(scope)))
  const narrowest = Array.dedupe(unmet.map(({ anyOf }) => anyOf[0]))
  // where requirements overlap, a scope that one asks for may do for another too
  return narrowest.reduceRight((scopes, scope) => {
    const others = scopes.filter((other) => other !== scope)
    return meets(others) ? others : scopes
  }, narrowest)
}

/**
 * Runs an effect only if the token has the scopes; otherwise it fails with MissingScope, and Bigin is asked nothing.
 *
 * - Where the granted scopes are not known, the effect runs. Bigin itself then answers OAuthScopeMismatch.
 * - It takes a token to know what was granted. A layer that mints may mint it for that, which is a request to the accounts server. So
 *   this can fail with TokenRejected and TokenUnreachable too.
 * - For a module that is not in `KnownModule`, also a misspelt one, only `ZohoBigin.modules.ALL` is known to serve.
 *
 * @example
 * ```ts
 * import { deleteAttachment, Scopes } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Scopes.ensure(Scopes.deleteAttachment("Contacts"))
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const ensure: {
  (
    requirement: Requirement
  ): <A, E, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | MissingScope | TokenRejected | TokenUnreachable, R | BiginAuth>
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    requirement: Requirement
  ): Effect.Effect<A, E | MissingScope | TokenRejected | TokenUnreachable, R | BiginAuth>
} = dual(2, <A, E, R>(self: Effect.Effect<A, E, R>, requirement: Requirement) =>
  Effect.gen(function* () {
    const auth = yield* BiginAuth
    const { scopes: granted } = yield* auth.credentials
    const lacking = granted === undefined ? [] : missing(requirement, granted)
    if (granted !== undefined && lacking.length > 0) {
      return yield* new MissingScope({ required: requirement, granted, missing: lacking })
    }
    return yield* self
  })
)
