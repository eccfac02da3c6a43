/** Entries that outlive the process, in a KeyValueStore. */
import type { PlatformError } from "@effect/platform/Error"
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type Entry as Kept, nothing, type TokenStore } from "./entry.ts"
import { type Account, accountsOriginOf } from "./mint.ts"
import { accessTokenPattern } from "../../models/credentials.ts"

/** Milliseconds since the epoch. */
const Time = Schema.Int.pipe(Schema.between(0, 8.64e15))

const Entry = Schema.Struct({
  token: Schema.optionalWith(
    Schema.Struct({
      accessToken: Schema.Redacted(Schema.String.pipe(Schema.pattern(accessTokenPattern))),
      apiOrigin: Schema.String,
      scopes: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
      obtainedAt: Time,
      renewAt: Time
    }),
    { exact: true }
  ),
  mints: Schema.Array(Schema.Struct({ at: Time, by: Schema.String, pending: Schema.Boolean })),
  throttle: Schema.optionalWith(Schema.Struct({ at: Time, until: Time }), { exact: true })
})

/** By fingerprint of the grant, so that two refresh tokens of one client do not write over one another. */
const Entries = Schema.parseJson(Schema.Record({ key: Schema.String, value: Entry }))

/** An entry that is corrupt counts as none; a store that fails, throws or hangs costs a mint and no more. */
export const make = (store: KeyValueStore.KeyValueStore, account: Account): Effect.Effect<TokenStore> =>
  Effect.map(fingerprintOf(account), (fingerprint) => {
    const key = `effect-bigin/${accountsOriginOf(account)}/${account.clientId}`
    const read = forgiving(
      Effect.suspend(() => store.get(key)).pipe(Effect.map(Option.flatMap(Schema.decodeOption(Entries)))),
      Option.none()
    ).pipe(Effect.map(Option.getOrElse((): { readonly [fingerprint: string]: Kept } => ({}))))
    const write = (entries: { readonly [fingerprint: string]: Kept }) =>
      forgiving(
        Effect.suspend(() => store.set(key, Schema.encodeSync(Entries)(entries))),
        undefined
      )

    return {
      load: Effect.map(read, (entries) => entries[fingerprint] ?? nothing),
      update: (change) =>
        Effect.flatMap(read, (entries) => write({ ...entries, [fingerprint]: change(entries[fingerprint] ?? nothing) }))
    }
  })

/** Neither waits for a store for long nor fails with it. What a store says of its failures may repeat what was stored. */
const forgiving = <A>(self: Effect.Effect<A, PlatformError>, otherwise: A): Effect.Effect<A> =>
  Effect.interruptible(self).pipe(
    Effect.timeoutTo({ duration: "5 seconds", onSuccess: (a) => a, onTimeout: () => otherwise }),
    Effect.catchAllCause((cause) =>
      Cause.isInterruptedOnly(cause)
        ? Effect.interrupt
        : Effect.as(Effect.logDebug("The token store failed; tokens are kept in memory"), otherwise)
    )
  )

/** SHA-256 of the grant and of what must go along with it. */
const fingerprintOf = ({ clientSecret, grant }: Account): Effect.Effect<string> => {
  const parts = [clientSecret, ...Object.values(grant)].map((part) =>
    typeof part === "string" ? part : Redacted.value(part)
  )
  return Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(parts)))).pipe(
    Effect.map((digest) => [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""))
  )
}
