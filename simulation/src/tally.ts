/** How often everything that can be drawn was drawn, and everything that can come out came out. */
import { Errors } from "effect-bigin"
import { clientNames } from "./clients.ts"
import { type Method, namesOf } from "./faults.ts"
import { type EventOf, eventsOf, type History } from "./history.ts"
import type { Plan } from "./plan.ts"
import { programNames } from "./programs/index.ts"
import { policyNames } from "./programs/program.ts"
import { link } from "./world.ts"

/** By group and name. */
export type Tally = { [group: string]: { [name: string]: number } }

const methods: ReadonlyArray<Method> = ["DELETE", "GET", "UPLOAD", "POST"]

const moments = [
  "before any request",
  "before Bigin did it",
  "after Bigin did it, before the answer",
  "during another request",
  "between requests"
] as const

/** What programs of each kind come to where all goes well. */
const ends = {
  gone: programNames.filter((name) => !/^(list|select|download|upload)/.test(name)),
  done: programNames.filter((name) => /^(list|select|download|upload)/.test(name))
}

/** What must occur in a run that is long enough. */
const expected: { readonly [group: string]: ReadonlyArray<string> } = {
  ...Object.fromEntries(methods.map((method) => [`faults of ${method}`, namesOf(method)])),
  programs: programNames,
  "programs that found it gone": ends.gone,
  "programs that came to their end": ends.done,
  "programs that were begun again after a crash": programNames,
  clients: clientNames,
  "clients of a collection": clientNames,
  policies: policyNames,
  records: ["1", "2", "3"],
  "one attachment twice": ["in a collection", "in two programs at the same time"],
  "archived by two programs at the same time": ["a file"],
  "the clock": ["is set back", "is set forward"],
  "calls at once": ["1", "2", "3", "5", "12", "adaptive"],
  sources: ["at once", "slow", "claims"],
  "how sources end": ["ends", "fails", "dies", "never"],
  "items a pull": ["1", "2", "3"],
  "who listens": ["prompt", "slow", "dies"],
  "what stops": ["default", "never", "permission", "anything"],
  "credits to keep": ["none", "0", "100"],
  "cut after": ["nothing", "1", "2"],
  "how a Stream ended": ["done", "stopped", "failed", "died", "interrupted"],
  "stopped by": [
    "ApiCredits",
    "OAuthScopeMismatch",
    "InvalidToken",
    "TokenRejected",
    "NoPermission",
    "AuthorizationFailed"
  ],
  "not attempted because of": ["ApiCredits", "OAuthScopeMismatch", "Interruption", "Defect"],
  lists: ["of one page", "of several pages", "empty"],
  version: ["v1", "v2"],
  "faults of the disk": [
    ...["exists", "makeDirectory", "readFileString", "open", "writeAll", "sync", "stream", "rename", "remove"].map(
      (act) => `${act} fails`
    ),
    "writeAll rots"
  ],
  kept: ["a file", "a link"],
  auth: ["access token", "refresh token"],
  throttle: ["none", "a few calls", "a fraction at once", "a fraction a second", "less than one a second"],
  "others meanwhile": ["deleted", "uploaded", "killed the tokens"],
  interrupted: moments,
  gone: ["Deleted Success", "AlreadyGone Refusal", "AlreadyGone List", "AlreadyGone EmptyList"],
  failures: [
    ...Errors.DeleteAttachmentError.members.map(({ _tag }) => _tag),
    "OutcomeUnknown",
    "NotAttempted",
    "ArchiveFailed"
  ]
}

const add = (tally: Tally, group: string, name: string, times = 1): void => {
  const counts = (tally[group] ??= {})
  counts[name] = (counts[name] ?? 0) + times
}

