/** What of a layer's tokens outlives its process. */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type Account, accountsOriginOf } from "./mint.ts"

/** Times are in milliseconds since the epoch. */
export const Entry = Schema.Struct({
  /** Whose tokens these are; another refresh token of the same client leaves another print. */
  fingerprint: Schema.String,
  token: Schema.optionalWith(
    Schema.Struct({
      accessToken: Schema.Redacted(Schema.NonEmptyString),
      apiOrigin: Schema.String,
      scopes: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
      renewAt: Schema.Number
    }),
    { exact: true }
  ),
  /** When tokens were asked for within the throttle's window, and by which layer. */
  mints: Schema.Array(Schema.Struct({ at: Schema.Number, by: Schema.String })),
  throttledUntil: Schema.Number
})

export interface Entry extends Schema.Schema.Type<typeof Entry> {}

const Text = Schema.parseJson(Entry)

export interface TokenStore {
  readonly load: Effect.Effect<Option.Option<Entry>>
  readonly save: (entry: Omit<Entry, "fingerprint">) => Effect.Effect<void>
}

/** For a layer whose tokens end with it. */
export const none: TokenStore = { load: Effect.succeedNone, save: () => Effect.void }

/** An entry that is corrupt, or of another account, counts as none; a store that fails costs a mint and no more. */
export const make = (store: KeyValueStore.KeyValueStore, account: Account): Effect.Effect<TokenStore> =>
  Effect.map(fingerprintOf(account), (fingerprint) => {
    const key = `effect-bigin/${accountsOriginOf(account)}/${account.clientId}`
    return {
      load: store.get(key).pipe(
        Effect.map(Option.flatMap(Schema.decodeOption(Text))),
        Effect.map(Option.filter((entry) => entry.fingerprint === fingerprint)),
        Effect.catchAll((error) => Effect.as(Effect.logDebug("The token store cannot be read", error), Option.none()))
      ),
      save: (entry) =>
        Schema.encode(Text)({ ...entry, fingerprint }).pipe(
          // what cannot be encoded was never decoded
          Effect.orDie,
          Effect.flatMap((text) => store.set(key, text)),
          Effect.catchAll((error) => Effect.logDebug("The token store cannot be written", error))
        )
    }
  })

/** SHA-256 of the grant and of what must go along with it. */
const fingerprintOf = ({ clientSecret, grant }: Account): Effect.Effect<string> => {
  const parts = [clientSecret, ...Object.values(grant)].map((part) =>
    typeof part === "string" ? part : Redacted.value(part)
  )
  return Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(parts)))).pipe(
    Effect.map((digest) => [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""))
  )
}
