/** What must hold of every history. Pure, and it knows nothing of how a run is made. */
import { type EventOf, eventsOf, type History } from "./history.ts"

export interface Violation {
  readonly invariant: Invariant
  readonly what: string
}

type Check = (history: History) => ReadonlyArray<string>

/** The requests of what a saying is about. */
const deletesOf = (history: History, { attachment, operation }: { attachment: string; operation: number }) =>
  eventsOf(history, "Sent").filter(
    (sent) => sent.method === "DELETE" && sent.operation === operation && sent.attachment === attachment
  )

const ending = (history: History, request: number): EventOf<"Ended"> | undefined =>
  eventsOf(history, "Ended").find((ended) => ended.request === request)

/** When a request of ours has deleted it. */
const deletionBy = (history: History, requests: ReadonlyArray<EventOf<"Sent">>): EventOf<"Changed"> | undefined =>
  eventsOf(history, "Changed").find(
    ({ change, request }) => change === "deleted" && requests.some((sent) => sent.request === request)
  )

const isThere = (history: History, attachment: string, before: EventOf<"Said">): boolean => {
  let there = history.attachments.includes(attachment)
  for (const event of history.events) {
    if (event === before) break
    if (event._tag === "Changed" && event.attachment === attachment) there = event.change === "uploaded"
  }
  return there
}

const sayings = (history: History, ...which: ReadonlyArray<EventOf<"Said">["said"]>) =>
  eventsOf(history, "Said").filter(({ said }) => which.includes(said))

const tell = ({ attachment, how, operation }: EventOf<"Said">) => `operation ${operation} said ${how} of ${attachment}`

