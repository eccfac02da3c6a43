/** What tells one call of the API from another, before it is about anything. */
import * as Effect from "effect/Effect"
import { ApiVersion } from "../../models/settings.ts"

export interface Operation {
  readonly method: "DELETE" | "GET" | "POST"
  /** The path behind the version, with the names of a ref's fields in braces. */
  readonly route: string
  /** What the answer may be: JSON unless given. */
  readonly accept?: string
}

/** The whole route under the version that is provided: "/bigin/v1/{module}/…". */
export const versioned = (route: string): Effect.Effect<string> =>
  Effect.map(ApiVersion, (version) => `/bigin/${version}${route}`)

/** The path of a route; every value was checked and is its own URL encoding. */
export const fill = (route: string, values: { readonly [name: string]: string }): string =>
  Object.entries(values).reduce((path, [name, value]) => path.replace(`{${name}}`, value), route)
