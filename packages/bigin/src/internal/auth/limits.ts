/** When tokens may be asked for: Zoho mints ten in ten minutes, of all processes that share a store. */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import { type TokenRejected, TokenUnreachable } from "../../errors/undocumented.ts"
import type { MintError, MintFailure } from "./mint.ts"
import type { Entry } from "./entry.ts"

const windowMillis = Duration.toMillis("10 minutes")
const mintsInWindow = 10
const rejectionMillis = Duration.toMillis("1 minute")

type Count = Entry["mints"][number]

/** For the layer of that name. Times are in milliseconds since the epoch. */
export const makeLimits = (by: string) => {
  let mints: ReadonlyArray<Count> = []
  let throttle: Entry["throttle"]
  let rejection: { readonly error: TokenRejected; readonly at: number } | undefined

  /** What lies in the future was written while a clock was ahead, and means nothing. */
  const isPast = (at: number, now: number) => at <= now

  return {
    known: (): Pick<Entry, "mints" | "throttle"> => ({ mints, ...(throttle === undefined ? {} : { throttle }) }),

    /** What other processes have left: of their own mints they know better, of a throttle the later one counts. */
    learn: (stored: Entry, now: number): void => {
      mints = [...mints.filter((own) => own.by === by), ...stored.mints.filter((other) => other.by !== by)].filter(
        ({ at }) => isPast(at, now) && at > now - windowMillis
      )
      throttle = [throttle, stored.throttle]
        .filter((one) => one !== undefined)
        .filter(({ at, until }) => isPast(at, now) && until > now)
        .toSorted((one, other) => other.until - one.until)[0]
    },

    isMintingElsewhere: (now: number, patience: number): boolean =>
      mints.some((other) => other.by !== by && other.pending && other.at > now - patience),

    allow: (now: number): Either.Either<void, MintError> => {
      if (rejection !== undefined && isPast(rejection.at, now) && now < rejection.at + rejectionMillis) {
        return Either.left(rejection.error)
      }
      const oldest = mints.map(({ at }) => at).toSorted((one, other) => one - other)[mints.length - mintsInWindow]
      const until = Math.max(throttle?.until ?? now, oldest === undefined ? now : oldest + windowMillis)
      if (until <= now) return Either.void
      return Either.left(
        new TokenUnreachable({
          reason: "no more tokens may be minted for now (10 in 10 minutes are allowed)",
          retryAfter: Duration.millis(until - now)
        })
      )
    },

    /** Counts before the request: one that is lost may have minted. */
    begin: (at: number): Count => {
      const count = { at, by, pending: true }
      mints = [...mints, count]
      return count
    },

    ended: (count: Count): void => {
      mints = mints.map((one) => (one === count ? { ...one, pending: false } : one))
    },

    failed: (count: Count, { error, sent, throttled }: MintFailure, at: number): void => {
      // what was never sent has minted nothing
      mints = mints.flatMap((one) => (one !== count ? [one] : sent ? [{ ...one, pending: false }] : []))
      if (error._tag === "TokenRejected") rejection = { error, at }
      else if (throttled && error.retryAfter !== undefined) {
        throttle = { at, until: at + Duration.toMillis(error.retryAfter) }
      }
    }
  }
}
