/** The entry of a grant in a KeyValueStore, which may fail, hang and be written by others. */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { own } from "../answer/json.ts"
import { Entry, nothing } from "./entry.ts"
import { Lock, type Locking } from "./lock.ts"
import { accountsOriginOf } from "./mint.ts"
import type { Account } from "./reply.ts"
import type { TokenStore } from "./sharedToken.ts"
import { within } from "./within.ts"

const Stored = Schema.parseJson(Entry)

const hash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))

/** By the grant and what must go along with it, so that no two of them write over one another. It holds no secret. */
export const keyOf = (account: Account): string => {
  const secrets = [account.clientSecret, ...Object.values(account.grant)].map((part) =>
    typeof part === "string" ? part : Redacted.value(part)
  )
  return `effect-bigin/${accountsOriginOf(account)}/${account.clientId}/${hash(JSON.stringify(secrets))}`
}

/** An entry that is corrupt counts as none. A store that fails is one line in the log, and is then asked by nobody who waits. */
export const make = (store: KeyValueStore.KeyValueStore & { readonly [Lock]?: Locking }, key: string): TokenStore => {
  let isBroken = false
  const lock = store[Lock]

  const forgiven = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A | undefined, never, R> =>
    Effect.catchAllCause(self, (cause) =>
      Cause.isInterruptedOnly(cause) ? Effect.interrupt : Effect.as(broken(cause), undefined)
    )
  const broken = (cause: Cause.Cause<unknown>) =>
    Effect.suspend(() => {
      if (isBroken) return Effect.void
      isBroken = true
      return Effect.annotateLogs(Effect.logWarning("The token store failed; tokens are kept in memory"), {
        cause: nameOf(Cause.squash(cause))
      })
    })

  return {
    isShared: true,
    isLocked: lock !== undefined,
    print: hash,
    read: Effect.suspend(() =>
      isBroken
        ? Effect.succeed(undefined)
        : forgiven(
            Effect.map(
              within(
                Effect.suspend(() => store.get(key)),
                "5 seconds"
              ),
              (text) => Option.getOrElse(Option.flatMap(text, Schema.decodeOption(Stored)), () => nothing)
            )
          )
    ),
    write: (entry) =>
      Effect.suspend(() => {
        const write = Effect.suspend(() => store.set(key, Schema.encodeSync(Stored)(entry)))
        const written = forgiven(Effect.map(within(write, "5 seconds"), () => void (isBroken = false)))
        // nobody waits a second time for what has failed
        return isBroken ? Effect.asVoid(Effect.forkDaemon(written)) : Effect.asVoid(written)
      }),
    lock: Effect.suspend(() => (isBroken || lock === undefined ? Effect.void : forgiven(lock(key))))
  }
}

/** What a store says of its failure may repeat what was stored. */
const nameOf = (error: unknown): string => {
  const parts = [own(error, "reason"), own(error, "module"), own(error, "method"), own(error, "pathOrDescriptor")]
  if (error === "hangs") return "it does not answer"
  return parts.every((part) => typeof part === "string") ? parts.join(" ") : "unknown"
}
