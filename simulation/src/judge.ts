/** What must hold of every history. Pure, and it knows nothing of how a run is made. */
import { type Collection, type Event, type EventOf, eventsOf, type History, type Item, type Terms } from "./history.ts"

export interface Violation {
  readonly invariant: Invariant
  readonly what: string
}

type Check = (history: History) => ReadonlyArray<string>

/** What is looked up again and again. */
interface Register {
  /** Where an event stands in the history. */
  readonly places: ReadonlyMap<Event, number>
  readonly endings: ReadonlyMap<number, EventOf<"Ended">>
  readonly sent: ReadonlyMap<number, ReadonlyArray<EventOf<"Sent">>>
  readonly began: ReadonlyMap<string, ReadonlyArray<EventOf<"Began">>>
}

const registers = new WeakMap<History, Register>()

const grouped = <A, K>(all: ReadonlyArray<A>, keyOf: (one: A) => K): ReadonlyMap<K, ReadonlyArray<A>> => {
  const groups = new Map<K, Array<A>>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group === undefined) groups.set(keyOf(one), [one])
    else group.push(one)
  }
  return groups
}

const registerOf = (history: History): Register => {
  const known = registers.get(history)
  if (known !== undefined) return known
  const register: Register = {
    places: new Map(history.events.map((event, index) => [event, index])),
    endings: new Map(eventsOf(history, "Ended").map((ended) => [ended.request, ended])),
    sent: grouped(eventsOf(history, "Sent"), ({ operation = -1 }) => operation),
    began: grouped(eventsOf(history, "Began"), pairOf)
  }
  registers.set(history, register)
  return register
}

const placeOf = (history: History, event: Event): number => registerOf(history).places.get(event) ?? -1

const isBefore = (history: History, one: Event | undefined, other: Event): boolean =>
  one !== undefined && placeOf(history, one) < placeOf(history, other)

const ending = (history: History, request: number): EventOf<"Ended"> | undefined =>
  registerOf(history).endings.get(request)

const sentBy = (history: History, operation: number): ReadonlyArray<EventOf<"Sent">> =>
  registerOf(history).sent.get(operation) ?? []

type Pair = Pick<Item, "operation" | "attachment">

const pairOf = ({ attachment, operation }: Pair): string => `${operation} ${attachment}`

const itemsOf = (history: History, pair: Pair): ReadonlyArray<EventOf<"Began">> =>
  registerOf(history).began.get(pairOf(pair)) ?? []

/** Whether no other item of the operation is of the same attachment: whose request it was is known then. */
const isAlone = (history: History, pair: Pair): boolean => itemsOf(history, pair).length === 1

const termsOf = (history: History, { operation }: { readonly operation: number }): Terms | undefined =>
  history.terms[operation]

const deletesOf = (history: History, { attachment, operation }: Pair): ReadonlyArray<EventOf<"Sent">> =>
  sentBy(history, operation).filter((sent) => sent.method === "DELETE" && sent.attachment === attachment)

/** The requests by which it may have changed what it speaks of. */
const changesOf = (history: History, pair: Pair): ReadonlyArray<EventOf<"Sent">> =>
  termsOf(history, pair)?.does === "uploads"
    ? sentBy(history, pair.operation).filter(({ method }) => method === "UPLOAD")
    : deletesOf(history, pair)

/** When a request of these has changed something. */
const changeBy = (history: History, requests: ReadonlyArray<EventOf<"Sent">>): EventOf<"Changed"> | undefined =>
  eventsOf(history, "Changed").find(({ request }) => requests.some((sent) => sent.request === request))

const isThere = (history: History, attachment: string, before: Event): boolean => {
  let there = history.attachments.some(({ id }) => id === attachment)
  for (const event of history.events) {
    if (event === before) break
    if (event._tag === "Changed" && event.attachment === attachment) there = event.change === "uploaded"
  }
  return there
}

const isList = ({ attachment, method }: EventOf<"Sent">): boolean => method === "GET" && attachment === undefined

