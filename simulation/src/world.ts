/**
 * Bigin and everybody else: a FakeBigin that answers on the timeline. It is plain code between timers, so that every fiber
 * which is alive in the end is the program's.
 */
import { HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { Effect, Stream } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { isArchived } from "./archived.ts"
import { operationHeader } from "./clients.ts"
import type { Disk } from "./disk.ts"
import { attemptMillis, type Fault, faultOf, type Method, type Seen, textOf } from "./faults.ts"
import type { EventOf } from "./history.ts"
import type { Journal } from "./journal.ts"
import type { Meddling, Plan } from "./plan.ts"
import { folder } from "./programs/archiveThenDelete.ts"
import type { Timeline } from "./timeline.ts"

const { module, recordId: firstRecord } = Fixtures.record

/** Ids as Bigin has them: too long for a number. */
export const idOf = (position: number): string => `28837560000002610${String(position).padStart(2, "0")}`

/** Attachments are dealt out to the records in turn. */
export const recordOf = (position: number, records: number) => ({
  module,
  recordId: String(BigInt(firstRecord) + BigInt(position % records))
})

/** The fourth of them is a link. */
export const link = idOf(3)

export const textIn = (id: string): string => `the file ${id}`

const attachmentOf = (id: string): FakeBigin.Attachment => {
  const content = new TextEncoder().encode(textIn(id))
  const leadsOn = id === link ? { linkUrl: `https://example.com/${id}` } : {}
  return { id, fileName: `${id}.pdf`, size: content.length, content, ...leadsOn }
}

/** What is attached to a record, and was. */
interface Shelf {
  rows: ReadonlyArray<FakeBigin.Attachment>
  /** From the beginning; a list that lags shows one of these. */
  readonly states: Array<ReadonlyArray<FakeBigin.Attachment>>
  /** Which of them was shown last: no list goes back behind another. */
  shown: number
}

export interface World {
  readonly client: HttpClient.HttpClient
  /** Breaks all connections, as a machine does that stops. */
  readonly hangUp: () => void
}

export const makeWorld = (plan: Plan, timeline: Timeline, journal: Journal, disk: Disk): World => {
  const shelves = new Map(
    Array.from({ length: plan.records }, (_, number): [string, Shelf] => {
      const positions = Array.from({ length: plan.attachments }, (_, position) => position)
      const rows = positions
        .filter((position) => position % plan.records === number)
        .map((position) => attachmentOf(idOf(position)))
      return [recordOf(number, plan.records).recordId, { rows, states: [rows], shown: 0 }]
    })
  )
  // nothing in it waits, so it is done at once
  const atOnce = <A>(effect: Effect.Effect<A>): A => Effect.runSync(Effect.withClock(effect, timeline.worldClock))
  const fake = atOnce(
    FakeBigin.make({
      records: [...shelves].map(([recordId, { rows }]) => ({ module, recordId, attachments: rows }))
    })
  )
  const put = (recordId: string, attachments: ReadonlyArray<FakeBigin.Attachment>) =>
    atOnce(fake.put({ module, recordId, attachments }))

  const killed = new Set<string>()
  const live = new Set<string>([Fixtures.accessTokens.administrator])
  let uploads = 0

  const change = (shelf: Shelf, next: ReadonlyArray<FakeBigin.Attachment>) => {
    shelf.rows = next
    shelf.states.push(next)
  }

  const meddle = ({ attachment, does }: Meddling): void => {
    if (does === "kills the tokens") {
      for (const token of live) killed.add(token)
      return journal.add({ _tag: "TokensKilled" })
    }
    const { recordId } = recordOf(attachment, plan.records)
    const shelf = shelves.get(recordId)
    if (shelf === undefined) return
    const { rows } = shelf
    const id = does === "deletes" ? idOf(attachment) : does === "uploads" ? idOf(50 + uploads++) : (rows[0]?.id ?? "")
    const next = does === "uploads" ? [...rows, attachmentOf(id)] : rows.filter((row) => row.id !== id)
    if (next.length === rows.length) return
    change(shelf, next)
    put(recordId, next)
    journal.add({
      _tag: "Changed",
      change: does === "uploads" ? "uploaded" : "deleted",
      record: recordId,
      attachment: id
    })
  }
  let lists = 0
  const meddleAfterLists = () => {
    for (const one of plan.meddling) if (one.lists === lists) timeline.after(one.at, () => meddle(one))
  }
  meddleAfterLists()
  for (const { at, by } of plan.clock) {
    timeline.after(at, () => {
      timeline.setClock(by)
      journal.add({ _tag: "ClockSet", by })
    })
  }

  /** The fake has no rules here, so it answers whole. */
  const ask = (request: FakeBigin.WireRequest): Fixtures.Reply => {
    const outcome = atOnce(fake.handle(request))
    return outcome._tag === "Whole" ? outcome.reply : Fixtures.documented("InternalError")
  }

  /** A list, of now or of two changes ago. */
  const list = (request: FakeBigin.WireRequest, lags: boolean): Fixtures.Reply => {
    const recordId = recordIn(request)
    const shelf = shelves.get(recordId)
    if (shelf === undefined) return ask(request)
    shelf.shown = lags ? Math.max(shelf.shown, shelf.states.length - 3) : shelf.states.length - 1
    put(recordId, shelf.states[shelf.shown] ?? shelf.rows)
    const reply = ask(request)
    put(recordId, shelf.rows)
    lists += 1
    meddleAfterLists()
    return reply
  }

  const upload = (request: FakeBigin.WireRequest, number: number): Fixtures.Reply => {
    const recordId = recordIn(request)
    const reply = ask(request)
    const shelf = shelves.get(recordId)
    const rows = atOnce(fake.attachments({ module, recordId }))
    const attachment = rows.at(-1)
    if (shelf === undefined || attachment === undefined || rows.length === shelf.rows.length) return reply
    change(shelf, rows)
    journal.add({
      _tag: "Changed",
      change: "uploaded",
      record: recordId,
      attachment: attachment.id,
      request: number,
      content: new TextDecoder().decode(attachment.content)
    })
    return reply
  }

  /** What Bigin does and says when a request has arrived. */
  const act = (request: FakeBigin.WireRequest, number: number, { lags = false }: Fault): Fixtures.Reply => {
    if (killed.has(tokenOf(request))) return Fixtures.undocumented.InvalidToken
    const method = methodOf(request)
    if (method === "GET" && attachmentIn(request) === undefined) return list(request, lags)
    if (method === "UPLOAD") return upload(request, number)
    const reply = ask(request)
    const recordId = recordIn(request)
    const shelf = shelves.get(recordId)
    if (method === "DELETE" && reply.status === 200 && shelf !== undefined) {
      const id = attachmentIn(request) ?? ""
      const attachment = shelf.rows.find((row) => row.id === id) ?? attachmentOf(id)
      change(
        shelf,
        shelf.rows.filter((row) => row.id !== id)
      )
      journal.add({
        _tag: "Changed",
        change: "deleted",
        record: recordId,
        attachment: id,
        request: number,
        isKept: isArchived(disk.durable(), `${folder}/${module}/${recordId}`, attachment)
      })
    }
    const token = /"access_token":"([^"]+)"/.exec(textOf(reply))?.[1]
    if (method === "POST" && token !== undefined) {
      live.add(token)
      journal.keepSecret(token)
    }
    return reply
  }

  const counts = { DELETE: 0, GET: 0, UPLOAD: 0, POST: 0 }
  let requests = 0
  const underWay = new Set<() => void>()

  /** Sends a request and tells its end, unless the client leaves first; Bigin goes on without it. */
  const send = (
    request: FakeBigin.WireRequest,
    onEnd: (seen: Exclude<Seen, { readonly _tag: "Silence" }>) => void
  ): (() => void) => {
    const number = requests++
    const method = methodOf(request)
    const { back, fault: name, there } = plan[method][counts[method]++] ?? { fault: "none", there: 1, back: 1 }
    const fault = faultOf(method, name)
    const attachment = attachmentIn(request)
    const operation = request.headers[operationHeader]
    journal.add({
      _tag: "Sent",
      request: number,
      method,
      url: request.url,
      fault: name,
      ...(method !== "POST" && { record: recordIn(request) }),
      ...(method !== "POST" && operation !== undefined && { operation: Number(operation) }),
      ...(attachment !== undefined && { attachment })
    })

    let ended = false
    const end = (fate: EventOf<"Ended">["fate"], answer?: Fixtures.Reply) => {
      ended = true
      underWay.delete(leave)
      journal.add({
        _tag: "Ended",
        request: number,
        fate,
        ...meaning(fate, answer, attachment),
        ...(answer !== undefined && told(answer, timeline.now())),
        ...(answer !== undefined && method === "GET" && attachment === undefined && rowsOf(answer))
      })
    }
    const leave = () => {
      if (!ended) end("Aborted")
    }
    underWay.add(leave)
    const answer = (reply: Fixtures.Reply) => {
      const seen = fault.see(reply, request, timeline.now())
      if (seen._tag === "Silence") return
      timeline.after(back + (fault.slower ?? 0), () => {
        if (ended) return
        // one that stalls has not ended: its reader has to leave
        if (seen._tag === "Whole") end("Answered", seen.reply)
        else if (seen._tag !== "Stalled") end(seen._tag)
        onEnd(seen)
      })
    }
    timeline.after(fault.acts === "late" ? there + 3 * attemptMillis : there, () =>
      answer(fault.acts === "never" ? nothing : act(request, number, fault))
    )
    return leave
  }

  const client = HttpClient.make((request, url, signal) => {
    const exchange = (bytes: Uint8Array) =>
      Effect.async<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>((resume) => {
        const wire = inPagesOf(plan.perPage, {
          method: request.method,
          url: `${url.pathname}${url.search}`,
          headers: { ...request.headers, "content-type": request.body.contentType ?? "" },
          body: new TextDecoder().decode(bytes),
          bytes
        })
        const leave = send(wire, (seen) => resume(responseTo(request, seen)))
        // as fetch learns it; what `Effect.async` does on interruption comes too late for one in that very moment
        signal.addEventListener("abort", leave)
      })
    if (request.body._tag === "Stream") {
      const failed = (cause: unknown) => new HttpClientError.RequestError({ request, reason: "Transport", cause })
      const whole = Stream.runFold(request.body.stream, new Uint8Array(), (all, piece) =>
        Uint8Array.from([...all, ...piece])
      )
      return Effect.flatMap(Effect.mapError(whole, failed), exchange)
    }
    return exchange(request.body._tag === "Uint8Array" ? request.body.body : new Uint8Array())
  })

  return {
    client,
    hangUp: () => {
      for (const leave of underWay) leave()
    }
  }
}

