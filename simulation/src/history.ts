/** What happened in a run, in order, as plain data: the judge knows no more than this. */

/** What a call has told its caller of an item. */
export type Saying =
  /** Proven: it is not there. */
  | "gone"
  /** A list, a file or an upload has come to its end. */
  | "done"
  /** A failure without `mayHaveApplied`: this call has changed nothing. */
  | "untouched"
  /** A failure with `mayHaveApplied`. */
  | "doubt"
  /** Nothing: the caller has gone away first. */
  | "interrupted"
  /** Nothing, and it should have: a defect. */
  | "died"

/** What an operation was given: a number of its own, since one attachment may come twice. */
export interface Item {
  readonly operation: number
  readonly item: number
  readonly attachment: string
}

/** Milliseconds since the beginning are in `at`; the order within one is that of the list. */
export type Event = { readonly at: number } & (
  | ({ readonly _tag: "Began" } & Item)
  | {
      readonly _tag: "Sent"
      readonly request: number
      /** Which operation it is of; none of those that share a token. */
      readonly operation?: number
      readonly method: "DELETE" | "GET" | "POST" | "UPLOAD"
      readonly record?: string
      readonly attachment?: string
      readonly url: string
      readonly fault: string
    }
  | {
      readonly _tag: "Changed"
      readonly change: "deleted" | "uploaded"
      readonly record: string
      readonly attachment: string
      /** Ours where there is one, else somebody else's doing. */
      readonly request?: number
      /** Of what was deleted: whether a crash at that moment would leave it whole on disk. */
      readonly isKept?: boolean
      /** Of what was uploaded: its text. */
      readonly content?: string
    }
  | { readonly _tag: "TokensKilled" }
  /** Somebody sets the clock. */
  | { readonly _tag: "ClockSet"; readonly by: number }
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
      /** Whether it refuses the id of the attachment itself. */
      readonly isRefusal?: boolean
      /** How long it asks to wait, in milliseconds. */
      readonly retryAfter?: number
      /** How many API credits it says remain. */
      readonly credits?: number
      /** Of a page of a list that is one: the ids on it. */
      readonly rows?: ReadonlyArray<string>
    }
  | ({
      readonly _tag: "Said"
      readonly said: Saying
      /** The outcome and its proof, or the tag of the error. */
      readonly how: string
      readonly attempts?: number
      /** In milliseconds. */
      readonly duration?: number
      /** Of NotAttempted: why. */
      readonly stoppedBy?: string
      /** Of OutcomeUnknown: the tag of what its last DELETE failed with. */
      readonly last?: string
    } & Item)
  /** `onReport` has done with a report. */
  | { readonly _tag: "Noted"; readonly operation: number; readonly item: number }
  /** The Stream of reports gives one. */
  | { readonly _tag: "Emitted"; readonly operation: number; readonly item: number }
  /** The Stream of reports has ended. */
  | {
      readonly _tag: "Closed"
      readonly operation: number
      readonly how: "done" | "stopped" | "failed" | "died" | "interrupted"
      readonly why?: string
      /** Of one that was stopped: outcomes and tags with their numbers. */
      readonly summary?: Readonly<Record<string, number>>
    }
  /** All of it, from outside. */
  | { readonly _tag: "Interrupted" }
  /** The machine stops; what is on its disk stays. All programs begin again. */
  | { readonly _tag: "Crashed"; /** How many operations were begun before. */ readonly operations: number }
  /** A program has ended otherwise than by its end. */
  | { readonly _tag: "Failed"; readonly operation: number; readonly isInterrupted: boolean; readonly how: string }
  | { readonly _tag: "Finished"; readonly fibers: number }
  | { readonly _tag: "Hung"; readonly why: string }
)

export type EventOf<Tag extends Event["_tag"]> = Extract<Event, { readonly _tag: Tag }>

/** When a program asks again. */
export interface Policy {
  /** The shortest wait between two DELETEs, in milliseconds. */
  readonly shortest: number
  /** The longest `Retry-After` that it waits for, in milliseconds; none at all where it does not look at it. */
  readonly mostAsked: number | null
  /** How long after the first failure the last attempt may begin, in milliseconds. */
  readonly within: number | null
}

/** How a collection is run. */
export interface Collection {
  readonly concurrency: number | "adaptive"
  /** How its source gives: at once, after a while, or so that what it gives is its own from then on (a row that is claimed). */
  readonly pull: "at once" | "slow" | "claims"
  /** How its source ends. */
  readonly ends: "ends" | "fails" | "dies" | "never"
  /** How many items a pull gives. */
  readonly atATime: number
  readonly onReport: "prompt" | "slow" | "dies"
  readonly stopOn: "default" | "never" | "permission" | "anything"
  readonly keepCredits: number | null
  /** After how many reports the Stream is cut downstream. */
  readonly cut: number | null
}

/** What a program may do for one of its attachments. */
export interface Terms {
  readonly program: string
  readonly does: "deletes" | "uploads" | "reads"
  /** DELETEs that Bigin answers otherwise than by refusing the token. */
  readonly mostDeletes: number
  /** Whether it may ask again after a DELETE that may have happened. */
  readonly asksAgainInDoubt: boolean
  readonly policy?: Policy
  /** Whether what it deletes has to be on disk by then. */
  readonly keeps?: true
  /** For how many milliseconds it waits for the answer to what has left, also where it is interrupted. */
  readonly waits?: number
  readonly collection?: Collection
}

/** What a layer of the library lets through: calls at once, and a second. */
export type Throttling = { readonly concurrent: number; readonly perSecond: number }

/** What a client does on its own account with what it is given. */
export interface ClientTraits {
  /** Whether whoever leaves takes the request along; otherwise it goes on. */
  readonly passesOn: boolean
  /** Whether it sends one request more than once. */
  readonly repeats: boolean
  /** Whether a request waits in it, seen by nobody. */
  readonly queues: boolean
  /** Whether it looks at a request as late as it sends it, so that whoever is called before that can hold it back. */
  readonly asksLast: boolean
}

export interface History {
  readonly throttle: Throttling | null
  readonly client: ClientTraits
  /** Whether one token is all there is. */
  readonly hasOneToken: boolean
  /** What was attached at first. */
  readonly attachments: ReadonlyArray<{ readonly id: string; readonly record: string; readonly content: string }>
  /** By operation. */
  readonly terms: ReadonlyArray<Terms>
  readonly events: ReadonlyArray<Event>
  readonly secrets: ReadonlyArray<string>
  /** Everything that a caller could have printed, and all that was logged. */
  readonly printed: ReadonlyArray<string>
}

export const eventsOf = <Tag extends Event["_tag"]>({ events }: History, tag: Tag): ReadonlyArray<EventOf<Tag>> =>
  events.filter((event): event is EventOf<Tag> => event._tag === tag)
