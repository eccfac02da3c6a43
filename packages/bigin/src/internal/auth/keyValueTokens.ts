/** The entry of a grant in a KeyValueStore, which may fail, hang and be written by others. */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { own } from "../answer/json.ts"
import { Entry } from "./known.ts"
import { Lock, type Locking } from "./lock.ts"
import { accountsOriginOf } from "./mint.ts"
import { type Account, revealed } from "./reply.ts"
import type { TokenStore } from "./sharedToken.ts"
import { within } from "./within.ts"

const Stored = Schema.parseJson(Entry)

export const hash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))

/** By the grant and what must go along with it, so that no two of them write over one another. It holds no secret. */
export const keyOf = (account: Account): string => {
  const secrets = [account.clientSecret, ...Object.values(account.grant)].map(revealed)
  return `effect-bigin/${accountsOriginOf(account)}/${account.clientId}/${hash(JSON.stringify(secrets))}`
}

/** A store that fails is one line in the log. Nobody waits for it again until it has written and read. */
export const make = (store: KeyValueStore.KeyValueStore & { readonly [Lock]?: Locking }, key: string): TokenStore => {
  let isBroken = false
  let isHeard = false
  let lock = store[Lock]

  const forgiven = <A, E, R>(self: Effect.Effect<A, E, R>, onFailure: () => void) =>
    Effect.catchAllCause(self, (cause): Effect.Effect<A | undefined> => {
      if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
      onFailure()
      if (isHeard) return Effect.succeed(undefined)
      isHeard = true
      return Effect.logWarning("The token store failed; tokens are kept in memory").pipe(
        Effect.annotateLogs({ cause: nameOf(Cause.squash(cause)) }),
        Effect.as(undefined)
      )
    })
  const asked = <A>(self: Effect.Effect<A, unknown>) => forgiven(within(self, "5 seconds"), () => (isBroken = true))

  const get = Effect.suspend(() => store.get(key))
  // one that is corrupt counts as none
  const read = Effect.map(get, (text) => Option.getOrUndefined(Option.flatMap(text, Schema.decodeOption(Stored))))
  const set = (entry: Entry) => Effect.suspend(() => store.set(key, Schema.encodeSync(Stored)(entry)))
  const setAgain = (entry: Entry) => Effect.map(Effect.zipRight(set(entry), get), () => void (isBroken = false))

  return {
    isLocked: lock !== undefined,
    print: hash,
    read: Effect.suspend(() => (isBroken ? Effect.succeed(undefined) : asked(read))),
    write: (entry) =>
      Effect.suspend(() => (isBroken ? Effect.asVoid(Effect.forkDaemon(asked(setAgain(entry)))) : asked(set(entry)))),
    lock: Effect.suspend(() =>
      isBroken || lock === undefined ? Effect.void : forgiven(lock(key), () => (lock = undefined))
    )
  }
}

/** What a store says of its failure may repeat what was stored. */
const nameOf = (error: unknown): string => {
  if (error === "hangs") return "it does not answer"
  const parts = ["reason", "module", "method", "pathOrDescriptor"].map((name) => own(error, name))
  return parts.every((part) => typeof part === "string") ? parts.join(" ") : "unknown"
}
