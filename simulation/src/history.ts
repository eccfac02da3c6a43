/** What happened in a run, in order, as plain data: the judge knows no more than this. */

/** What a call has told its caller of an attachment. */
export type Saying =
  /** Proven: it is not there. */
  | "gone"
  /** A failure without `mayHaveApplied`: this call has deleted nothing. */
  | "untouched"
  /** A failure with `mayHaveApplied`. */
  | "doubt"
  /** Nothing: the caller has gone away first. */
  | "interrupted"
  /** Nothing, and it should have: a defect. */
  | "died"

/** Milliseconds since the beginning are in `at`; the order within one is that of the list. */
export type Event = { readonly at: number } & (
  | { readonly _tag: "Began"; readonly operation: number; readonly attachment: string }
  | {
      readonly _tag: "Sent"
      readonly request: number
      /** Which operation it is of; none of those that share a token. */
      readonly operation?: number
      readonly method: "DELETE" | "GET" | "POST"
      readonly attachment?: string
      readonly url: string
      readonly fault: string
    }
  | {
      readonly _tag: "Changed"
      readonly change: "deleted" | "uploaded"
      readonly attachment: string
      /** Ours where there is one, else somebody else's doing. */
      readonly request?: number
      /** Of what was deleted: whether a crash at that moment would leave it whole on disk. */
      readonly isKept?: boolean
    }
  | { readonly _tag: "TokensKilled" }
  /** An act of the disk fails, or does what it should not. */
  | { readonly _tag: "DiskFault"; readonly what: string }
  | {
      readonly _tag: "Ended"
      readonly request: number
      readonly fate: "Answered" | "Broken" | "Unreachable" | "Aborted"
      readonly status?: number
      /** What the answer leaves open: it may have been done, as far as it tells. */
      readonly isOpen: boolean
      readonly isTokenRefusal: boolean
    }
  | {
      readonly _tag: "Said"
      readonly operation: number
      readonly attachment: string
      readonly said: Saying
      /** The outcome and its proof, or the tag of the error. */
      readonly how: string
    }
  /** All of it, from outside. */
  | { readonly _tag: "Interrupted" }
  /** A program has ended otherwise than by its end. */
  | { readonly _tag: "Failed"; readonly operation: number; readonly isInterrupted: boolean; readonly how: string }
  | { readonly _tag: "Finished"; readonly fibers: number }
  | { readonly _tag: "Hung"; readonly why: string }
)

export type EventOf<Tag extends Event["_tag"]> = Extract<Event, { readonly _tag: Tag }>

/** What a program may do for one of its attachments. */
export interface Terms {
  readonly program: string
  /** DELETEs that Bigin answers otherwise than by refusing the token. */
  readonly mostDeletes: number
  /** Whether it may ask again after a DELETE that may have happened. */
  readonly asksAgainInDoubt: boolean
  /** Whether what it deletes has to be on disk by then. */
  readonly keeps?: true
  /** For how many milliseconds it waits for the answer to what has left, also where it is interrupted. */
  readonly waits?: number
}

/** What a layer of the library lets through: calls at once, and a second. */
export type Throttling = { readonly concurrent: number; readonly perSecond: number }

export interface History {
  readonly throttle: Throttling | null
  /** What was attached at first. */
  readonly attachments: ReadonlyArray<string>
  /** By operation. */
  readonly terms: ReadonlyArray<Terms>
  readonly events: ReadonlyArray<Event>
  readonly secrets: ReadonlyArray<string>
  /** Everything that a caller could have printed, and all that was logged. */
  readonly printed: ReadonlyArray<string>
}

export const eventsOf = <Tag extends Event["_tag"]>({ events }: History, tag: Tag): ReadonlyArray<EventOf<Tag>> =>
  events.filter((event): event is EventOf<Tag> => event._tag === tag)
