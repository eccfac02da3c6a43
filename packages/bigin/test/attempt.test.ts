/** What talks to the transport runs in a fiber of its own, and nobody is to notice. */
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import {
  Cause,
  Clock,
  Context,
  Deferred,
  Duration,
  Effect,
  Equal,
  Exit,
  Fiber,
  FiberId,
  FiberRef,
  FiberRefs,
  HashMap,
  Layer,
  Logger,
  LogLevel,
  Option,
  Redacted,
  Scheduler,
  Stream,
  Supervisor,
  TestClock
} from "effect"
import { Attachments, BiginAuth, BiginConfig, deleteAttachment, Throttle } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { inspect } from "node:util"
import { CurrentDeadline, withDeadline } from "../src/internal/request/attempt.ts"

const ref = Fixtures.attachment

const within = <A, E, R>(self: Effect.Effect<A, E, R>, duration: Duration.DurationInput = "5 seconds") =>
  withDeadline(self, Duration.decode(duration), () => "late")

/** A client whose answers are the test's own, and what it was told. */
const answering = (
  answer: (
    response: HttpClientResponse.HttpClientResponse,
    signal: AbortSignal
  ) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>
) =>
  HttpClient.make((request, _url, signal) =>
    Effect.suspend(() => {
      const { body, headers, status } = Fixtures.success(ref.attachmentId)
      const length = { "content-length": String(body.length) }
      return answer(
        HttpClientResponse.fromWeb(request, new Response(body, { status, headers: { ...headers, ...length } })),
        signal
      )
    })
  )

const auth = BiginAuth.make({
  credentials: Effect.succeed({
    accessToken: Redacted.make("1000.token"),
    apiOrigin: "https://www.zohoapis.com"
  })
})

/** The call over such a client. */
const calling = (answer: Parameters<typeof answering>[0]) =>
  deleteAttachment(ref).pipe(
    Effect.provideService(HttpClient.HttpClient, answering(answer)),
    Effect.provideService(BiginAuth.BiginAuth, auth)
  )

/** How many sleep: TestClock itself goes on counting those that were interrupted. */
class Sleeping extends Context.Reference<Sleeping>()("test/Sleeping", { defaultValue: () => ({ count: 0 }) }) {}

const sleeping = Effect.zipRight(
  TestClock.adjust(0),
  Effect.map(Sleeping, ({ count }) => count)
)

const countingSleeps = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.clock, (clock) => {
    const sleeping = { count: 0 }
    const counting: Clock.Clock = Object.assign(Object.create(clock), {
      sleep: (duration: Duration.Duration) =>
        Effect.acquireUseRelease(
          Effect.sync(() => ++sleeping.count),
          () => clock.sleep(duration),
          () => Effect.sync(() => --sleeping.count)
        )
    })
    return self.pipe(Effect.withClock(counting), Effect.provideService(Sleeping, sleeping))
  })

const withTimeout = (after: Duration.DurationInput) =>
  Effect.provideService(BiginConfig.AttemptTimeout, Duration.decode(after))

/** A client that waits, and hears when it is interrupted. */
const waiting = Effect.gen(function* () {
  const started = yield* Deferred.make<void>()
  const go = yield* Deferred.make<void>()
  const heard: Array<string> = []
  const client = Deferred.succeed(started, undefined).pipe(
    Effect.zipRight(Deferred.await(go)),
    Effect.as("answer"),
    Effect.onExit((exit) => Effect.sync(() => heard.push(Exit.isInterrupted(exit) ? "interrupted" : exit._tag)))
  )
  return { client, go: Deferred.succeed(go, undefined), heard, started: Deferred.await(started) }
})

/** What it ended with: the exit of the fiber holds an interruption that it only heard behind it. */
const forkUninterruptible = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const ends: Array<Exit.Exit<A, E>> = []
    const caller = yield* Effect.fork(
      Effect.uninterruptible(Effect.onExit(self, (exit) => Effect.sync(() => ends.push(exit))))
    )
    return { caller, ends }
  })

describe("a caller that may not be interrupted", () => {
  it.effect("has its answer, and its request is not aborted", () =>
    Effect.gen(function* () {
      const { client, go, heard, started } = yield* waiting
      const { caller, ends } = yield* forkUninterruptible(within(client))
      yield* started
      yield* Fiber.interruptFork(caller)
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(heard, [])
      yield* go
      yield* Fiber.await(caller)
      assert.deepStrictEqual(ends, [Exit.succeed("answer")])
      assert.deepStrictEqual(heard, ["Success"])
    })
  )

  it.effect("is ended by the timeout all the same, and the request with it", () =>
    Effect.gen(function* () {
      const { client, heard, started } = yield* waiting
      const { caller, ends } = yield* forkUninterruptible(within(client))
      yield* started
      yield* Fiber.interruptFork(caller)
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.await(caller)
      assert.deepStrictEqual(ends, [Exit.fail("late")])
      assert.deepStrictEqual(heard, ["interrupted"])
    })
  )

  it.effect("has a call that goes on to its end, and the signal of its request stays silent", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<AbortSignal>()
      const go = yield* Deferred.make<void>()
      const { caller, ends } = yield* forkUninterruptible(
        calling((response, signal) =>
          Effect.as(Effect.zipRight(Deferred.succeed(started, signal), Deferred.await(go)), response)
        )
      )
      const signal = yield* Deferred.await(started)
      yield* Fiber.interruptFork(caller)
      yield* TestClock.adjust("20 seconds")
      assert.isFalse(signal.aborted)
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.await(caller)
      assert.deepStrictEqual(ends, [Exit.succeed(ref)])
    })
  )
})

