/** A clock that is off. */
import { type Clock, Effect } from "effect"

/** Milliseconds to add; they may be changed while a program runs. */
export interface Offset {
  millis: number
  nanos: number
}

/** What it says of the date, which may be set, and of the time that has passed, which may stand still. */
export const off = (clock: Clock.Clock, offset: Readonly<Offset>): Clock.Clock => {
  const millis = () => clock.unsafeCurrentTimeMillis() + offset.millis
  const nanos = () => clock.unsafeCurrentTimeNanos() + BigInt(offset.nanos) * 1_000_000n
  return Object.assign(Object.create(clock), {
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos
  }) as Clock.Clock // one that is off
}