/** Whether a list is asked for at once after another of the same record: another page of a reading, or another reading. */
const goesOn = (history: History, sent: EventOf<"Sent">): boolean =>
  sentBy(history, sent.operation ?? -1).some(
    (other) => isList(other) && other.record === sent.record && ending(history, other.request)?.at === sent.at
  )

const isFirstPage = (sent: EventOf<"Sent">): boolean => isList(sent) && /[?&]page=1(&|$)/.test(sent.url)

const sayings = (history: History, ...which: ReadonlyArray<EventOf<"Said">["said"]>) =>
  eventsOf(history, "Said").filter(({ said }) => which.includes(said))

/** What was said of what may have been changed, where the library knows what was sent. */
const verdicts = (history: History, which: EventOf<"Said">["said"]) =>
  sayings(history, which).filter((said) => {
    const terms = termsOf(history, said)
    // what a client repeats by itself a collection alone knows of
    const isKnown = !history.client.repeats || terms?.collection !== undefined
    return terms?.does !== "reads" && isAlone(history, said) && isKnown
  })

const tell = ({ attachment, how, operation }: EventOf<"Said">) => `operation ${operation} said ${how} of ${attachment}`

const has = (history: History, tag: Event["_tag"]): boolean => history.events.some(({ _tag }) => _tag === tag)

/** Whether requests leave when and as often as the library sends them. */
const isPlain = ({ client: { passesOn, queues, repeats } }: History): boolean => passesOn && !queues && !repeats

/** A clock of nanoseconds is up to a millisecond early. */
const slack = 1

interface Closing {
  readonly collection: Collection
  readonly closed: EventOf<"Closed">
  readonly heard: ReadonlyArray<EventOf<"Said">>
}

const closings = (history: History): ReadonlyArray<Closing> =>
  eventsOf(history, "Closed").flatMap((closed) => {
    const collection = termsOf(history, closed)?.collection
    const heard = eventsOf(history, "Said").filter(
      ({ operation, said }) => operation === closed.operation && said !== "interrupted"
    )
    return collection === undefined ? [] : [{ collection, closed, heard }]
  })

const summaryOf = (heard: ReadonlyArray<EventOf<"Said">>): Readonly<Record<string, number>> => {
  const summary: Record<string, number> = { total: heard.length, Deleted: 0, AlreadyGone: 0 }
  for (const { how } of heard) {
    const [name = ""] = how.split(" ")
    summary[name] = (summary[name] ?? 0) + 1
  }
  return summary
}

const isEqual = (one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].every((name) => (one[name] ?? 0) === (other[name] ?? 0))

const ofPermission = ["NoPermission", "AuthorizationFailed"]
const ofAuth = ["OAuthScopeMismatch", "InvalidToken", "TokenRejected"]

const stops = ({ stopOn }: Collection, tag: string): boolean => {
  switch (stopOn) {
    case "anything":
      return true
    case "never":
      return false
    case "permission":
      return ofPermission.includes(tag)
    case "default":
      return ofAuth.includes(tag)
  }
}

/** What a report tells that its last request failed with. */
const failureIn = ({ how, last, said }: EventOf<"Said">): string | undefined =>
  said === "gone" || how === "NotAttempted" ? undefined : (last ?? how)

/** Whether answers to the collection said that no more credits remain than are to be kept. */
const isOutOfCredits = (history: History, { closed, collection }: Closing): boolean =>
  sentBy(history, closed.operation).some(
    ({ request }) => (ending(history, request)?.credits ?? Infinity) <= (collection.keepCredits ?? 0)
  )

/** Whether a collection may have been stopped by that. */
const mayStop = (history: History, closing: Closing, stoppedBy: string | undefined): boolean => {
  if (stoppedBy === undefined) return false
  if (stoppedBy === "ApiCredits") return isOutOfCredits(history, closing)
  if (!stops(closing.collection, stoppedBy)) return false
  return (
    closing.heard.some((said) => failureIn(said) === stoppedBy) ||
    // what a list could not be read for is in no report
    sentBy(history, closing.closed.operation).some(isList)
  )
}

