/**
 * One token for all callers of a layer. `decide.ts` says what is to be done, and this does it: a mint runs in the layer's own
 * fiber, one at a time, so that a caller who gives up neither ends nor repeats it.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import { type Credentials, type Service, tokenOf } from "../../models/credentials.ts"
import { decide, obstacleOf } from "./decide.ts"
import { ended, nothing, now, refuse, withMint } from "./entry.ts"
import type { Entry, Token } from "./known.ts"
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

/** Where the entry of a grant is kept, beside the layer's memory. */
export interface TokenStore {
  /** Whether a lock keeps others from minting meanwhile. */
  readonly isLocked: boolean
  /** What tells one token from another, and may be kept. */
  readonly print: (accessToken: string) => string
  /** Nothing where there is none that can be read. */
  readonly read: Effect.Effect<Entry | undefined>
  readonly write: (entry: Entry) => Effect.Effect<void>
  /** Held while the scope is open, if it can be had. */
  readonly lock: Effect.Effect<void, never, Scope.Scope>
}

const inMemory: TokenStore = {
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
    const by = crypto.randomUUID()
    const turn = yield* Effect.makeSemaphore(1)
    let known = nothing
    /** The answer that callers wait for, and the fiber that works for it or keeps what came. */
    let job: Deferred.Deferred<void, MintError> | undefined
    let working: Fiber.Fiber<unknown> = Fiber.void
    let closed = false

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        const told = job === undefined ? Effect.void : Deferred.fail(job, layerClosed)
        return Effect.zipRight(told, Fiber.interrupt(working))
      })
    )

    const decided = (refused?: string) =>
      Effect.map(now, (time) => decide(known, time, { by, isAlone: store.isLocked, refused }))
    const isDue = Effect.map(decided(), ({ _tag }) => _tag === "Mint" || _tag === "Renew")

    /** Of its own mints the layer knows best. */
    const load = Effect.map(store.read, (stored) => {
      if (stored === undefined) return
      const own = known.mints.filter((mint) => mint.by === by)
      const both = known.refused.reduce(refuse, { ...known, ...trusted(stored, source) })
      known = own.reduce(withMint, both)
    })

    const change = (noted: (entry: Entry) => Entry) => {
      known = noted(known)
      return Effect.flatMap(load, () => store.write((known = noted(known))))
    }

    const mint = (answer: Deferred.Deferred<void, MintError>) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const begun = { id: crypto.randomUUID(), by, at: yield* now }
          // before the request, since one that is lost may have minted
          yield* change((entry) => withMint(entry, begun))
          const exit = yield* Effect.exit(restore(source.mint))
          const time = yield* now
          const kept = change(ended(known, begun, exit, store.print, time))
          job = undefined
          // who waits is told first, and then it is kept
          yield* Deferred.done(answer, answerOf(exit, obstacleOf(known, time)?.error))
          yield* Effect.zipRight(observe(exit), kept)
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
      }).pipe(Effect.scoped)

    const begin = () => {
      const answer = Deferred.unsafeMake<void, MintError>(FiberId.none)
      job = answer
      working = runFork(
        // it ends with the layer, wherever that was built; what follows does not, so nobody waits in vain
        Effect.exit(Effect.interruptible(work(answer))).pipe(
          Effect.flatMap((exit) => {
            if (job === answer) job = undefined
            return Deferred.done(answer, answerOf(exit))
          }),
          turn.withPermits(1),
          Effect.uninterruptible
        )
      )
      return answer
    }

    /** A mint that fails does so for the caller for whom it was begun; the others ask what is to be done then. */
    const joined = Effect.suspend(() => {
      if (closed) return Effect.fail(layerClosed)
      return job === undefined ? Deferred.await(begin()) : Effect.exit(Deferred.await(job))
    })

    /** None where the refused token is the only one. What others know is heard before a call waits or fails. */
    const obtain = (refused?: string, isInformed = false): Effect.Effect<Option.Option<Token>, MintError> =>
      Effect.flatMap(decided(refused), (decision) => {
        if (closed) return Effect.fail(layerClosed)
        if (decision._tag === "Renew" && job === undefined) void begin()
        if ("token" in decision) return Effect.succeedSome(decision.token)
        if (isInformed && decision._tag === "NoOther") return Effect.succeedNone
        if (isInformed && decision._tag === "Refuse") return Effect.fail(decision.error)
        if (isInformed && decision._tag === "Wait") return Effect.delay(obtain(refused), decision.millis)
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
      credentials: Effect.flatMap(Effect.flatMap(obtain(), Effect.orDie), serve),
      renew: (rejected) =>
        Effect.suspend(() => {
          const { token } = known
          // by identity too, since who renews may wipe what was refused
          const print = token?.accessToken === rejected.accessToken ? token.print : store.print(tokenOf(rejected))
          known = refuse(known, print)
          return Effect.flatMap(obtain(print), Effect.transposeMapOption(serve))
        })
    }
  })

/** With the time until somebody may ask again. A client that ends in interruption has interrupted none of the callers. */
const answerOf = (exit: Exit.Exit<unknown, MintFailure>, refusal?: MintError): Exit.Exit<void, MintError> =>
  Exit.isInterrupted(exit)
    ? Exit.fail(new TokenUnreachable({ reason: "the HTTP client interrupted the request" }))
    : Exit.mapBoth(exit, { onFailure: ({ error }) => refusal ?? error, onSuccess: () => undefined })

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

const layerClosed = new TokenRejected({ reason: "the auth layer was closed" })
