/**
 * One token for all callers of a layer. Whoever finds none begins a mint, which runs in the layer's own fiber, and
 * everybody waits for that one: a caller who gives up neither ends nor repeats it.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { Service } from "../../BiginAuth.ts"
import { type TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import {
  type Account,
  credentialsOf,
  isBiginOrigin,
  mint,
  type Minted,
  type MintError,
  type MintFailure
} from "./mint.ts"
import type { Entry, TokenStore } from "./tokenStore.ts"

const windowMillis = Duration.toMillis("10 minutes")
const mintsInWindow = 10
const rejectionMillis = Duration.toMillis("1 minute")

export const make = (
  account: Account,
  store: TokenStore
): Effect.Effect<Service, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const run = yield* FiberSet.makeRuntime<HttpClient.HttpClient>()
    const by = crypto.randomUUID()

    // changed between two steps of one fiber at most, never across a wait
    let current: Minted | undefined
    let pending: Deferred.Deferred<Minted, MintError> | undefined
    let mints: Entry["mints"] = []
    let throttledUntil = 0
    let rejection: { readonly error: TokenRejected; readonly until: number } | undefined
    let closed = false

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        return pending === undefined ? Effect.void : Deferred.fail(pending, layerClosed)
      })
    )

    /** The stored token of another process, or a fresh one; not the one that Bigin has refused. */
    const obtain = (refused: Redacted.Redacted | undefined) =>
      Effect.gen(function* () {
        const stored = yield* store.load
        const now = yield* Clock.currentTimeMillis
        if (Option.isSome(stored)) {
          const { mints: others, throttledUntil: until, token } = stored.value
          mints = [...mints.filter((own) => own.by === by), ...others.filter((other) => other.by !== by)]
          throttledUntil = Math.max(throttledUntil, until)
          if (token !== undefined && now < token.renewAt && !isSame(token.accessToken, refused)) {
            const trusted = trustedOrigin(token.apiOrigin, account)
            if (Option.isSome(trusted)) return { ...token, apiOrigin: trusted.value }
          }
        }
        yield* allowed(now)
        mints = [...mints, { at: now, by }]
        yield* save(undefined)
        return yield* Effect.tapBoth(mint(account), { onFailure: remember, onSuccess: save })
      }).pipe(Effect.mapError(({ error }) => error))

    /** No one asks before a throttle has passed, and no layer asks an eleventh time within the window. */
    const allowed = (now: number): Either.Either<void, MintFailure> => {
      mints = mints.filter(({ at }) => at > now - windowMillis)
      if (rejection !== undefined && now < rejection.until) {
        return Either.left({ error: rejection.error, throttled: false })
      }
      const oldest = mints.map(({ at }) => at).toSorted((a, b) => a - b)[mints.length - mintsInWindow] ?? -Infinity
      const until = Math.max(throttledUntil, oldest + windowMillis)
      if (until <= now) return Either.void
      const error = new TokenUnreachable({
        reason: "no more tokens may be minted for now (10 in 10 minutes are allowed)",
        retryAfter: Duration.millis(until - now)
      })
      return Either.left({ error, throttled: false })
    }

    const remember = ({ error, throttled }: MintFailure) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (error._tag === "TokenRejected") rejection = { error, until: now + rejectionMillis }
        if (!throttled || error._tag === "TokenRejected" || error.retryAfter === undefined) return Effect.void
        throttledUntil = now + Duration.toMillis(error.retryAfter)
        return save(undefined)
      })

    const save = (token: Minted | undefined) =>
      store.save({ mints, throttledUntil, ...(token === undefined ? {} : { token }) })

    /** Waits for the mint that is under way, or begins one. */
    const shared = (refused?: Redacted.Redacted): Effect.Effect<Minted, MintError> =>
      Effect.suspend(() => {
        if (closed) return Effect.fail(layerClosed)
        if (pending !== undefined) return Deferred.await(pending)
        const deferred = Deferred.unsafeMake<Minted, MintError>(FiberId.none)
        pending = deferred
        run(
          obtain(refused).pipe(
            Effect.tap((minted) => {
              current = minted
            }),
            Effect.ensuring(
              Effect.sync(() => {
                pending = undefined
              })
            ),
            // completes the deferred however it ends, also where the layer closes at once
            Effect.intoDeferred(deferred)
          )
        )
        return Deferred.await(deferred)
      })

    const fresh = Effect.map(Clock.currentTimeMillis, (now) =>
      Option.fromNullable(current).pipe(Option.filter(({ renewAt }) => now < renewAt))
    )

    return {
      credentials: Effect.flatMap(fresh, Option.match({ onNone: () => shared(), onSome: Effect.succeed })).pipe(
        Effect.map(credentialsOf)
      ),
      renew: ({ accessToken: refused }) =>
        Effect.gen(function* () {
          const other = Option.filter(yield* fresh, ({ accessToken }) => !isSame(accessToken, refused))
          // somebody has renewed already
          if (Option.isSome(other)) return Option.some(credentialsOf(other.value))
          current = undefined
          const minted = yield* shared(refused)
          return isSame(minted.accessToken, refused) ? Option.none() : Option.some(credentialsOf(minted))
        })
    }
  })

const layerClosed = new TokenUnreachable({ reason: "the auth layer was closed" })

const isSame = (one: Redacted.Redacted, other: Redacted.Redacted | undefined): boolean =>
  other !== undefined && Redacted.value(one) === Redacted.value(other)

/** A file can be written by others: the origin in it is held against the same rule as that of a reply. */
const trustedOrigin = (stored: string, { apiOrigin }: Account): Option.Option<string> =>
  apiOrigin !== undefined ? Option.some(apiOrigin) : Option.liftPredicate(isBiginOrigin)(stored)
