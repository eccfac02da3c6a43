/** What is known of a grant beside its current token, and where that is kept. */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"

/** Times are in milliseconds since the epoch. */
export interface Entry {
  readonly token?: {
    readonly accessToken: Redacted.Redacted
    readonly apiOrigin: string
    readonly scopes?: ReadonlyArray<string>
    readonly obtainedAt: number
    readonly renewAt: number
  }
  /** When tokens were asked for within the throttle's window, by which layer, and whether it still waits for the reply. */
  readonly mints: ReadonlyArray<{ readonly at: number; readonly by: string; readonly pending: boolean }>
  readonly throttle?: { readonly at: number; readonly until: number }
}

export const nothing: Entry = { mints: [] }

export interface TokenStore {
  readonly load: Effect.Effect<Entry>
  /** Loads, changes and writes: what other processes have written meanwhile is not lost. */
  readonly update: (change: (stored: Entry) => Entry) => Effect.Effect<void>
}

/** For a layer whose tokens end with it. */
export const none: TokenStore = {
  load: Effect.succeed(nothing),
  update: (change) => Effect.sync(() => void change(nothing))
}