const invariants = {
  "nothing said gone is still there": (history) =>
    sayings(history, "gone")
      .filter((said) => isThere(history, said.attachment, said))
      .map((said) => `${tell(said)}, which was there`),

  "nothing is said deleted that the call has not deleted": (history) =>
    sayings(history, "gone")
      .filter(({ how }) => how.startsWith("Deleted"))
      .filter((said) => deletionBy(history, deletesOf(history, said)) === undefined)
      .map((said) => `${tell(said)}, which it has not deleted`),

  "a failure without mayHaveApplied has deleted nothing": (history) =>
    sayings(history, "untouched")
      .filter((said) => deletionBy(history, deletesOf(history, said)) !== undefined)
      .map((said) => `${tell(said)}, which it has deleted`),

  "doubt has a cause": (history) =>
    sayings(history, "doubt")
      .filter((said) => !deletesOf(history, said).some(({ request }) => ending(history, request)?.isOpen))
      .map((said) => `${tell(said)}, and every DELETE was answered`),

  "every item is accounted once": (history) => {
    const key = ({ attachment, operation }: { attachment: string; operation: number }) => `${operation} ${attachment}`
    const began = eventsOf(history, "Began").map(key).toSorted()
    const said = eventsOf(history, "Said").map(key).toSorted()
    return began.join() === said.join() ? [] : [`began ${began.join(", ")}; accounted ${said.join(", ")}`]
  },

  "what is to be kept is whole on disk before it is deleted": (history) =>
    eventsOf(history, "Sent").flatMap((sent) => {
      const keeps = sent.operation !== undefined && history.terms[sent.operation]?.keeps
      const deletion = keeps && deletionBy(history, [sent])
      return deletion && !deletion.isKept
        ? [`request ${sent.request} deleted ${sent.attachment} before it was kept`]
        : []
    }),

  "nothing dies": (history) => {
    const isInterrupted = eventsOf(history, "Interrupted").length > 0
    return [
      ...sayings(history, "died").map(tell),
      ...eventsOf(history, "Failed")
        .filter((failed) => !(failed.isInterrupted && isInterrupted))
        .map(({ how, operation }) => `operation ${operation} ended with ${how}`)
    ]
  },

  "everything ends": (history) => eventsOf(history, "Hung").map(({ why }) => why),

  "no DELETE of what nobody gave": (history) => {
    const began = eventsOf(history, "Began")
    return eventsOf(history, "Sent").flatMap(({ attachment, method, operation, request }) =>
      method !== "DELETE" || began.some((item) => item.operation === operation && item.attachment === attachment)
        ? []
        : [`request ${request} was a DELETE of ${attachment}`]
    )
  },

  "no more DELETEs than the policy allows": (history) =>
    eventsOf(history, "Began").flatMap((item) => {
      const allowed = history.terms[item.operation]?.mostDeletes ?? 0
      const all = deletesOf(history, item)
      const counted = all.filter(({ request }) => !ending(history, request)?.isTokenRefusal)
      // of each attempt a refused token allows one more
      return counted.length > allowed || all.length > 2 * allowed
        ? [`operation ${item.operation} sent ${all.length} DELETEs of ${item.attachment}, allowed are ${allowed}`]
        : []
    }),

  "no DELETE after one that may have happened, but by who may": (history) =>
    eventsOf(history, "Began").flatMap((item) => {
      if (history.terms[item.operation]?.asksAgainInDoubt) return []
      const deletes = deletesOf(history, item)
      return deletes.slice(0, -1).some(({ request }) => ending(history, request)?.isOpen ?? true)
        ? [`operation ${item.operation} asked again for ${item.attachment}`]
        : []
    }),

  "no more calls at once than the throttle lets through": (history) => {
    const underWay = new Set<number>()
    return history.events.flatMap((event) => {
      if (event._tag === "Ended") underWay.delete(event.request)
      if (event._tag !== "Sent") return []
      underWay.add(event.request)
      // one that is interrupted gives its place away and is aborted in the same moment, in this order
      const others = [...underWay].filter((request) => {
        const ended = ending(history, request)
        return request !== event.request && !(ended?.fate === "Aborted" && ended.at === event.at)
      })
      return others.length >= (history.throttle?.concurrent ?? Infinity)
        ? [`request ${event.request} was sent while ${others.length} were under way`]
        : []
    })
  },

  "no more calls a second than the throttle lets through": (history) => {
    const sent = eventsOf(history, "Sent")
    return sent.flatMap(({ at, request }, index) => {
      const before = sent[index - (history.throttle?.perSecond ?? Infinity)]
      return before !== undefined && at < before.at + 1_000
        ? [`request ${request} was sent ${at - before.at} ms after request ${before.request}`]
        : []
    })
  },

  "what has left is waited for": (history) =>
    eventsOf(history, "Sent").flatMap(({ at, method, operation, request }) => {
      const waits = operation !== undefined && method === "DELETE" && history.terms[operation]?.waits
      const ended = ending(history, request)
      // a clock of nanoseconds is up to one of them early
      return waits && ended?.fate === "Aborted" && ended.at - at < waits - 1
        ? [`request ${request} was given up after ${ended.at - at} ms`]
        : []
    }),

  "no request is left under way": (history) => {
    const finished = history.events.findIndex(({ _tag }) => _tag === "Finished")
    const before = history.events.slice(0, finished)
    return history.events.flatMap((event, index) => {
      if (event._tag !== "Sent") return []
      if (finished >= 0 && index > finished) return [`request ${event.request} was sent after the end`]
      return before.some((other) => other._tag === "Ended" && other.request === event.request)
        ? []
        : [`request ${event.request} was under way at the end`]
    })
  },

  "no fiber is left behind": (history) =>
    eventsOf(history, "Finished")
      .filter(({ fibers }) => fibers > 0)
      .map(({ fibers }) => `${fibers} fibers were alive at the end`),

  "no secret is printed": ({ printed, secrets }) =>
    printed.flatMap((text) =>
      secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret} is in ${text.slice(0, 500)}`)
    )
} satisfies Record<string, Check>

export type Invariant = keyof typeof invariants

export const names = Object.keys(invariants) as ReadonlyArray<Invariant> // keys of a literal object

/** Everything that does not hold. */
export const violations = (history: History): ReadonlyArray<Violation> =>
  names.flatMap((invariant) => invariants[invariant](history).map((what) => ({ invariant, what })))
