/** A time limit that counts from where a request is handed to the transport, also through a client that holds it back. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import { raceFirst } from "../many/raceFirst.ts"

/** What a client wraps around a wait before it sends: then the wait counts into no limit. It reaches through any wrapping. */
export class HeldBack extends Context.Reference<HeldBack>()("effect-bigin/internal/HeldBack", {
  defaultValue: (): ((wait: Effect.Effect<void>) => Effect.Effect<void>) => identity
}) {}

/** `Effect.timeoutFail`, whose time stands still while the request is held back and starts anew when it is let go. */
export const timeoutFail =
  <E1>({ duration, onTimeout }: { readonly duration: Duration.Duration; readonly onTimeout: () => E1 }) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E1, R> =>
    Effect.gen(function* () {
      const around = yield* HeldBack
      const handedOver = yield* Effect.makeLatch(true)
      let since = yield* now

      const startAnew = Effect.map(now, (time) => {
        since = time
      })
      const heldBack = (wait: Effect.Effect<void>) =>
        Effect.acquireUseRelease(
          handedOver.close,
          () => around(wait),
          () => Effect.zipRight(startAnew, handedOver.open)
        )

      const expiry: Effect.Effect<never, E1> = handedOver.whenOpen(
        Effect.flatMap(now, (time) => {
          const left = Duration.subtract(Duration.sum(since, duration), time)
          return Duration.greaterThan(left, Duration.zero)
            ? Effect.zipRight(Effect.sleep(left), expiry)
            : Effect.failSync(onTimeout)
        })
      )

      return yield* raceFirst(
        Effect.provideService(self, HeldBack, heldBack),
        // where nothing may be interrupted, the winner would wait for the whole time
        Effect.interruptible(expiry)
      )
    })

/** In nanoseconds, since that clock is never set back. */
const now = Effect.map(Clock.currentTimeNanos, Duration.nanos)
