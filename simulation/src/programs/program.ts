/** What a program of the simulation is: one of the library's operations, used as its docs say. */
import type { FileSystem, HttpClient, Path } from "@effect/platform"
import type { Effect } from "effect"
import { type BiginAuth, Retry } from "effect-bigin"
import type { Journal } from "../journal.ts"

/** What a program is told to do. Attachments are refs of one record. */
export interface Order {
  readonly operation: number
  readonly refs: ReadonlyArray<{ readonly module: string; readonly recordId: string; readonly attachmentId: string }>
  readonly times: number
}

export interface Program {
  /** How often it may send a DELETE of one attachment, given how often it may retry. */
  readonly mostDeletes: (times: number) => number
  /** Whether it may ask again after a DELETE that may have happened. */
  readonly asksAgainInDoubt: boolean
  /** Whether it keeps what it deletes. */
  readonly keeps?: true
  /** For how many milliseconds it waits for the answer to what has left, also where it is interrupted. */
  readonly waits?: number
  /** It writes down what it has begun and what it was told, and cannot fail. */
  readonly run: (
    order: Order,
    journal: Journal
  ) => Effect.Effect<void, never, FileSystem.FileSystem | Path.Path | HttpClient.HttpClient | BiginAuth.BiginAuth>
}

/** Waits of half a second and one second, so that they fall among those of the network. */
export const patiently = (times: number) => Retry.schedule({ times, base: "500 millis", cap: "1 second" })
