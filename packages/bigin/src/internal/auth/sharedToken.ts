/**
 * One token for all callers of a layer. `decide.ts` says what is to be done, and this does it: a mint runs in the layer's own
 * fiber, one at a time, so that a caller who gives up neither ends nor repeats it.
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { TokenUnreachable } from "../../errors/undocumented.ts"
import { type Credentials, type Service, tokenOf } from "../../models/credentials.ts"
import { decide, obstacleOf } from "./decide.ts"
import { begun, ended, type Entry, failed, minted, nothing, now, refuse, type Token } from "./entry.ts"
import type { Minted, MintError, MintFailure } from "./reply.ts"
import { measure, observe } from "./telemetry.ts"

/** Who gives tokens: Zoho's accounts server, or somebody's own. */
export interface Source<R> {
  /** Asks once. */
  readonly mint: Effect.Effect<Minted, MintFailure, R>
  /** The caller's word for what was granted, where the token does not say. It is not kept as if it were the server's. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** Where a token is sent that names this origin, if it may be sent there. A store can be written by others. */
  readonly trusted: (apiOrigin: string) => string | undefined
}

/** Where the entry of a grant is kept, which may fail. */
export interface TokenStore {
  /** Whether others may write it too, and whether a lock keeps them from minting meanwhile. */
  readonly isShared: boolean
  readonly isLocked: boolean
  /** What tells one token from another, and may be kept. */
  readonly print: (accessToken: string) => string
  readonly read: Effect.Effect<Entry | undefined>
  readonly write: (entry: Entry) => Effect.Effect<void>
  /** Held while the scope is open, if it can be had. */
  readonly lock: Effect.Effect<void, never, Scope.Scope>
}

/** What is known stays in the layer, which mints alone. */
const inMemory: TokenStore = {
  isShared: false,
  isLocked: true,
  print: (accessToken) => accessToken,
  read: Effect.succeed(undefined),
  write: () => Effect.void,
  lock: Effect.void
}