const invariants = {
  "nothing said gone is still there": (history) =>
    sayings(history, "gone")
      .filter((said) => isThere(history, said.attachment, said))
      .filter((said) => {
        // Bigin refused the id of what is there, and no list says otherwise
        const refusal = deletesOf(history, said).findLast(({ request }) => {
          const ended = ending(history, request)
          return ended?.isRefusal === true && isBefore(history, ended, said)
        })
        const told = refusal && ending(history, refusal.request)
        if (said.how !== "AlreadyGone Refusal" || told === undefined || !isThere(history, said.attachment, told)) {
          return true
        }
        const lists = sentBy(history, said.operation).filter(
          (sent) => isList(sent) && sent.record === refusal?.record && isBefore(history, told, sent)
        )
        const pages = lists.map(({ request }) => {
          const ended = ending(history, request)
          // a page that came to nobody, since its time was over, says nothing
          return ended !== undefined && isBefore(history, ended, said) ? ended.rows : undefined
        })
        // who goes away meanwhile hears no list
        const closing = closings(history).find(({ closed }) => closed.operation === said.operation)
        const isHeard =
          !has(history, "Interrupted") &&
          (closing === undefined || (closing.collection.cut === null && /done|stopped|failed/.test(closing.closed.how)))
        const isSure = isHeard && termsOf(history, said)?.program !== "ensureEach" && !pages.includes(undefined)
        return isSure && pages.some((rows) => rows?.includes(said.attachment))
      })
      .map((said) => `${tell(said)}, which was there`),

  "nothing is said deleted that the call has not deleted": (history) =>
    sayings(history, "gone")
      .filter(({ how }) => how.startsWith("Deleted"))
      .filter((said) => changeBy(history, deletesOf(history, said)) === undefined)
      .map((said) => `${tell(said)}, which it has not deleted`),

  "a failure without mayHaveApplied has changed nothing": (history) =>
    verdicts(history, "untouched")
      .filter((said) => changeBy(history, changesOf(history, said)) !== undefined)
      .map((said) => `${tell(said)}, which it has changed`),

  "untouched means that nothing sent was left open": (history) =>
    verdicts(history, "untouched").flatMap((said) =>
      changesOf(history, said)
        .filter((sent) => isBefore(history, sent, said))
        .filter(({ request }) => {
          const ended = ending(history, request)
          return ended === undefined || ended.isOpen || !isBefore(history, ended, said)
        })
        .map(({ request }) => `${tell(said)}, and request ${request} was left open`)
    ),

  "NotAttempted means that nothing was sent": (history) =>
    sayings(history, "untouched")
      .filter(({ how }) => how === "NotAttempted")
      .filter((said) => said.attempts !== 0 || (isAlone(history, said) && deletesOf(history, said).length > 0))
      .map((said) => `${tell(said)}, which was sent`),

  "List means that a list was read": (history) =>
    sayings(history, "gone").flatMap((said) => {
      const proof = said.how.split(" ")[1]
      if ((proof !== "List" && proof !== "EmptyList") || !isAlone(history, said)) return []
      const last = deletesOf(history, said).findLast((sent) => isBefore(history, sent, said))
      const answered = last && ending(history, last.request)
      // a client may go on with what nobody waits for any more
      const since = history.client.passesOn && isBefore(history, answered, said) ? answered : last
      const isRead = sentBy(history, said.operation).some((sent) => {
        const ended = ending(history, sent.request)
        const rows = ended?.rows
        return (
          isFirstPage(sent) &&
          // of one that never left a queue nobody knows when it was asked for
          (last === undefined
            ? history.client.queues
            : sent.record === last.record && isBefore(history, since, sent)) &&
          isBefore(history, ended, said) &&
          rows !== undefined &&
          (proof === "List" ? !rows.includes(said.attachment) : rows.length === 0)
        )
      })
      return isRead ? [] : [`${tell(said)}, and no list says so`]
    }),

  "Refusal means that Bigin has refused it": (history) =>
    sayings(history, "gone")
      .filter(({ how }) => how.endsWith("Refusal"))
      .filter(
        (said) =>
          !deletesOf(history, said).some(({ request }) => {
            const ended = ending(history, request)
            return ended?.isRefusal === true && isBefore(history, ended, said)
          })
      )
      .map((said) => `${tell(said)}, and nothing was refused`),

  "doubt has a cause": (history) =>
    // of what a client does by itself with a request not all is known
    !isPlain(history)
      ? []
      : verdicts(history, "doubt")
          .filter(
            (said) =>
              !changesOf(history, said).some(({ request }) => {
                const ended = ending(history, request)
                return ended?.isOpen || !isBefore(history, ended, said)
              })
          )
          .map((said) => `${tell(said)}, and every request was answered`),

  "every item is accounted once": (history) => {
    const key = ({ attachment, item, operation }: Item) => `${operation} ${item} ${attachment}`
    const said = eventsOf(history, "Said")
    const accounted = new Set(said.map(key))
    const crash = eventsOf(history, "Crashed")[0]
    const began = eventsOf(history, "Began")
      // what a machine was at when it stopped is told by nobody
      .filter((item) => accounted.has(key(item)) || crash === undefined || !isBefore(history, item, crash))
      .map(key)
      .toSorted()
    const all = said.map(key).toSorted()
    return began.join() === all.join() ? [] : [`began ${began.join(", ")}; accounted ${all.join(", ")}`]
  },

  "what the Stream gives and fails with is what onReport heard": (history) =>
    closings(history).flatMap(({ closed, collection, heard }) => {
      const emitted = eventsOf(history, "Emitted").filter(({ operation }) => operation === closed.operation)
      const noted = new Map(
        eventsOf(history, "Noted")
          .filter(({ operation }) => operation === closed.operation)
          .map((one) => [one.item, one])
      )
      const isCut = emitted.length === collection.cut
      const isWhole = closed.how !== "died" && closed.how !== "interrupted" && !isCut
      const wrong = [
        ...emitted
          .filter((one) => !isBefore(history, noted.get(one.item), one))
          .map(({ item }) => `item ${item} was given before onReport was done`),
        ...(new Set(emitted.map(({ item }) => item)).size < emitted.length ? ["an item was given twice"] : []),
        ...(isWhole && emitted.length !== heard.length ? [`${heard.length} were heard, ${emitted.length} given`] : []),
        ...(collection.onReport !== "dies" && heard.length > noted.size ? ["an onReport did not come to its end"] : []),
        ...(closed.summary !== undefined && !isEqual(closed.summary, summaryOf(heard))
          ? [`it fails with ${JSON.stringify(closed.summary)}, heard was ${JSON.stringify(summaryOf(heard))}`]
          : []),
        ...(closed.how === "done" && !isCut && collection.ends !== "ends" ? ["it ends as its source does not"] : []),
        ...(closed.how === "failed" && collection.ends !== "fails" ? ["it fails as its source does not"] : [])
      ]
      return wrong.map((what) => `operation ${closed.operation}: ${what}`)
    }),

  "what stops a collection is told": (history) =>
    closings(history).flatMap((closing) => {
      const { closed, collection, heard } = closing
      const { how, why } = closed
      const stop = heard.map(failureIn).find((tag) => tag !== undefined && stops(collection, tag))
      const wrong = [
        ...(how === "stopped" && !mayStop(history, closing, why) ? [`it says ${why}, which has not stopped it`] : []),
        ...((how === "done" || how === "failed") && collection.cut === null && stop !== undefined
          ? [`it goes to its end after ${stop}`]
          : []),
        ...((how === "done" || how === "failed") &&
        collection.cut === null &&
        isPlain(history) &&
        isOutOfCredits(history, closing)
          ? ["it goes to its end without credits"]
          : []),
        ...heard
          .filter((said) => said.how === "NotAttempted")
          .filter(({ stoppedBy }) => {
            if (how === "stopped") return stoppedBy !== why
            if (stoppedBy === "Defect") return closing.collection.onReport !== "dies"
            if (stoppedBy === "Interruption") return how === "failed" || (how === "done" && collection.cut === null)
            return !mayStop(history, closing, stoppedBy)
          })
          .map((said) => `${tell(said)} because of ${said.stoppedBy}`)
      ]
      return wrong.map((what) => `operation ${closed.operation}: ${what}`)
    }),

  "attempts are what was tried": (history) =>
    [...registerOf(history).began.values()].flatMap((items) => {
      const [first] = items
      const said = eventsOf(history, "Said").filter((one) => first && pairOf(one) === pairOf(first))
      if (first === undefined || said.length < items.length || said.some(({ attempts }) => attempts === undefined)) {
        return []
      }
      const attempts = said.reduce((sum, one) => sum + (one.attempts ?? 0), 0)
      const deletes = deletesOf(history, first)
      const counted = deletes.filter(({ request }) => !ending(history, request)?.isTokenRefusal).length
      const most = items.length * (termsOf(history, first)?.mostDeletes ?? 0)
      // where no token has to be got, nothing ends before it is sent
      const isExact = isPlain(history) && history.hasOneToken
      const isTrue = isExact ? attempts === deletes.length : history.client.repeats || attempts >= counted
      return isTrue && attempts <= most
        ? []
        : [`operation ${first.operation} tells of ${attempts} for ${first.attachment}, sent were ${deletes.length}`]
    }),

  "durations are what has passed": (history) =>
    eventsOf(history, "Said").flatMap((said) => {
      const { duration } = said
      const began = itemsOf(history, said).find(({ item }) => item === said.item)
      if (duration === undefined || began === undefined) return []
      const sent = isAlone(history, said) ? deletesOf(history, said)[0] : undefined
      const least = sent === undefined || said.attempts === 0 ? 0 : Math.max(0, said.at - sent.at - slack)
      return Number.isInteger(duration) && duration >= least && duration <= said.at - began.at + slack
        ? []
        : [`${tell(said)} after ${duration} ms`]
    }),

  "what is to be kept is whole on disk before it is deleted": (history) =>
    eventsOf(history, "Sent").flatMap((sent) => {
      const keeps = sent.operation !== undefined && history.terms[sent.operation]?.keeps
      const deletion = keeps && changeBy(history, [sent])
      return deletion && !deletion.isKept
        ? [`request ${sent.request} deleted ${sent.attachment} before it was kept`]
        : []
    }),

  "what is read is what is there": (history) =>
    sayings(history, "done").flatMap((said) => {
      const [verb = "", ...rest] = said.how.split(" ")
      const text = rest.join(" ")
      const changes = eventsOf(history, "Changed").filter((change) => isBefore(history, change, said))
      if (verb === "listed") {
        const ofRecord = changes.filter(({ record }) => record === said.attachment)
        const first = history.attachments.filter(({ record }) => record === said.attachment).map(({ id }) => id)
        const ever = [...first, ...ofRecord.map(({ attachment }) => attachment)]
        const listed = text === "" ? [] : text.split(",")
        const isTrue = ofRecord.length === 0 ? listed.join() === first.join() : listed.every((id) => ever.includes(id))
        if (new Set(listed).size < listed.length) return [`operation ${said.operation} listed one twice: ${text}`]
        return isTrue ? [] : [`operation ${said.operation} listed ${text}, and there were ${ever.join()}`]
      }
      if (verb !== "downloaded") return []
      const content =
        history.attachments.find(({ id }) => id === said.attachment)?.content ??
        changes.find(({ attachment, content }) => attachment === said.attachment && content !== undefined)?.content
      // an answer that was cut by who tells its length anew is whole for everybody
      const isCut = sentBy(history, said.operation).some(({ fault }) => fault === "truncated" || fault === "empty")
      return text === content || isCut ? [] : [`${tell(said)}, which is ${content}`]
    }),

  "what is said uploaded is there, whole": (history) =>
    sayings(history, "done")
      .filter(({ how }) => how.startsWith("uploaded "))
      .filter((said) => {
        const requests = changesOf(history, said).map(({ request }) => request)
        return !eventsOf(history, "Changed").some(
          ({ attachment, content, request = -1 }) =>
            requests.includes(request) && said.how === `uploaded ${attachment}` && content === said.attachment
        )
      })
      .map((said) => `${tell(said)}, which is not so`),

  "nothing dies": (history) => {
    const isInterrupted = has(history, "Interrupted")
    return [
      ...sayings(history, "died").map(tell),
      ...closings(history)
        .filter(
          ({ closed, collection }) =>
            closed.how === "died" && collection.ends !== "dies" && collection.onReport !== "dies"
        )
        .map(({ closed }) => `operation ${closed.operation} died of ${closed.why}`),
      ...eventsOf(history, "Failed")
        .filter((failed) => !(failed.isInterrupted && isInterrupted))
        .map(({ how, operation }) => `operation ${operation} ended with ${how}`)
    ]
  },

  "everything ends": (history) => eventsOf(history, "Hung").map(({ why }) => why),

  "no DELETE of what nobody gave": (history) =>
    eventsOf(history, "Sent").flatMap(({ attachment = "", method, operation = -1, request }) =>
      method !== "DELETE" || itemsOf(history, { operation, attachment }).length > 0
        ? []
        : [`request ${request} was a DELETE of ${attachment}`]
    ),

  "no more DELETEs than the policy allows": (history) =>
    [...registerOf(history).began.values()].flatMap((items) => {
      const [item] = items
      if (item === undefined) return []
      // one that repeats answers and failures by itself sends up to four
      const times = history.client.repeats ? 4 : 1
      const allowed = times * items.length * (termsOf(history, item)?.mostDeletes ?? 0)
      const all = deletesOf(history, item)
      const counted = all.filter(({ request }) => !ending(history, request)?.isTokenRefusal)
      // of each attempt a refused token allows one more
      return counted.length > allowed || all.length > 2 * allowed
        ? [`operation ${item.operation} sent ${all.length} DELETEs of ${item.attachment}, allowed are ${allowed}`]
        : []
    }),

  "no DELETE after one that may have happened, but by who may": (history) =>
    eventsOf(history, "Began").flatMap((item) => {
      if (termsOf(history, item)?.asksAgainInDoubt || history.client.repeats) return []
      const deletes = deletesOf(history, item)
      return deletes.slice(0, -1).some(({ request }) => ending(history, request)?.isOpen ?? true)
        ? [`operation ${item.operation} asked again for ${item.attachment}`]
        : []
    }),

  "waits between DELETEs are as long as the policy and Bigin say": (history) =>
    eventsOf(history, "Began").flatMap((item) => {
      const policy = termsOf(history, item)?.policy
      if (policy === undefined || !isAlone(history, item) || !isPlain(history)) return []
      const { mostAsked, shortest } = policy
      return deletesOf(history, item).flatMap((sent, index, all) => {
        const before = all[index - 1]
        const ended = before && ending(history, before.request)
        // with another token it is the same attempt
        if (ended === undefined || ended.isTokenRefusal || !isBefore(history, ended, sent)) return []
        const { retryAfter = 0 } = ended
        const isKnown = mostAsked !== null && !has(history, "ClockSet")
        const least = Math.max(shortest, isKnown ? retryAfter : 0)
        const waited = sent.at - ended.at
        return (isKnown && retryAfter > mostAsked) || waited < least - slack
          ? [`request ${sent.request} was sent ${waited} ms after the end of request ${ended.request}`]
          : []
      })
    }),

  "no attempt begins later than the policy allows": (history) =>
    eventsOf(history, "Began").flatMap((item) => {
      const { policy, program } = termsOf(history, item) ?? {}
      const within = policy?.within ?? null
      // others read lists meanwhile, or wait for a token or for their turn
      if (within === null || program !== "retriedWhileSafe" || !isPlain(history)) return []
      if (history.throttle !== null || !history.hasOneToken) return []
      const [first, ...others] = deletesOf(history, item)
      const failed = first && ending(history, first.request)
      return others
        .filter((sent) => failed !== undefined && sent.at > failed.at + within + slack)
        .map(({ at, request }) => `request ${request} was sent at ${at} ms, after a failure at ${failed?.at} ms`)
    }),

  "a 429 is waited out by the whole collection": (history) => {
    if (!isPlain(history) || history.throttle !== null || has(history, "ClockSet")) return []
    const mints = eventsOf(history, "Sent").filter(({ method }) => method === "POST")
    return eventsOf(history, "Ended").flatMap((ended) => {
      if (ended.status !== 429) return []
      const refused = eventsOf(history, "Sent").find(({ request }) => request === ended.request)
      if (refused?.operation === undefined || !termsOf(history, { operation: refused.operation })?.collection) return []
      const until = ended.at + Math.min(ended.retryAfter ?? 1_000, 120_000)
      return sentBy(history, refused.operation).flatMap((sent, index, all) => {
        if (sent.at <= ended.at || sent.at >= until - slack) return []
        // calls that had begun: they waited for a token, or read on
        const hasBegun =
          (isList(sent) && goesOn(history, sent)) ||
          mints.some(
            (mint) => isBefore(history, mint, sent) && (ending(history, mint.request)?.at ?? Infinity) >= ended.at
          ) ||
          all
            .slice(0, index)
            .some(
              ({ attachment, request }) => attachment === sent.attachment && ending(history, request)?.isTokenRefusal
            )
        return hasBegun
          ? []
          : [`request ${sent.request} was sent ${sent.at - ended.at} ms after that of ${ended.request}`]
      })
    })
  },

  "no more calls at once than the throttle lets through": (history) => {
    if (!isPlain(history) || has(history, "Crashed")) return []
    const underWay = new Set<number>()
    return history.events.flatMap((event) => {
      if (event._tag === "Ended") underWay.delete(event.request)
      if (event._tag !== "Sent") return []
      // a call ends with the head of its answer, and of one that stalls in the middle nobody knows when that came
      if (event.fault !== "stalled") underWay.add(event.request)
      // one that is interrupted gives its place away and is aborted in the same moment, in this order
      const others = [...underWay].filter((request) => {
        const ended = ending(history, request)
        return request !== event.request && !(ended?.fate === "Aborted" && ended.at === event.at)
      })
      return others.length >= Math.floor(history.throttle?.concurrent ?? Infinity)
        ? [`request ${event.request} was sent while ${others.length} were under way`]
        : []
    })
  },

  "no more calls a second than the throttle lets through": (history) => {
    const { throttle } = history
    if (throttle === null || !isPlain(history) || has(history, "Crashed")) return []
    const most = Math.max(1, Math.floor(throttle.perSecond))
    const window = 1_000 / Math.min(1, throttle.perSecond)
    const sent = eventsOf(history, "Sent")
    return sent.flatMap(({ at, request }, index) => {
      const before = sent[index - most]
      return before !== undefined && at < before.at + window
        ? [`request ${request} was sent ${at - before.at} ms after request ${before.request}`]
        : []
    })
  },

  "what has left is waited for": (history) => {
    if (!isPlain(history)) return []
    const crash = eventsOf(history, "Crashed")[0]
    return eventsOf(history, "Sent").flatMap(({ at, method, operation, request }) => {
      const waits = operation !== undefined && method === "DELETE" && history.terms[operation]?.waits
      const ended = ending(history, request)
      // a clock of nanoseconds is up to one of them early
      return waits && ended?.fate === "Aborted" && ended.at !== crash?.at && ended.at - at < waits - slack
        ? [`request ${request} was given up after ${ended.at - at} ms`]
        : []
    })
  },

  "no request is left under way": (history) => {
    const finished = history.events.find(({ _tag }) => _tag === "Finished")
    const closed = new Map(eventsOf(history, "Closed").map((one) => [one.operation, one]))
    const { asksLast, passesOn } = history.client
    return eventsOf(history, "Sent").flatMap((sent) => {
      const { method, operation = -1, request } = sent
      const end = closed.get(operation)
      if (asksLast && method === "DELETE" && end !== undefined && isBefore(history, end, sent)) {
        return [`request ${request} was sent after the end of its collection`]
      }
      // a client of its own mind goes on as it likes
      if (!passesOn) return []
      if (finished !== undefined && isBefore(history, finished, sent))
        return [`request ${request} was sent after the end`]
      const ended = ending(history, request)
      return finished === undefined || isBefore(history, ended, finished)
        ? []
        : [`request ${request} was under way at the end`]
    })
  },

  "no fiber is left behind": (history) =>
    eventsOf(history, "Finished")
      .filter(({ fibers }) => history.client.passesOn && fibers > 0)
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