/** Small pages, so that a few attachments make several. */
const inPagesOf = (perPage: number, request: FakeBigin.WireRequest): FakeBigin.WireRequest => ({
  ...request,
  url: request.url.replace(/per_page=\d+/, `per_page=${perPage}`)
})

const nothing: Fixtures.Reply = { status: 0, headers: {}, body: "" }

const tokenOf = ({ headers }: FakeBigin.WireRequest): string =>
  (headers["authorization"] ?? "").replace("Zoho-oauthtoken ", "")

const attachmentIn = ({ url }: FakeBigin.WireRequest): string | undefined => /Attachments\/(\d+)$/.exec(url)?.[1]

const recordIn = ({ url }: FakeBigin.WireRequest): string => /\/(\d+)\/Attachments/.exec(url)?.[1] ?? ""

const methodOf = ({ method, url }: FakeBigin.WireRequest): Method => {
  if (method === "DELETE" || method === "GET") return method
  return url.includes("/Attachments") ? "UPLOAD" : "POST"
}

/** How an answer reads to somebody who knows Bigin's pages and not the library: written apart from it. */
const meaning = (fate: string, answer: Fixtures.Reply | undefined, attachment: string | undefined) => {
  if (answer === undefined) return { isOpen: fate !== "Unreachable", isTokenRefusal: false }
  const { status } = answer
  const body = textOf(answer)
  const confirms =
    status >= 200 &&
    status < 300 &&
    body.includes('"status":"success"') &&
    (attachment === undefined || body.includes(`"id":"${attachment}"`))
  const refuses = status < 500 && body.includes('"status":"error"')
  return {
    status,
    isOpen: status >= 500 || (status === 408 && !refuses) || (status >= 200 && status < 300 && !confirms && !refuses),
    isTokenRefusal: body.includes("INVALID_TOKEN"),
    isRefusal: body.includes("INVALID_DATA") && body.includes('"resource_path_index":3')
  }
}

