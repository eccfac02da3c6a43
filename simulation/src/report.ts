/** What a person reads: a run that failed, told so that it can be understood and repeated, and the counts of many. */
import type { Event, History } from "./history.ts"
import type { Verdict } from "./search.ts"
import type { Tally } from "./tally.ts"

/** A seed with its plan and all that happened. */
export const tellVerdict = ({ history, plan, seed, violations }: Verdict): string =>
  [
    violations.length === 0 ? `seed ${seed}: everything holds` : `seed ${seed} fails`,
    ...violations.map(({ invariant, what }) => `  ${invariant}: ${what}`),
    `replay: npm run simulate -- --seed ${seed}`,
    violations.length === 0 ? "plan" : "plan, shrunk",
    ...Object.entries(plan).map(([name, value]) => `  ${name}: ${tellValue(value)}`),
    "trace",
    tellTrace(history)
  ].join("\n")

const tellValue = (value: unknown): string =>
  Array.isArray(value) && value.length > 0
    ? value.map((one) => `\n    ${JSON.stringify(one)}`).join("")
    : JSON.stringify(value)

/** What happened, a line each: equal for equal runs. */
export const tellTrace = ({ events }: History): string =>
  events.map((event) => `  ${String(event.at).padStart(8)} ms  ${tellEvent(event)}`).join("\n")

/** Without what all have in common. */
const brief = (url: string): string => url.replace(/^\/bigin\/v\d\/\w+\/\d+\//, "")

const tellEvent = (event: Event): string => {
  switch (event._tag) {
    case "Began":
      return `operation ${event.operation} begins ${event.item}: ${event.attachment}`
    case "Sent":
      return `request ${event.request} ${event.method} ${brief(event.url)} meets ${event.fault}`
    case "Changed":
      return `${event.attachment} is ${event.change} by ${event.request === undefined ? "somebody else" : `request ${event.request}`}`
    case "DiskFault":
      return `the disk's ${event.what}`
    case "TokensKilled":
      return "all tokens are killed"
    case "ClockSet":
      return `somebody sets the clock by ${event.by} ms`
    case "Ended":
      return [
        `request ${event.request} ends ${event.fate}`,
        event.status,
        event.rows && `with ${event.rows.join() || "nothing"}`,
        event.retryAfter !== undefined && `to be tried after ${event.retryAfter} ms`,
        event.credits !== undefined && `with ${event.credits} credits`
      ]
        .filter((part) => part !== undefined && part !== false)
        .join(" ")
    case "Said":
      return [
        `operation ${event.operation} says ${event.said} of ${event.item}, ${event.attachment}: ${event.how}`,
        event.attempts !== undefined && `${event.attempts} attempts`,
        event.duration !== undefined && `${event.duration} ms`,
        event.stoppedBy !== undefined && `stopped by ${event.stoppedBy}`,
        event.last !== undefined && `after ${event.last}`
      ]
        .filter((part) => part !== false)
        .join(", ")
    case "Noted":
      return `operation ${event.operation} has noted ${event.item}`
    case "Emitted":
      return `operation ${event.operation} gives ${event.item}`
    case "Closed":
      return `operation ${event.operation} is ${event.how} ${event.why ?? ""}`.trimEnd()
    case "Failed":
      return `operation ${event.operation} fails: ${event.how}`
    case "Crashed":
      return "the machine stops, and all begins again"
    case "Interrupted":
      return "the program is interrupted"
    case "Finished":
      return "the program has ended"
    case "Hung":
      return `no end: ${event.why}`
  }
}

/** The counts, a group after the other, the most frequent first. */
export const tellTally = (tally: Tally): string =>
  Object.entries(tally)
    .flatMap(([group, counts]) => [
      group,
      ...Object.entries(counts)
        .toSorted(([, one], [, other]) => other - one)
        .map(([name, times]) => `  ${String(times).padStart(9)}  ${name}`)
    ])
    .join("\n")
