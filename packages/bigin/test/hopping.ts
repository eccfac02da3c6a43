/** Clients that run calls in fibers of their own, in the ways in which programs do so, and one that does not. */
import { HttpClient, type HttpClientError, type HttpClientResponse } from "@effect/platform"
import { Deferred, Effect, Queue, Runtime, Schedule, type Scope } from "effect"

type Call = Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>

export type Hopping = (client: HttpClient.HttpClient) => Effect.Effect<HttpClient.HttpClient, never, Scope.Scope>

/** Workers that were there before any call, and know nothing of who calls. */
export const queued =
  (workers: number): Hopping =>
  (client) =>
    Effect.gen(function* () {
      const jobs = yield* Queue.unbounded<Effect.Effect<unknown>>()
      yield* Effect.replicateEffect(Effect.forkScoped(Effect.forever(Effect.flatten(Queue.take(jobs)))), workers)
      return HttpClient.transformResponse(client, (call: Call) =>
        Effect.flatMap(
          Deferred.make<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>(),
          (answer) => Effect.zipRight(Queue.offer(jobs, Effect.intoDeferred(call, answer)), Deferred.await(answer))
        )
      )
    })

/** A pool of promises: so many at once, each in a fiber of its own, which nobody interrupts. */
export const pooled =
  (most: number): Hopping =>
  (client) =>
    Effect.map(Effect.runtime<never>(), (runtime) => {
      const waiting: Array<() => void> = []
      let free = most
      const inTurn = async <A>(run: () => Promise<A>): Promise<A> => {
        if (free > 0) free -= 1
        else await new Promise<void>((resolve) => void waiting.push(resolve))
        try {
          return await run()
        } finally {
          const next = waiting.shift()
          if (next === undefined) free += 1
          else next()
        }
      }
      return HttpClient.transformResponse(client, (call: Call) =>
        Effect.flatten(Effect.promise(() => inTurn(() => Runtime.runPromiseExit(runtime)(call))))
      )
    })

/** A daemon for each call, which goes on where the caller has gone. */
export const daemons: Hopping = (client) => Effect.succeed(HttpClient.transformResponse(client, raced(["0 millis"])))

/** A second daemon where the first takes long; what comes first is the answer, and the other goes on. */
export const hedging: Hopping = (client) =>
  Effect.succeed(HttpClient.transformResponse(client, raced(["0 millis", "1500 millis"])))

/** Asks again within the call, as one ought not to where it deletes. */
export const repeating: Hopping = (client) =>
  Effect.map(daemons(client), HttpClient.retryTransient({ schedule: Schedule.spaced("700 millis"), times: 2 }))

export const plain: Hopping = Effect.succeed

const raced = (delays: ReadonlyArray<`${number} millis`>) => (call: Call) =>
  Effect.gen(function* () {
    const answer = yield* Deferred.make<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>()
    const send = Effect.unlessEffect(Effect.intoDeferred(call, answer), Deferred.isDone(answer))
    for (const delay of delays) yield* Effect.forkDaemon(Effect.delay(send, delay))
    return yield* Deferred.await(answer)
  })