/** What the headers of an answer tell. */
const told = ({ headers }: Fixtures.Reply, now: number) => {
  const after = headers["retry-after"]
  const credits = headers["x-api-credits-remaining"]
  const retryAfter =
    after === undefined ? undefined : /^\d+$/.test(after) ? Number(after) * 1_000 : Date.parse(after) - now
  return {
    ...(retryAfter !== undefined && { retryAfter: Math.max(0, retryAfter) }),
    ...(credits !== undefined && { credits: Number(credits) })
  }
}

/** The ids on a page of a list, if it is one. */
const rowsOf = (answer: Fixtures.Reply): { readonly rows?: ReadonlyArray<string> } => {
  if (answer.status === 204 && answer.body === "") return { rows: [] }
  if (answer.status !== 200 || !/"more_records":(true|false)/.test(textOf(answer))) return {}
  try {
    const page: { readonly data?: unknown } = JSON.parse(textOf(answer)) as object // a page is one, or has no data
    return Array.isArray(page.data) ? { rows: page.data.map(({ id }: { readonly id: string }) => id) } : {}
  } catch {
    return {}
  }
}

/** As fetch and node:http tell it. */
const responseTo = (
  request: HttpClientResponse.HttpClientResponse["request"],
  seen: Exclude<Seen, { readonly _tag: "Silence" }>
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> => {
  const failed = (cause: object) =>
    Effect.fail(
      new HttpClientError.RequestError({
        request,
        reason: "Transport",
        cause: Object.assign(new Error("socket hang up"), cause)
      })
    )
  if (seen._tag === "Unreachable") return failed({ code: "ECONNREFUSED", syscall: "connect" })
  const reply = seen._tag === "Whole" ? seen.reply : seen.part
  if (reply === undefined) return failed({ code: "ECONNRESET" })
  const bytes = typeof reply.body === "string" ? new TextEncoder().encode(reply.body) : reply.body
  // some servers say how long an answer is, and others send it in pieces of which nobody knows how many
  const length: Readonly<Record<string, string>> =
    bytes.length % 2 === 0 && reply.status !== 204 ? { "content-length": String(bytes.length) } : {}
  const headers = { ...length, ...reply.headers }
  const response = HttpClientResponse.fromWeb(request, new Response(null, { headers }))
  const pieces = Stream.make(bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2))
  const error = new HttpClientError.ResponseError({
    request,
    response,
    reason: "Decode",
    cause: new Error("terminated")
  })
  const rest = seen._tag === "Stalled" ? Effect.never : Effect.fail(error)
  const isWhole = seen._tag === "Whole"
  const arrayBuffer = isWhole ? Effect.succeed(bytes) : rest
  const stream = isWhole ? pieces : Stream.concat(Stream.take(pieces, 1), Stream.fromEffect(rest))
  // reading a Response takes promises, and those take turns that no seed decides
  return Effect.succeed(
    Object.defineProperties(response, {
      status: { value: reply.status },
      arrayBuffer: { value: arrayBuffer },
      stream: { value: stream }
    })
  )
}
