/** How often everything that can be drawn was drawn, and everything that can come out came out. */
import { Errors } from "effect-bigin"
import { type Method, namesOf } from "./faults.ts"
import { type EventOf, eventsOf, type History } from "./history.ts"
import type { Plan } from "./plan.ts"
import { programNames } from "./programs/index.ts"
import { link } from "./world.ts"

/** By group and name. */
export type Tally = { [group: string]: { [name: string]: number } }

const methods: ReadonlyArray<Method> = ["DELETE", "GET", "POST"]

const moments = [
  "before any request",
  "before Bigin did it",
  "after Bigin did it, before the answer",
  "during another request",
  "between requests"
] as const

/** What must occur in a run that is long enough. Nobody here asks with a malformed id. */
const expected: { readonly [group: string]: ReadonlyArray<string> } = {
  ...Object.fromEntries(methods.map((method) => [`faults of ${method}`, namesOf(method)])),
  programs: programNames,
  "programs that found it gone": programNames,
  version: ["v1", "v2"],
  "faults of the disk": [
    ...["makeDirectory", "readFileString", "open", "writeAll", "sync", "stream", "rename", "remove"].map(
      (act) => `${act} fails`
    ),
    "writeAll rots"
  ],
  kept: ["a file", "a link"],
  auth: ["access token", "refresh token"],
  throttle: ["none", "a few calls"],
  "others meanwhile": ["deleted", "uploaded", "killed the tokens"],
  interrupted: moments,
  gone: ["Deleted Success", "AlreadyGone Refusal", "AlreadyGone List", "AlreadyGone EmptyList"],
  failures: [
    ...Errors.DeleteAttachmentError.members.map(({ _tag }) => _tag),
    "OutcomeUnknown",
    "NotAttempted",
    "ArchiveFailed"
  ].filter((tag) => tag !== "InvalidInput")
}

const add = (tally: Tally, group: string, name: string, times = 1): void => {
  const counts = (tally[group] ??= {})
  counts[name] = (counts[name] ?? 0) + times
}

/** Counts a run. */
export const count = (tally: Tally, plan: Plan, history: History): void => {
  add(tally, "auth", plan.auth)
  add(tally, "version", plan.version)
  add(tally, "throttle", plan.throttle === null ? "none" : "a few calls")
  for (const { program } of history.terms) add(tally, "programs", program)
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
      case "TokensKilled":
        add(tally, "others meanwhile", "killed the tokens")
        break
      case "Said":
        if (event.said === "gone") {
          add(tally, "gone", event.how)
          add(tally, "programs that found it gone", history.terms[event.operation]?.program ?? "none")
        } else if (event.said === "interrupted") add(tally, "interrupted", momentOf(history, event))
        else add(tally, "failures", event.how)
        break
      default:
    }
  }
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