describe("a caller that is interrupted", () => {
  it.effect("aborts its request and waits until the client has let go of it", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<AbortSignal>()
      const letGo = yield* Deferred.make<void>()
      const caller = yield* Effect.fork(
        calling((_, signal) =>
          Effect.zipRight(Deferred.succeed(started, signal), Effect.never).pipe(
            Effect.onInterrupt(() => Deferred.await(letGo))
          )
        )
      )
      const signal = yield* Deferred.await(started)
      const interruption = yield* Effect.fork(Fiber.interrupt(caller))
      yield* TestClock.adjust("1 hour")
      assert.isTrue(Option.isNone(yield* Fiber.poll(interruption)))
      yield* Deferred.succeed(letGo, undefined)
      const exit = yield* Fiber.join(interruption)
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
      assert.isTrue(signal.aborted)
    })
  )

  it.effect("waits for a client that ignores the interruption for a while, and does not take its answer", () =>
    Effect.gen(function* () {
      const { client, go, heard, started } = yield* waiting
      const caller = yield* Effect.fork(within(Effect.uninterruptible(client)))
      yield* started
      const interruption = yield* Effect.fork(Fiber.interrupt(caller))
      yield* TestClock.adjust("1 hour")
      assert.isTrue(Option.isNone(yield* Fiber.poll(interruption)))
      yield* go
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(interruption)))
      assert.deepStrictEqual(heard, ["Success"])
    })
  )

  it.effect("sends nothing where it was interrupted before", () =>
    Effect.gen(function* () {
      let sent = 0
      const caller = yield* Effect.fork(
        Effect.zipRight(
          Effect.never,
          calling((response) => Effect.sync(() => (++sent, response)))
        )
      )
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(caller)
      assert.strictEqual(sent, 0)
    })
  )

  it.effect("hands on what the client has set until then", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const started = yield* Deferred.make<void>()
      const caller = yield* Effect.fork(
        within(
          FiberRef.set(noted, "by the client").pipe(
            Effect.zipRight(Deferred.succeed(started, undefined)),
            Effect.zipRight(Effect.never)
          )
        ).pipe(Effect.onInterrupt(() => Effect.map(FiberRef.get(noted), (value) => seen.push(value))))
      )
      yield* Deferred.await(started)
      yield* Fiber.interrupt(caller)
      assert.deepStrictEqual(seen, ["by the client"])
    })
  )

  it.effect("leaves neither a timer nor a fiber behind", () =>
    Effect.gen(function* () {
      const supervisor = yield* Supervisor.track
      const { client, started } = yield* waiting
      const caller = yield* Effect.fork(Effect.supervised(within(client), supervisor))
      yield* started
      yield* Fiber.interrupt(caller)
      assert.strictEqual(yield* sleeping, 0)
      assert.isTrue((yield* supervisor.value).every((fiber) => fiber.unsafePoll() !== null))
    }).pipe(countingSleeps)
  )
})

describe("a finalizer of a fiber that was interrupted", () => {
  const finalizers: ReadonlyArray<
    readonly [name: string, around: (call: Effect.Effect<void>, started: Effect.Effect<void>) => Effect.Effect<void>]
  > = [
    ["onInterrupt", (call, body) => Effect.onInterrupt(body, () => call)],
    ["onExit", (call, body) => Effect.onExit(body, () => call)],
    ["ensuring", (call, body) => Effect.ensuring(body, call)],
    [
      "addFinalizer",
      (call, body) =>
        Effect.scoped(
          Effect.zipRight(
            Effect.addFinalizer(() => call),
            body
          )
        )
    ],
    [
      "acquireRelease",
      (call, body) =>
        Effect.scoped(
          Effect.zipRight(
            Effect.acquireRelease(Effect.void, () => call),
            body
          )
        )
    ],
    [
      "acquireUseRelease",
      (call, body) =>
        Effect.acquireUseRelease(
          Effect.void,
          () => body,
          () => call
        )
    ],
    [
      "a Layer",
      (call, body) => Effect.provide(body, Layer.scopedDiscard(Effect.acquireRelease(Effect.void, () => call)))
    ]
  ]

  it.effect.each(finalizers)("can call to the end: %s", ([, around]) =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const sent = yield* Deferred.make<AbortSignal>()
      const go = yield* Deferred.make<void>()
      const ends: Array<unknown> = []
      const call = calling((response, signal) =>
        Effect.as(Effect.zipRight(Deferred.succeed(sent, signal), Deferred.await(go)), response)
      ).pipe(
        Effect.exit,
        Effect.map((exit) => void ends.push(exit))
      )
      const caller = yield* Effect.fork(
        around(call, Effect.zipRight(Deferred.succeed(started, undefined), Effect.never))
      )
      yield* Deferred.await(started)
      const interruption = yield* Effect.fork(Fiber.interrupt(caller))
      const signal = yield* Deferred.await(sent)
      yield* Fiber.interruptFork(caller)
      yield* TestClock.adjust("1 second")
      assert.isFalse(signal.aborted)
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(interruption)
      assert.deepStrictEqual(ends, [Exit.succeed(ref)])
    })
  )

  it.effect.each(finalizers)("is ended by the timeout: %s", ([, around]) =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const sent = yield* Deferred.make<AbortSignal>()
      const ends: Array<string> = []
      const call = calling((_, signal) => Effect.zipRight(Deferred.succeed(sent, signal), Effect.never)).pipe(
        Effect.flip,
        Effect.map(({ _tag }) => void ends.push(_tag)),
        Effect.orDie
      )
      const caller = yield* Effect.fork(
        around(call, Effect.zipRight(Deferred.succeed(started, undefined), Effect.never))
      )
      yield* Deferred.await(started)
      const interruption = yield* Effect.fork(Fiber.interrupt(caller))
      const signal = yield* Deferred.await(sent)
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(interruption)
      assert.deepStrictEqual(ends, ["RequestTimedOut"])
      assert.isTrue(signal.aborted)
    })
  )

  it.effect("can call more than once, one after the other and at once", () =>
    Effect.gen(function* () {
      const call = calling((response) => Effect.as(Effect.yieldNow(), response))
      const ends: Array<unknown> = []
      const started = yield* Deferred.make<void>()
      const caller = yield* Effect.fork(
        Effect.zipRight(Deferred.succeed(started, undefined), Effect.never).pipe(
          Effect.onInterrupt(() =>
            Effect.zip(call, Effect.all([call, call], { concurrency: 2 })).pipe(
              Effect.orDie,
              Effect.map((given) => ends.push(given))
            )
          )
        )
      )
      yield* Deferred.await(started)
      yield* Fiber.interrupt(caller)
      assert.deepStrictEqual(ends, [[ref, [ref, ref]]])
    })
  )
})

