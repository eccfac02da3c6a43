/**
 * One token for all callers of a layer. Whoever finds none begins a mint, which runs in the layer's own fiber, and
 * everybody waits for that one: a caller who gives up neither ends nor repeats it.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { TokenUnreachable } from "../../errors/undocumented.ts"
import { makeLimits } from "./limits.ts"
import { type Account, credentialsOf, isBiginOrigin, isFresh, mint, type Minted, type MintError } from "./mint.ts"
import { type Entry, none, type TokenStore } from "./entry.ts"
import type { Service } from "../../models/credentials.ts"

/** How long another process is given to finish a mint that it has begun. */
const patience = Duration.toMillis("30 seconds")

/** A token, and whether it was just minted or comes from another process. */
type Obtained = Minted & { readonly minted: boolean }

export const make = (
  account: Account,
  store: TokenStore = none
): Effect.Effect<Service, never, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const runFork = Runtime.runFork(yield* Effect.runtime<HttpClient.HttpClient>())
    const by = crypto.randomUUID()
    const limits = makeLimits(by)

    // changed between two steps of one fiber at most, never across a wait
    let current: Obtained | undefined
    let refused: string | undefined
    let pending: Deferred.Deferred<Obtained, MintError> | undefined
    let minting: Fiber.RuntimeFiber<unknown> | undefined
    let closed = false

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        current = undefined
        if (pending === undefined || minting === undefined) return Effect.void
        return Effect.zipRight(Deferred.fail(pending, layerClosed), Fiber.interrupt(minting))
      })
    )

    const isRefused = (token: Redacted.Redacted) => Redacted.value(token) === refused

    /** What another process has left, unless Bigin has refused it. */
    const usable = (entry: Entry, now: number): Option.Option<Obtained> =>
      Option.fromNullable(entry.token).pipe(
        Option.filter((token) => isFresh(token, now) && !isRefused(token.accessToken)),
        Option.flatMap((token) =>
          Option.map(trustedOrigin(token.apiOrigin, account), (apiOrigin) => ({ ...token, apiOrigin, minted: false }))
        )
      )

    const save = (token?: Minted) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        store.update((stored) => {
          limits.learn(stored, now)
          const kept = token ?? Option.getOrUndefined(usable(stored, now))
          return { ...limits.known(), ...(kept === undefined ? {} : { token: kept }) }
        })
      )

    /** The token of another process, where one is there or about to be; else a fresh one. */
    const obtain: Effect.Effect<Obtained, MintError, HttpClient.HttpClient> = Effect.gen(function* () {
      const stored = yield* store.load
      const now = yield* Clock.currentTimeMillis
      limits.learn(stored, now)
      const found = usable(stored, now)
      if (Option.isSome(found)) return found.value
      if (limits.isMintingElsewhere(now, patience)) {
        return yield* Effect.zipRight(Effect.sleep("250 millis"), obtain)
      }

      yield* limits.allow(now)
      const count = limits.begin(now)
      yield* save()
      // of no caller in particular, and long after whoever built the layer
      const minted = yield* mint(account, { root: true }).pipe(
        Effect.tapError((failure) =>
          Effect.flatMap(Clock.currentTimeMillis, (failedAt) => {
            limits.failed(count, failure, failedAt)
            return save()
          })
        ),
        // a layer that closes keeps no other process waiting
        Effect.onInterrupt(() =>
          Effect.suspend(() => {
            limits.ended(count)
            return save()
          })
        ),
        Effect.mapError(({ error }) => error)
      )
      limits.ended(count)
      yield* save(minted)
      return { ...minted, minted: true }
    })

    /** Waits for the mint that is under way, or begins one. */
    const shared: Effect.Effect<Obtained, MintError> = Effect.suspend(() => {
      if (closed) return Effect.fail(layerClosed)
      if (pending !== undefined) return Deferred.await(pending)
      const deferred = Deferred.unsafeMake<Obtained, MintError>(FiberId.none)
      pending = deferred
      minting = runFork(
        // interruptible for the layer's scope, wherever the layer was built; what follows is not, so nobody waits in vain
        Effect.interruptible(obtain).pipe(
          Effect.exit,
          Effect.flatMap((exit) => {
            pending = undefined
            if (Exit.isSuccess(exit) && !closed) current = exit.value
            // a client that ends in interruption has interrupted none of the callers
            return Deferred.done(deferred, Exit.isInterrupted(exit) ? Exit.fail(interrupted) : exit)
          }),
          Effect.uninterruptible
        )
      )
      return Deferred.await(deferred)
    })

    const again = Effect.suspend(() => {
      current = undefined
      return shared
    })

    const fresh = Effect.map(Clock.currentTimeMillis, (now) =>
      Option.fromNullable(current).pipe(Option.filter((token) => isFresh(token, now)))
    )

    return {
      credentials: Effect.flatMap(fresh, Option.match({ onNone: () => shared, onSome: Effect.succeed })).pipe(
        Effect.map(credentialsOf)
      ),
      renew: ({ accessToken }) =>
        Effect.gen(function* () {
          const value = Redacted.value(accessToken)
          const other = Option.filter(yield* fresh, (token) => Redacted.value(token.accessToken) !== value)
          // somebody has renewed already
          if (Option.isSome(other)) return Option.some(credentialsOf(other.value))
          refused = value
          current = undefined
          const first = yield* shared
          // who began before the refusal may have taken that very token from the store
          const token = isRefused(first.accessToken) && !first.minted ? yield* again : first
          return isRefused(token.accessToken) ? Option.none() : Option.some(credentialsOf(token))
        })
    }
  })

const layerClosed = new TokenUnreachable({ reason: "the auth layer was closed" })

const interrupted = new TokenUnreachable({ reason: "the HTTP client interrupted the request" })

/** A file can be written by others: the origin in it is held against the same rule as that of a reply. */
const trustedOrigin = (stored: string, { apiOrigin }: Account): Option.Option<string> =>
  apiOrigin !== undefined ? Option.some(apiOrigin) : Option.liftPredicate(isBiginOrigin)(stored)