export const make = <R>(
  source: Source<R>,
  store: TokenStore = inMemory
): Effect.Effect<Service, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const runFork = Runtime.runFork(yield* Effect.runtime<R>())
    const layer = { by: crypto.randomUUID(), isAlone: store.isLocked }
    const turn = yield* Effect.makeSemaphore(1)

    // changed between two steps of one fiber at most, never across a wait
    let known = nothing
    let unsaved: ReadonlyArray<(entry: Entry) => Entry> = []
    /** The answer that callers wait for, and the fiber that works for it or keeps it. */
    let job: Deferred.Deferred<void, MintError> | undefined
    let working: Fiber.Fiber<unknown> = Fiber.void
    let closed = false

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        const told = job === undefined ? Effect.void : Deferred.fail(job, layerClosed)
        // another may still be at keeping what it has minted
        return Effect.all([told, Fiber.interrupt(working), turn.withPermits(1)(Effect.void)], { discard: true })
      })
    )

    const decided = (refused?: string) => Effect.map(now, (time) => decide(known, time, { ...layer, refused }))
    const isDue = Effect.map(decided(), ({ _tag }) => _tag === "Mint" || _tag === "Renew")
    const note = (change: (entry: Entry, at: number) => Entry) =>
      Effect.map(now, (at) => {
        const noted = (entry: Entry) => change(entry, at)
        known = noted(known)
        unsaved = [...unsaved, noted]
      })
    const load = Effect.map(store.read, (stored) => {
      if (stored !== undefined) known = unsaved.reduce((entry, noted) => noted(entry), trusted(stored, source))
    })
    const save = Effect.flatMap(load, () => {
      unsaved = []
      return store.write(known)
    })

    const mint = (answer: Deferred.Deferred<void, MintError>) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          yield* note((entry, at) => begun(entry, layer.by, at))
          yield* save
          const exit = yield* Effect.exit(restore(source.mint))
          yield* note((entry, at) => after(entry, layer.by, exit, store.print, at))
          job = undefined
          // who waits is told first, and then it is kept
          yield* Deferred.done(answer, answerOf(exit, obstacleOf(known, yield* now)?.error))
          yield* Effect.zipRight(observe(exit), save)
        })
      )

    const work = (answer: Deferred.Deferred<void, MintError>) =>
      Effect.gen(function* () {
        yield* load
        while ((yield* decided())._tag === "Join") yield* Effect.zipRight(Effect.sleep("250 millis"), load)
        if (!(yield* isDue)) return
        yield* store.lock
        // who held it until now may have minted
        yield* load
        if (yield* isDue) yield* mint(answer)
      }).pipe(Effect.scoped, turn.withPermits(1))

    const begin = () => {
      const answer = Deferred.unsafeMake<void, MintError>(FiberId.none)
      job = answer
      working = runFork(
        // interruptible for the layer's scope, wherever the layer was built; what follows is not, so nobody waits in vain
        Effect.interruptible(work(answer)).pipe(
          Effect.exit,
          Effect.flatMap((exit) => {
            if (job === answer) job = undefined
            return Deferred.done(answer, answerOf(exit))
          }),
          Effect.uninterruptible
        )
      )
      return answer
    }

    /** A mint that fails does so for the caller for whom it was begun; the others ask what is to be done then. */
    const joined = Effect.suspend(() =>
      job === undefined ? Deferred.await(begin()) : Effect.asVoid(Effect.exit(Deferred.await(job)))
    )

    /** None where the refused token is the only one. What others know is heard before a call waits or fails. */
    const obtain = (refused?: string, isInformed = !store.isShared): Effect.Effect<Option.Option<Token>, MintError> =>
      Effect.flatMap(decided(refused), (decision) => {
        if (closed) return Effect.fail(layerClosed)
        if (decision._tag === "Renew" && job === undefined) begin()
        if ("token" in decision) return Effect.succeedSome(decision.token)
        if (decision._tag === "NoOther") return Effect.succeedNone
        if (isInformed && decision._tag === "Refuse") return Effect.fail(decision.error)
        if (isInformed && decision._tag === "Wait") return Effect.zipRight(until(decision.until), obtain(refused))
        return Effect.matchCauseEffect(joined, {
          onSuccess: () => obtain(refused, true),
          // a token that still lives is served, whatever became of its renewal
          onFailure: (cause) =>
            Effect.flatMap(decided(refused), (decision) =>
              "token" in decision ? Effect.succeedSome(decision.token) : Effect.failCause(cause)
            )
        })
      })

    const serve = (token: Token) =>
      Effect.map(now, (time) => {
        measure(token, time)
        return credentialsOf(token, source)
      })

    return {
      credentials: Effect.flatMap(Effect.flatten(obtain()), serve).pipe(
        Effect.catchTag("NoSuchElementException", () => Effect.dieMessage("no token was refused"))
      ),
      renew: (rejected) =>
        Effect.suspend(() => {
          // by identity too, since who renews may wipe what was refused
          const print =
            known.token?.accessToken === rejected.accessToken ? known.token.print : store.print(tokenOf(rejected))
          return Effect.zipRight(
            note((entry) => refuse(entry, print)),
            Effect.flatMap(obtain(print), Effect.transposeMapOption(serve))
          )
        })
    }
  })

/** What a mint leaves behind. One that was ended from outside has not failed: it may have minted, and nobody has to pause. */
const after = (
  entry: Entry,
  by: string,
  exit: Exit.Exit<Minted, MintFailure>,
  print: TokenStore["print"],
  at: number
) => {
  if (Exit.isSuccess(exit)) return minted(entry, by, { ...exit.value, print: print(tokenOf(exit.value)) }, at)
  const failure = Cause.failureOption(exit.cause)
  return Option.isSome(failure) ? failed(entry, by, failure.value, at) : ended(entry, by, at, true)
}

/** With the time until somebody may ask again. A client that ends in interruption has interrupted none of the callers. */
const answerOf = (exit: Exit.Exit<unknown, MintFailure>, refusal?: MintError): Exit.Exit<void, MintError> =>
  Exit.isInterrupted(exit)
    ? Exit.fail(new TokenUnreachable({ reason: "the HTTP client interrupted the request" }))
    : Exit.mapBoth(exit, { onFailure: ({ error }) => refusal ?? error, onSuccess: () => undefined })

const until = (time: number) => Effect.flatMap(now, (from) => Effect.sleep(time - from))

/** An entry can be written by others: the origin in it is held against the same rule as that of a reply. */
const trusted = ({ token, ...rest }: Entry, source: Source<unknown>): Entry =>
  token === undefined || source.trusted(token.apiOrigin) === undefined ? rest : { ...rest, token }

export const credentialsOf = ({ accessToken, apiOrigin, scopes }: Minted, source: Source<unknown>): Credentials => {
  const granted = scopes ?? source.scopes
  return {
    accessToken,
    apiOrigin: source.trusted(apiOrigin) ?? apiOrigin,
    ...(granted === undefined ? {} : { scopes: granted })
  }
}

const layerClosed = new TokenUnreachable({ reason: "the auth layer was closed" })