const noted = FiberRef.unsafeMake("initial")
const untouched = FiberRef.unsafeMake("initial")
const added = FiberRef.unsafeMake(0, { join: (mine, theirs) => mine + theirs })

describe("FiberRefs", () => {
  const clients: ReadonlyArray<readonly [name: string, pause: Effect.Effect<void>]> = [
    ["at once", Effect.void],
    ["after a while", Effect.sleep("1 second")]
  ]

  const ended = <A, E>(self: Effect.Effect<A, E>) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(self)
      yield* TestClock.adjust("10 seconds")
      return yield* Fiber.join(fiber)
    })

  it.effect.each(clients)("that the client sets reach the caller, where it answers %s", ([, pause]) =>
    ended(
      Effect.gen(function* () {
        yield* within(Effect.zipRight(pause, FiberRef.set(noted, "by the client")))
        assert.strictEqual(yield* FiberRef.get(noted), "by the client")
        yield* Effect.ignore(within(Effect.zipRight(FiberRef.set(noted, "before it failed"), Effect.fail("no"))))
        assert.strictEqual(yield* FiberRef.get(noted), "before it failed")
        yield* Effect.exit(within(Effect.zipRight(FiberRef.set(noted, "before it died"), Effect.die("no"))))
        assert.strictEqual(yield* FiberRef.get(noted), "before it died")
      })
    )
  )

  it.effect("that the client has set before the time was over reach the caller", () =>
    ended(
      Effect.gen(function* () {
        yield* Effect.exit(within(Effect.zipRight(FiberRef.set(noted, "by the client"), Effect.never)))
        assert.strictEqual(yield* FiberRef.get(noted), "by the client")
      })
    )
  )

  it.effect.each(clients)("of the caller reach the client, where it answers %s", ([, pause]) =>
    ended(
      within(Effect.zipRight(pause, FiberRef.get(noted))).pipe(
        Effect.locally(noted, "by the caller"),
        Effect.map((seen) => assert.strictEqual(seen, "by the caller"))
      )
    )
  )

  it.effect("hold the log annotations that the client sets for good", () =>
    ended(
      Effect.gen(function* () {
        yield* within(FiberRef.update(FiberRef.currentLogAnnotations, HashMap.set("request", "1" as unknown)))
        assert.isTrue(HashMap.has(yield* Effect.logAnnotations, "request"))
      })
    )
  )

  it.effect("that the client does not set are not given back: what another has set meanwhile stays", () =>
    Effect.gen(function* () {
      const { client, go, started } = yield* waiting
      const caller = yield* Effect.fork(
        Effect.zip(within(Effect.zipRight(FiberRef.set(noted, "by the client"), client)), FiberRef.get(untouched))
      )
      yield* started
      // what the type does not show, and only the fiber itself may call: it sleeps
      ;(caller as unknown as { setFiberRef: (ref: unknown, value: unknown) => void }).setFiberRef(
        untouched,
        "meanwhile"
      )
      yield* go
      assert.deepStrictEqual(yield* Fiber.join(caller), ["answer", "meanwhile"])
    })
  )

  it.effect("are joined once, by their own rule", () =>
    Effect.gen(function* () {
      yield* FiberRef.set(added, 1)
      yield* within(FiberRef.set(added, 10))
      const joined = yield* FiberRef.get(added)
      yield* FiberRef.set(added, 1)
      yield* Fiber.join(yield* Effect.fork(FiberRef.set(added, 10)))
      assert.strictEqual(joined, yield* FiberRef.get(added))
    })
  )

  it.effect.each(clients)("of the library do not leak, where the client answers %s", ([, pause]) =>
    ended(
      Effect.gen(function* () {
        const before = yield* Effect.context<never>()
        yield* within(Effect.zipRight(pause, FiberRef.set(noted, "by the client")))
        const after: Context.Context<never> = yield* Effect.context<never>()
        assert.strictEqual(after, before)
        assert.isFalse(after.unsafeMap.has(CurrentDeadline.key))
        assert.isFalse(after.unsafeMap.has(FetchHttpClient.RequestInit.key))
        assert.isUndefined(yield* CurrentDeadline)
        const disabled = yield* FiberRef.get(HttpClient.currentTracerDisabledWhen)
        assert.isFalse(disabled(HttpClientRequest.get("https://www.zohoapis.com")))
      })
    )
  )

  it.effect("of a client that sets those of the library do not leak either", () =>
    ended(
      Effect.gen(function* () {
        yield* within(
          Effect.zipRight(
            FiberRef.set(HttpClient.currentTracerDisabledWhen, () => true),
            FiberRef.update(FiberRef.currentContext, (context) => context)
          )
        )
        const disabled = yield* FiberRef.get(HttpClient.currentTracerDisabledWhen)
        assert.isFalse(disabled(HttpClientRequest.get("https://www.zohoapis.com")))
        assert.isUndefined(yield* CurrentDeadline)
      })
    )
  )

  it.effect("do not tell the caller that it was interrupted when the time was over", () =>
    ended(
      Effect.gen(function* () {
        yield* Effect.exit(within(Effect.zipRight(FiberRef.set(noted, "by the client"), Effect.never)))
        assert.isTrue(Cause.isEmpty(yield* FiberRef.get(FiberRef.interruptedCause)))
        yield* Effect.sleep("1 second")
        const refs = yield* Effect.getFiberRefs
        assert.deepStrictEqual(
          Option.map(FiberRefs.get(refs, FiberRef.interruptedCause), Cause.isEmpty),
          Option.some(true)
        )
      })
    )
  )
})

