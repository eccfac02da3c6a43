/** What people wrap around an HttpClient: each of these sends what it is given, and each in its own way. */
import { HttpClient, type HttpClientError, HttpClientRequest } from "@effect/platform"
import { Context, Deferred, Effect, Fiber, identity, Option, Queue, Runtime, type Scope } from "effect"
import type { ClientTraits } from "./history.ts"

/** Which operation a request is of: it goes along with the program's context. */
export class Operation extends Context.Tag("simulation/Operation")<Operation, number>() {}

/** Where it stands on the wire, since a client may run a call in fibers that know nothing of the program. */
export const operationHeader = "x-simulation-operation"

/** Has a call run elsewhere, and waits for it. */
type Hop = <A, E>(call: Effect.Effect<A, E>) => Effect.Effect<A, E>

/** A call is one effect, its request included: whatever looks at a request as it leaves looks at it there. */
const around = (client: HttpClient.HttpClient, hop: Hop): HttpClient.HttpClient =>
  HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
    (request) =>
      Effect.contextWithEffect((context: Context.Context<never>) => {
        const operation = Context.getOption(context, Operation)
        return hop(Effect.flatMap(request, (request) => client.execute(marked(request, operation))))
      }),
    Effect.succeed
  )

const marked = (request: HttpClientRequest.HttpClientRequest, operation: Option.Option<number>) =>
  Option.match(operation, {
    onNone: () => request,
    onSome: (number) => HttpClientRequest.setHeader(request, operationHeader, String(number))
  })

/** Two fibers take calls from a queue. They are nobody's, so whoever leaves does not take the call along. */
const workers: Effect.Effect<Hop, never, Scope.Scope> = Effect.gen(function* () {
  const queue = yield* Queue.unbounded<Effect.Effect<unknown>>()
  const worker = Effect.forever(Effect.flatten(Queue.take(queue)))
  yield* Effect.forkScoped(worker)
  yield* Effect.forkScoped(worker)
  return (call) =>
    Effect.flatMap(Deferred.make<Effect.Effect.Success<typeof call>, Effect.Effect.Error<typeof call>>(), (answer) =>
      Effect.zipRight(Queue.offer(queue, Effect.intoDeferred(call, answer)), Deferred.await(answer))
    )
})

/** A fiber for each call, which nobody ends: what a promise is. */
const daemons: Hop = (call) =>
  Effect.flatMap(Effect.forkDaemon(call), (fiber) =>
    Effect.async((resume) => fiber.addObserver((exit) => resume(exit)))
  )

/**
 * Fibers that end with whoever waits for them. Not by what `Effect.async` gives back (3.22): where the waiting fiber yields right
 * after it has begun, and is interrupted then, that is never run.
 */
const endingWith = <A, E>(
  begin: (runtime: Runtime.Runtime<never>) => ReadonlyArray<Fiber.RuntimeFiber<A, E>>
): Effect.Effect<A, E> =>
  Effect.flatMap(Effect.runtime<never>(), (runtime) =>
    Effect.acquireUseRelease(
      Effect.sync(() => begin(runtime)),
      (fibers) =>
        Effect.async<A, E>((resume) => {
          for (const fiber of fibers) fiber.addObserver((exit) => resume(exit))
        }),
      Fiber.interruptAll
    )
  )

/** A fiber for each call. */
const pool: Hop = (call) => endingWith((runtime) => [Runtime.runFork(runtime)(call)])

/**
 * Asks a second time where the first takes long. Not by `Effect.raceFirst` (3.22), which waits for ever where it is interrupted between
 * making its fibers and starting them.
 */
const hedges: Hop = (call) =>
  endingWith((runtime) => [call, Effect.delay(call, "1 second")].map((one) => Runtime.runFork(runtime)(one)))

interface Client extends ClientTraits {
  readonly make: (client: HttpClient.HttpClient) => Effect.Effect<HttpClient.HttpClient, never, Scope.Scope>
}

const plain: ClientTraits = { passesOn: true, repeats: false, queues: false, asksLast: true }

const hopping =
  (hop: Hop): Client["make"] =>
  (client) =>
    Effect.succeed(around(client, hop))

export const clients = {
  plain: { ...plain, make: hopping(identity) },
  filters: { ...plain, make: (client) => Effect.succeed(HttpClient.filterStatusOk(around(client, identity))) },
  pool: { ...plain, make: hopping(pool) },
  daemons: { ...plain, passesOn: false, make: hopping(daemons) },
  workers: {
    ...plain,
    passesOn: false,
    queues: true,
    make: (client) => Effect.map(workers, (hop) => around(client, hop))
  },
  // the request has left, as far as anybody above can see, before it waits
  "workers that take the request alone": {
    ...plain,
    passesOn: false,
    queues: true,
    asksLast: false,
    make: (client) =>
      Effect.map(workers, (hop) => {
        const inner = around(client, identity)
        return HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
          (request) =>
            Effect.contextWithEffect((context: Context.Context<never>) =>
              Effect.flatMap(request, (request) => hop(Effect.provide(inner.execute(request), context)))
            ),
          Effect.succeed
        )
      })
  },
  repeats: {
    ...plain,
    repeats: true,
    make: (client) => Effect.succeed(HttpClient.retryTransient(around(client, identity), { times: 1 }))
  },
  hedges: { ...plain, repeats: true, make: hopping(hedges) }
} satisfies Record<string, Client>

export type ClientName = keyof typeof clients

export const clientNames = Object.keys(clients) as ReadonlyArray<ClientName> // keys of a literal object