/** Counts a run. */
export const count = (tally: Tally, plan: Plan, history: History): void => {
  add(tally, "auth", plan.auth)
  add(tally, "version", plan.version)
  add(tally, "clients", plan.client)
  add(tally, "records", String(plan.records))
  for (const kind of throttlingsOf(plan.throttle)) add(tally, "throttle", kind)
  const crash = eventsOf(history, "Crashed")[0]
  for (const [operation, { collection, program }] of history.terms.entries()) {
    add(tally, "programs", program)
    if (operation >= (crash?.operations ?? Infinity)) {
      add(tally, "programs that were begun again after a crash", program)
    }
    if (collection === undefined) continue
    add(tally, "clients of a collection", plan.client)
    add(tally, "calls at once", String(collection.concurrency))
    add(tally, "sources", collection.pull)
    add(tally, "how sources end", collection.ends)
    add(tally, "items a pull", String(collection.atATime))
    add(tally, "who listens", collection.onReport)
    add(tally, "what stops", collection.stopOn)
    add(tally, "credits to keep", String(collection.keepCredits ?? "none"))
    add(tally, "cut after", String(collection.cut ?? "nothing"))
  }
  for (const { policy } of plan.tasks) add(tally, "policies", policy)
  const twice = twiceIn(history)
  if (twice.has("one")) add(tally, "one attachment twice", "in a collection")
  if (twice.has("two")) add(tally, "one attachment twice", "in two programs at the same time")
  if (twice.has("archived")) add(tally, "archived by two programs at the same time", "a file")
  for (const event of history.events) {
    switch (event._tag) {
      case "Sent":
        add(tally, `faults of ${event.method}`, event.fault)
        break
      case "Changed":
        if (event.request === undefined) add(tally, "others meanwhile", event.change)
        if (event.isKept === true) add(tally, "kept", event.attachment === link ? "a link" : "a file")
        break
      case "DiskFault":
        add(tally, "faults of the disk", event.what)
        break
      case "ClockSet":
        add(tally, "the clock", event.by < 0 ? "is set back" : "is set forward")
        break
      case "Closed":
        add(tally, "how a Stream ended", event.how)
        if (event.how === "stopped") add(tally, "stopped by", event.why ?? "nothing")
        break
      case "Ended":
        if (event.rows !== undefined) {
          const kind =
            event.rows.length === 0 ? "empty" : event.rows.length < plan.perPage ? "of one page" : "of several pages"
          add(tally, "lists", kind)
        }
        break
      case "TokensKilled":
        add(tally, "others meanwhile", "killed the tokens")
        break
      case "Said":
        if (event.stoppedBy !== undefined) add(tally, "not attempted because of", event.stoppedBy)
        if (event.said === "done") {
          add(tally, "programs that came to their end", history.terms[event.operation]?.program ?? "none")
        } else if (event.said === "gone") {
          add(tally, "gone", event.how)
          add(tally, "programs that found it gone", history.terms[event.operation]?.program ?? "none")
        } else if (event.said === "interrupted") add(tally, "interrupted", momentOf(history, event))
        else add(tally, "failures", event.how)
        break
      default:
    }
  }
}

const throttlingsOf = (throttle: Plan["throttle"]): ReadonlyArray<string> => {
  if (throttle === null) return ["none"]
  const { concurrent, perSecond } = throttle
  return [
    "a few calls",
    ...(Number.isInteger(concurrent) ? [] : ["a fraction at once"]),
    ...(Number.isInteger(perSecond) ? [] : [perSecond < 1 ? "less than one a second" : "a fraction a second"])
  ]
}

/** Where one attachment is asked for again before the first has been accounted for: by the same operation or by another. */
const twiceIn = (history: History): ReadonlySet<"one" | "two" | "archived"> => {
  const found = new Set<"one" | "two" | "archived">()
  const open = new Map<string, number>()
  for (const event of history.events) {
    if (event._tag === "Began") {
      const other = open.get(event.attachment)
      if (other === event.operation) found.add("one")
      else if (other !== undefined) {
        found.add("two")
        if (history.terms[other]?.keeps && history.terms[event.operation]?.keeps) found.add("archived")
      }
      open.set(event.attachment, event.operation)
    } else if (event._tag === "Said") open.delete(event.attachment)
    else if (event._tag === "Crashed") open.clear()
  }
  return found
}

/** Where an interruption struck, as the world knows it. */
const momentOf = (history: History, said: EventOf<"Said">): (typeof moments)[number] => {
  const before = history.events.slice(0, history.events.indexOf(said))
  const sent = eventsOf(history, "Sent").filter(
    (one) =>
      one.operation === said.operation &&
      before.includes(one) &&
      (one.attachment ?? said.attachment) === said.attachment
  )
  const last = sent.at(-1)
  if (last === undefined) return "before any request"
  const isAborted = before.some((one) => one._tag === "Ended" && one.request === last.request && one.fate === "Aborted")
  if (!isAborted) return "between requests"
  if (last.method !== "DELETE") return "during another request"
  return before.some((one) => one._tag === "Changed" && one.request === last.request)
    ? "after Bigin did it, before the answer"
    : "before Bigin did it"
}

/** Adds the counts of another. */
export const merge = (into: Tally, other: Tally): void => {
  for (const [group, counts] of Object.entries(other)) {
    for (const [name, times] of Object.entries(counts)) add(into, group, name, times)
  }
}

/** What should have occurred and has not. */
export const missing = (tally: Tally): ReadonlyArray<string> =>
  Object.entries(expected).flatMap(([group, names]) =>
    names.filter((name) => tally[group]?.[name] === undefined).map((name) => `${group}: ${name}`)
  )