describe("the log", () => {
  it.effect.each([
    ["a failure", Effect.fail("no")],
    ["a defect", Effect.die("no")],
    ["an interruption of its own", Effect.interrupt],
    ["a failure after a while", Effect.zipRight(Effect.yieldNow(), Effect.fail("no"))]
  ] as const)("says nothing of the fiber that nobody is to see, at any level: %s", ([, client]) =>
    Effect.gen(function* () {
      const lines: Array<unknown> = []
      const listening = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => void lines.push(message))
      )
      yield* within(client).pipe(Effect.exit, Logger.withMinimumLogLevel(LogLevel.All), Effect.provide(listening))
      assert.deepStrictEqual(lines, [])
    })
  )
})

describe("time", () => {
  /** Sleeps really, and always says the same time. */
  const standing: Clock.Clock = {
    ...Clock.make(),
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => 0,
    unsafeCurrentTimeNanos: () => 0n,
    currentTimeMillis: Effect.succeed(0),
    currentTimeNanos: Effect.succeed(0n),
    sleep: (duration) => Clock.make().sleep(duration)
  }

  it.live("ends an attempt where the Clock stands still while sleep is real", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.exit(within(Effect.never, "20 millis")), Exit.fail("late"))
      const error = yield* Effect.flip(withTimeout("20 millis")(calling(() => Effect.never)))
      assert.strictEqual(error._tag, "RequestTimedOut")
    }).pipe(Effect.withClock(standing))
  )

  it.live("ends an attempt in Effect's own Clock", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.exit(within(Effect.never, "20 millis")), Exit.fail("late"))
    })
  )

  it.effect("is virtual where the Clock is", () =>
    Effect.gen(function* () {
      const caller = yield* Effect.fork(within(Effect.never, "24 days"))
      yield* TestClock.adjust(Duration.subtract(Duration.days(24), Duration.millis(1)))
      assert.isTrue(Option.isNone(yield* Fiber.poll(caller)))
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Fiber.await(caller), Exit.fail("late"))
    })
  )

  it.effect("is not asked for where the client answers at once", () =>
    Effect.gen(function* () {
      let timers = 0
      const counting: Clock.Clock = {
        ...standing,
        sleep: () => {
          timers += 1
          return Effect.never
        }
      }
      yield* Effect.withClock(within(Effect.succeed("answer")), counting)
      yield* Effect.withClock(within(Effect.yieldNow()), counting)
      assert.strictEqual(timers, 1)
    })
  )

  it.effect.each([
    ["infinite", Duration.infinity],
    ["longer than a timer takes", Duration.days(25)]
  ] as const)("is no limit where it is %s", ([, duration]) =>
    Effect.gen(function* () {
      const { client, go, started } = yield* waiting
      const caller = yield* Effect.fork(within(client, duration))
      yield* started
      assert.strictEqual(yield* sleeping, 0)
      yield* TestClock.adjust("24 days")
      yield* go
      assert.strictEqual(yield* Fiber.join(caller), "answer")
    }).pipe(countingSleeps)
  )

  it.live.each([
    ["infinite", Duration.infinity],
    ["longer than a timer takes", Duration.days(25)]
  ] as const)("is no limit in Effect's own Clock where it is %s", ([, duration]) =>
    Effect.gen(function* () {
      // a timer that overflows would ring within a millisecond
      assert.strictEqual(yield* within(Effect.as(Effect.sleep("20 millis"), "answer"), duration), "answer")
    })
  )

  it.live.each([
    ["zero", Duration.zero],
    ["negative", Duration.millis(-1)],
    ["a nanosecond", Duration.nanos(1n)],
    ["not a number", Duration.millis(Number.NaN)]
  ] as const)("that is %s ends what does not answer at once, and lets be what does", ([, duration]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.exit(within(Effect.never, duration)), Exit.fail("late"))
      assert.strictEqual(yield* within(Effect.succeed("answer"), duration), "answer")
    })
  )

  it.effect("that is over in the same moment as the answer comes leaves the answer", () =>
    Effect.gen(function* () {
      for (const answer of [Effect.succeed("answer"), Effect.fail("no"), Effect.die("no")]) {
        const caller = yield* Effect.fork(within(Effect.zipRight(Effect.sleep("5 seconds"), answer)))
        yield* TestClock.adjust("5 seconds")
        const exit = yield* Fiber.await(caller)
        assert.include([yield* Effect.exit(answer), Exit.fail("late")].map(String), String(exit))
      }
    })
  )

  /** Rings exactly when it is told to. */
  const ringing = () => {
    let ring = () => {}
    const clock: Clock.Clock = {
      ...standing,
      sleep: () => Effect.async((resume) => void (ring = () => resume(Effect.void)))
    }
    return { clock, ring: () => ring() }
  }

  it.effect.each([
    ["an answer", Exit.succeed("answer")],
    ["a failure", Exit.fail("no")],
    ["a defect", Exit.die("no")]
  ] as const)("that is over in the same turn as the client ends lets it be: %s", ([, exit]) =>
    Effect.gen(function* () {
      for (const isFirst of [true, false]) {
        const { clock, ring } = ringing()
        let answer: (end: typeof exit) => void = () => {}
        const caller = yield* Effect.fork(
          within(
            Effect.async<string, string>((resume) => {
              answer = resume
            })
          ).pipe(Effect.withClock(clock))
        )
        yield* Effect.yieldNow()
        if (isFirst) answer(exit)
        ring()
        if (!isFirst) answer(exit)
        assert.deepStrictEqual(yield* Fiber.await(caller), isFirst ? exit : Exit.fail("late"))
      }
    })
  )
})

describe("a client that", () => {
  it.effect("dies is a defect of the caller", () =>
    Effect.gen(function* () {
      for (const client of [Effect.die("no"), Effect.zipRight(Effect.yieldNow(), Effect.die("no"))]) {
        assert.deepStrictEqual(yield* Effect.exit(within(client)), Exit.die("no"))
      }
      const thrown = within(
        Effect.sync(() => {
          throw new TypeError("no")
        })
      )
      const exit = yield* Effect.exit(thrown)
      assert.isTrue(Exit.isFailure(exit) && Cause.isDieType(exit.cause))
    })
  )

  it.effect.each([
    ["an answer, which it filters by its status", HttpClient.filterStatusOk],
    [
      "no answer",
      (client: HttpClient.HttpClient): HttpClient.HttpClient =>
        HttpClient.transform(client, (_, request) =>
          Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport" }))
        )
    ]
  ] as const)("dies after it has failed with %s is a defect of the caller", ([, failing]) =>
    Effect.gen(function* () {
      const fake = yield* FakeBigin.FakeBigin
      yield* fake.inject({ fault: FakeBigin.answerWith(Fixtures.documented("NoPermission")), times: Infinity })
      const dying = HttpClient.transformResponse(Effect.ensuring(Effect.die("no")))
      const minted = BiginAuth.layerRefreshToken({
        clientId: Fixtures.client.clientId,
        clientSecret: Redacted.make(Fixtures.client.clientSecret),
        refreshToken: Redacted.make(Fixtures.client.refreshToken)
      })
      for (const operation of [
        deleteAttachment(ref),
        Stream.runDrain(Attachments.downloadAttachment(ref)),
        Effect.provide(deleteAttachment(ref), minted)
      ]) {
        const exit = yield* operation.pipe(
          Effect.updateService(HttpClient.HttpClient, (client) => dying(failing(client))),
          Effect.exit
        )
        assert.isTrue(Equal.equals(exit, Exit.die("no")))
        const printed = inspect(exit, { depth: 20 })
        for (const secret of [Fixtures.accessTokens.administrator, Fixtures.client.refreshToken]) {
          assert.notInclude(printed, secret)
        }
      }
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect.each(["Decode", "EmptyBody"] as const)(
    "fails since it could not read an answer has lost it: %s",
    (reason) =>
      Effect.gen(function* () {
        const reading = HttpClient.transform<
          HttpClientError.HttpClientError,
          never,
          HttpClientError.HttpClientError,
          never
        >((answer, request) =>
          Effect.flatMap(answer, (response) =>
            Effect.fail(new HttpClientError.ResponseError({ request, response, reason }))
          )
        )
        const error = yield* deleteAttachment(ref).pipe(
          Effect.updateService(HttpClient.HttpClient, reading),
          Effect.flip
        )
        assert.strictEqual(error._tag, "ConnectionLost")
      }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("dies when its time is over has run out of time", () =>
    Effect.gen(function* () {
      const dying = HttpClient.transformResponse(() => Effect.onInterrupt(Effect.never, () => Effect.die("no")))
      const caller = yield* deleteAttachment(ref).pipe(
        Effect.updateService(HttpClient.HttpClient, dying),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(caller))._tag, "RequestTimedOut")
    }).pipe(Effect.provide(FakeBigin.layer))
  )

  it.effect("dies leaves no timer", () =>
    Effect.gen(function* () {
      yield* Effect.exit(within(Effect.zipRight(Effect.yieldNow(), Effect.die("no"))))
      assert.strictEqual(yield* sleeping, 0)
    }).pipe(countingSleeps)
  )

  it.effect("interrupts itself interrupts its caller's effect, but not the caller", () =>
    Effect.gen(function* () {
      for (const client of [Effect.interrupt, Effect.zipRight(Effect.yieldNow(), Effect.interrupt)]) {
        const exit = yield* Effect.exit(within(client))
        assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
        // the caller goes on
        yield* Effect.yieldNow()
      }
    })
  )

  it.effect("may not be interrupted is waited for when the time is over", () =>
    Effect.gen(function* () {
      const caller = yield* Effect.fork(within(Effect.uninterruptible(Effect.as(Effect.sleep("8 seconds"), "answer"))))
      yield* TestClock.adjust("7 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(caller)))
      yield* TestClock.adjust("1 seconds")
      // as with Effect.timeout: behind what may not be interrupted it is
      assert.deepStrictEqual(yield* Fiber.await(caller), Exit.fail("late"))
    })
  )

  it.effect("takes a while to hear that the time is over is waited for", () =>
    Effect.gen(function* () {
      const caller = yield* Effect.fork(within(Effect.onInterrupt(Effect.never, () => Effect.sleep("3 seconds"))))
      yield* TestClock.adjust("7 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(caller)))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* Fiber.await(caller), Exit.fail("late"))
    })
  )

  it.effect("forks what it does not wait for ends it with itself, like every effect", () =>
    Effect.gen(function* () {
      let ended = false
      yield* within(
        Effect.fork(Effect.onInterrupt(Effect.never, () => Effect.sync(() => (ended = true)))).pipe(
          Effect.zipRight(Effect.yieldNow())
        )
      )
      assert.isTrue(ended)
    })
  )

  it.effect("calls the library itself has a deadline for each call", () =>
    Effect.gen(function* () {
      const caller = yield* Effect.fork(within(Effect.either(within(Effect.never, "2 seconds")), "5 seconds"))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(String(yield* Fiber.join(caller)), String(yield* Effect.either(Effect.fail("late"))))
      assert.strictEqual(yield* sleeping, 0)
    }).pipe(countingSleeps)
  )
})

describe("a hold", () => {
  const deadline = Effect.map(CurrentDeadline, (deadline) => {
    assert.isDefined(deadline)
    return deadline
  })

  /** Holds for some time, and then needs more. */
  const holding = (held: Duration.DurationInput, then: Duration.DurationInput) =>
    Effect.flatMap(deadline, ({ hold, release }) =>
      Effect.acquireUseRelease(
        Effect.sync(hold),
        () => Effect.sleep(held),
        () => Effect.sync(release)
      ).pipe(Effect.zipRight(Effect.sleep(then)), Effect.as("answer"))
    )

  it.effect("stops the time, which is whole again behind it", () =>
    Effect.gen(function* () {
      const intime = yield* Effect.fork(
        within(Effect.zipRight(Effect.sleep("4 seconds"), holding("1 hour", "4 seconds")))
      )
      const late = yield* Effect.fork(within(holding("1 hour", "6 seconds")))
      yield* TestClock.adjust("2 hours")
      assert.strictEqual(yield* Fiber.join(intime), "answer")
      assert.deepStrictEqual(yield* Fiber.await(late), Exit.fail("late"))
    })
  )

  it.effect("within a hold ends with the outer one", () =>
    Effect.gen(function* () {
      const nested = (then: Duration.DurationInput) =>
        Effect.flatMap(deadline, ({ hold, release }) =>
          Effect.sync(hold).pipe(
            Effect.zipRight(holding("1 hour", "1 hour")),
            Effect.zipRight(Effect.sync(release)),
            Effect.zipRight(Effect.sleep(then)),
            Effect.as("answer")
          )
        )
      const intime = yield* Effect.fork(within(nested("4 seconds")))
      const late = yield* Effect.fork(within(nested("6 seconds")))
      yield* TestClock.adjust("3 hours")
      assert.strictEqual(yield* Fiber.join(intime), "answer")
      assert.deepStrictEqual(yield* Fiber.await(late), Exit.fail("late"))
      assert.strictEqual(yield* sleeping, 0)
    }).pipe(countingSleeps)
  )

  it.effect("that is released after the end leaves no timer, and rings nobody", () =>
    Effect.gen(function* () {
      const { hold, release } = yield* within(
        Effect.tap(deadline, ({ hold }) => Effect.zipRight(Effect.yieldNow(), Effect.sync(hold)))
      )
      release()
      hold()
      release()
      yield* Effect.yieldNow()
      assert.strictEqual(yield* sleeping, 0)
    }).pipe(countingSleeps)
  )

  it.effect("that an interrupted caller leaves is released without a timer", () =>
    Effect.gen(function* () {
      const caller = yield* Effect.fork(within(holding("1 hour", "1 hour")))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(caller)
      assert.strictEqual(yield* sleeping, 0)
    }).pipe(countingSleeps)
  )

  it.effect("does not keep a caller from being interrupted, nor an uninterruptible one from its end", () =>
    Effect.gen(function* () {
      const { caller, ends } = yield* forkUninterruptible(within(holding("1 hour", "10 seconds")))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interruptFork(caller)
      yield* TestClock.adjust("1 hour")
      assert.isTrue(Option.isNone(yield* Fiber.poll(caller)))
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.await(caller)
      assert.deepStrictEqual(ends, [Exit.fail("late")])
    })
  )

  it.effect("is what two throttles do, one within the other", () =>
    Effect.gen(function* () {
      const client = Layer.succeed(
        HttpClient.HttpClient,
        answering((response) => Effect.as(Effect.sleep("4 seconds"), response))
      )
      const throttled = client.pipe(
        (below) => Layer.provide(Throttle.layer({ perSecond: 1 / 60 }), below),
        (below) => Layer.provide(Throttle.layer({ concurrent: 1 }), below)
      )
      const calls = Effect.all(
        [1, 2, 3].map(() => deleteAttachment(ref)),
        { concurrency: 3 }
      ).pipe(withTimeout("5 seconds"), Effect.provideService(BiginAuth.BiginAuth, auth), Effect.provide(throttled))
      const caller = yield* Effect.fork(calls)
      yield* TestClock.adjust("3 minutes")
      assert.deepStrictEqual(yield* Fiber.join(caller), [ref, ref, ref])
      assert.strictEqual(yield* sleeping, 0)
    }).pipe(countingSleeps)
  )
})

describe("around a call", () => {
  const never = (signals: Array<AbortSignal>) =>
    calling((_, signal) =>
      Effect.zipRight(
        Effect.sync(() => signals.push(signal)),
        Effect.never
      )
    )

  it.effect.each([
    ["race", (call: Effect.Effect<unknown, unknown>) => Effect.race(call, Effect.sleep("1 second"))],
    ["raceFirst", (call: Effect.Effect<unknown, unknown>) => Effect.raceFirst(call, Effect.sleep("1 second"))],
    ["raceAll", (call: Effect.Effect<unknown, unknown>) => Effect.raceAll([call, call, Effect.sleep("1 second")])],
    ["timeout", (call: Effect.Effect<unknown, unknown>) => Effect.ignore(Effect.timeout(call, "1 second"))],
    ["timeoutOption", (call: Effect.Effect<unknown, unknown>) => Effect.timeoutOption(call, "1 second")],
    [
      "Effect.all, of which one fails",
      (call: Effect.Effect<unknown, unknown>) =>
        Effect.ignore(
          Effect.all([call, Effect.zipRight(Effect.sleep("1 second"), Effect.fail("no"))], { concurrency: 2 })
        )
    ],
    [
      "a scope that ends",
      (call: Effect.Effect<unknown, unknown>) =>
        Effect.scoped(Effect.zipRight(Effect.forkScoped(call), Effect.sleep("1 second")))
    ],
    [
      "a parent that ends",
      (call: Effect.Effect<unknown, unknown>) => Effect.zipRight(Effect.fork(call), Effect.sleep("1 second"))
    ]
  ] as const)("%s ends it, its request and its timer", ([, around]) =>
    Effect.gen(function* () {
      const signals: Array<AbortSignal> = []
      const caller = yield* Effect.fork(around(never(signals)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(caller)
      assert.isNotEmpty(signals)
      assert.isTrue(signals.every(({ aborted }) => aborted))
      assert.strictEqual(yield* sleeping, 0)
    }).pipe(countingSleeps)
  )

  it.effect("Effect.disconnect lets the caller go on, and the request is aborted behind it", () =>
    Effect.gen(function* () {
      const { client, go, heard, started } = yield* waiting
      const caller = yield* Effect.fork(Effect.disconnect(within(Effect.uninterruptible(client))))
      yield* started
      yield* Fiber.interrupt(caller)
      yield* go
      yield* Effect.yieldNow()
      assert.deepStrictEqual(heard, ["Success"])
    })
  )
})

/**
 * Everything that runs in it runs one task at a time, in the order in which it came, and time passes when it is told to. So a
 * run is the same each time, and something may happen before any of its tasks.
 */
const makeWorld = () => {
  const tasks: Array<() => void> = []
  const scheduler = Scheduler.make((task) => void tasks.push(task))
  const sleepers = new Set<() => void>()
  const clock: Clock.Clock = {
    ...Clock.make(),
    sleep: () =>
      Effect.async((resume) => {
        const wake = () => {
          sleepers.delete(wake)
          resume(Effect.void)
        }
        sleepers.add(wake)
        return Effect.sync(() => sleepers.delete(wake))
      })
  }
  const fibers = { begun: 0, ended: 0 }
  class Counting extends Supervisor.AbstractSupervisor<void> {
    override readonly value = Effect.void
    override onStart() {
      fibers.begun += 1
    }
    override onEnd() {
      fibers.ended += 1
    }
  }
  const run = <A, E>(
    self: Effect.Effect<A, E>,
    quantum: number,
    events: ReadonlyMap<string, number>,
    happen: (event: string, caller: Fiber.RuntimeFiber<A, E>) => void
  ) => {
    const caller = Effect.runFork(
      self.pipe(Effect.withClock(clock), Effect.supervised(new Counting()), Effect.withMaxOpsBeforeYield(quantum)),
      { scheduler, immediate: false }
    )
    const last = Math.max(...events.values())
    let step = 0
    for (; step <= last || tasks.length > 0; step++) {
      for (const [event, when] of events) if (when === step) happen(event, caller)
      tasks.shift()?.()
      assert.isBelow(step, 5000, "it goes on for ever")
    }
    return { exit: caller.unsafePoll(), steps: step }
  }
  return { fibers, run, sleepers }
}

describe("at any moment", () => {
  type Client = (answer: Effect.Effect<void>) => Effect.Effect<string>

  const clients: ReadonlyArray<readonly [name: string, client: Client]> = [
    ["that answers at once", () => Effect.succeed("answer")],
    ["that yields first", () => Effect.as(Effect.yieldNow(), "answer")],
    ["that waits", (answer) => Effect.as(answer, "answer")],
    ["that waits twice", (answer) => answer.pipe(Effect.zipRight(Effect.yieldNow()), Effect.as("answer"))],
    ["that forks", (answer) => Effect.as(Effect.flatMap(Effect.fork(answer), Fiber.join), "answer")],
    [
      "that takes a while to let go",
      (answer) => Effect.onInterrupt(Effect.as(answer, "answer"), () => Effect.yieldNow())
    ]
  ]

  type Event = readonly [event: "interruption" | "answer" | "ring", moment: number]

  /** The moment is one at which something happens, and then whatever ends it. */
  const eventsAt = (moment: number, steps: number, kind: number): ReadonlyArray<Event> => {
    const kinds: ReadonlyArray<ReadonlyArray<Event>> = [
      [
        ["interruption", moment],
        ["answer", 2 * steps + 50]
      ],
      [
        ["answer", 0],
        ["interruption", moment]
      ],
      [
        ["interruption", moment],
        ["answer", moment]
      ],
      [
        ["answer", moment],
        ["interruption", moment]
      ],
      [
        ["ring", moment],
        ["interruption", moment],
        ["answer", moment + 1]
      ],
      [
        ["interruption", moment],
        ["ring", moment],
        ["answer", moment + 1]
      ],
      [
        ["answer", moment],
        ["ring", moment]
      ],
      [
        ["ring", moment],
        ["answer", 2 * steps + 50]
      ]
    ]
    return kinds[kind % kinds.length] ?? []
  }

  type Place = (call: Effect.Effect<string, string>) => Effect.Effect<string, string>

  const places: ReadonlyArray<readonly [name: string, place: Place, canBeInterrupted: boolean]> = [
    ["by itself", (call) => call, true],
    [
      "behind others",
      (call) =>
        Effect.zipRight(
          Effect.yieldNow(),
          Effect.zipRight(
            Effect.sync(() => {}),
            call
          )
        ),
      true
    ],
    ["in a fork", (call) => Effect.flatMap(Effect.fork(call), Fiber.join), true],
    ["within a mask", (call) => Effect.uninterruptibleMask((restore) => restore(call)), true],
    ["where it may not be interrupted", (call) => Effect.uninterruptible(call), false],
    [
      "as a finalizer",
      (call) =>
        Effect.zipRight(
          Effect.exit(
            Effect.acquireUseRelease(
              Effect.void,
              () => Effect.void,
              () => Effect.orDie(call)
            )
          ),
          Effect.succeed("answer")
        ),
      false
    ]
  ]

  it.each(places.flatMap((place) => clients.map((client) => ({ place, client }))))(
    "a call $place.0 of a client $client.0 ends, alone, and its client hears what its caller hears",
    ({ client: [, client], place: [, place, canBeInterrupted] }) => {
      const runs = (quantum: number, events: ReadonlyArray<Event>) => {
        const { fibers, run, sleepers } = makeWorld()
        const heard: Array<string> = []
        let answered: (() => void) | undefined
        let isAnswered = false
        const answer = Effect.async<void>((resume) => {
          answered = () => resume(Effect.void)
          if (isAnswered) answered()
        })
        let asked = 0
        const call = within(
          Effect.suspend(() => {
            asked += 1
            return client(answer)
          }).pipe(
            Effect.onExit((exit) => Effect.sync(() => heard.push(Exit.isInterrupted(exit) ? "interrupted" : exit._tag)))
          )
        )
        const ends: Array<"interrupted" | "answer" | "late"> = []
        const noting = Effect.onExit(call, (exit) =>
          Effect.sync(() =>
            ends.push(Exit.isInterrupted(exit) ? "interrupted" : Exit.isSuccess(exit) ? "answer" : "late")
          )
        )
        const { exit, steps } = run(place(noting), quantum, new Map(events), (event, caller) => {
          if (event === "interruption") caller.unsafeInterruptAsFork(FiberId.none)
          if (event === "answer") {
            isAnswered = true
            answered?.()
          }
          if (event === "ring") for (const wake of sleepers) wake()
        })
        const told = `${quantum} ${events.join(" ")}: ${ends} ${heard}`
        assert.isTrue(exit !== null, `it hangs ${told}`)
        assert.strictEqual(fibers.ended, fibers.begun, `a fiber is left ${told}`)
        assert.strictEqual(sleepers.size, 0, `a timer is left ${told}`)
        const isInterrupted = events.some(([event]) => event === "interruption")
        const isLate = events.some(([event]) => event === "ring")
        assert.strictEqual(heard.length, asked, `a client is left ${told}`)
        const [end] = ends
        if (asked === 0) {
          assert.isTrue(isInterrupted, `nothing was asked ${told}`)
        } else if (heard[0] === "interrupted") {
          // exactly one who was told so
          assert.isTrue(end === "interrupted" ? isInterrupted && canBeInterrupted : end === "late" && isLate, told)
        } else {
          // what comes between its end and that of its fiber is heard by the caller alone
          const canBe = { answer: true, late: isLate, interrupted: isInterrupted && canBeInterrupted }
          assert.isTrue(canBe[end ?? "late"], told)
        }
        return steps
      }

      // below ten operations no fiber of Effect's gets anywhere
      for (const quantum of [10, 11, 12, 13, 14, 15, 17, 20, 26, 2048]) {
        const steps = runs(quantum, [["answer", 0]])
        const stride = Math.max(1, Math.floor(steps / 20))
        for (let moment = 0, kind = quantum; moment <= steps + 3; moment += stride, kind++) {
          runs(quantum, eventsAt(moment, steps, kind))
        }
      }
    }
  )
})

describe("a request that is called off at any moment", () => {
  it.each([
    ["small", "200"],
    ["of a length that is not told", undefined]
  ])("is aborted, or its answer was read to the end: an answer that is %s", (_, length) => {
    const { body, headers, status } = Fixtures.success(ref.attachmentId)
    const bytes = new TextEncoder().encode(body)
    let aborted = 0

    const runs = (quantum: number, moment: number) => {
      const { run } = makeWorld()
      const steps: Array<() => void> = []
      const step = Effect.async<void>((resume) => void steps.push(() => resume(Effect.void)))
      const seen: { signal?: AbortSignal; isRead: boolean } = { isRead: false }
      const read = Effect.zipRight(
        step,
        Effect.sync(() => {
          seen.isRead = true
          return bytes
        })
      )
      const client = HttpClient.make((request, _url, signal) => {
        seen.signal = signal
        const web = new Response(null, {
          status,
          headers: length === undefined ? headers : { "content-length": length }
        })
        const response: HttpClientResponse.HttpClientResponse = Object.create(
          HttpClientResponse.fromWeb(request, web),
          { arrayBuffer: { value: read }, stream: { value: Stream.fromEffect(read) } }
        )
        return Effect.as(step, response)
      })
      const call = deleteAttachment(ref).pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        Effect.provideService(BiginAuth.BiginAuth, auth)
      )
      const events = new Map([["interruption", moment]])
      // what the client waits for is there as soon as it is asked for
      const prompt = Effect.forkDaemon(
        Effect.forever(
          Effect.zipRight(
            Effect.sync(() => steps.shift()?.()),
            Effect.yieldNow()
          )
        ).pipe(Effect.interruptible)
      )
      const { exit, steps: count } = run(
        Effect.acquireUseRelease(prompt, () => call, Fiber.interruptFork),
        quantum,
        events,
        (_event, caller) => caller.unsafeInterruptAsFork(FiberId.none)
      )
      assert.isTrue(exit !== null, "it hangs")
      if (seen.signal?.aborted === true) aborted += 1
      if (exit !== null && Exit.isInterrupted(exit)) {
        assert.isTrue(
          seen.signal === undefined || seen.signal.aborted || seen.isRead,
          `nobody reads it, and nobody aborts it: ${quantum} ${moment}`
        )
      }
      return count
    }

    // A fiber that must yield between the client's answer and its reading, which takes 2,048 operations, loses the answer:
    // then it is the platform that aborts it, when it is collected.
    const steps = runs(2048, 3000) - 3000
    for (let moment = 0; moment < 60; moment++) runs(2048, moment)
    assert.isBelow(steps, 60)
    assert.isAbove(aborted, 2)
  })
})
