/**
 * Bigin and everybody else: a FakeBigin that answers on the timeline. It is plain code between timers, so that every fiber
 * which is alive in the end is the program's.
 */
import { HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { Context, Effect, Stream } from "effect"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import type { Disk } from "./disk.ts"
import { attemptMillis, type Fault, faultOf, type Method, type Seen, textOf } from "./faults.ts"
import type { Journal } from "./journal.ts"
import type { Meddling, Plan } from "./plan.ts"
import { folder } from "./programs/archiveThenDelete.ts"
import type { Timeline } from "./timeline.ts"

/** Which operation a request is of: it goes along with the program's context. */
export class Operation extends Context.Tag("simulation/Operation")<Operation, number>() {}

export const record = Fixtures.record

/** Ids as Bigin has them: too long for a number. */
export const idOf = (position: number): string => `28837560000002610${String(position).padStart(2, "0")}`

/** The sixth of them is a link. */
export const link = idOf(5)

const attachmentOf = (id: string): FakeBigin.Attachment => {
  const content = new TextEncoder().encode(`the file ${id}`)
  const leadsOn = id === link ? { linkUrl: `https://example.com/${id}` } : {}
  return { id, fileName: `${id}.pdf`, size: content.length, content, ...leadsOn }
}

/** Whether a crash would leave all that there is to keep of it. */
const isKept = ({ content, id, linkUrl }: FakeBigin.Attachment, disk: Disk): boolean => {
  const path = `${folder}/${record.module}/${record.recordId}/${id}`
  const manifest = new TextDecoder().decode(disk.durable(`${path}.manifest.json`))
  return linkUrl === undefined
    ? String(disk.durable(`${path}.pdf`)) === String(content) && manifest.includes(`"size": ${content?.length}`)
    : manifest.includes(linkUrl)
}

export const makeWorld = (plan: Plan, timeline: Timeline, journal: Journal, disk: Disk): HttpClient.HttpClient => {
  const initial = Array.from({ length: plan.attachments }, (_, position) => attachmentOf(idOf(position)))
  // nothing in it waits, so it is done at once
  const atOnce = <A>(effect: Effect.Effect<A>): A => Effect.runSync(Effect.withClock(effect, timeline.clock))
  const fake = atOnce(FakeBigin.make({ records: [{ ...record, attachments: initial }] }))
  const put = (attachments: ReadonlyArray<FakeBigin.Attachment>) => atOnce(fake.put({ ...record, attachments }))

  let rows: ReadonlyArray<FakeBigin.Attachment> = initial
  /** What was attached, from the beginning; a list that lags shows one of these. */
  const states = [rows]
  /** Which of them was shown last: no list goes back behind another. */
  let shown = 0
  const killed = new Set<string>()
  const live = new Set<string>([Fixtures.accessTokens.administrator])

  const change = (next: ReadonlyArray<FakeBigin.Attachment>) => {
    rows = next
    states.push(rows)
  }

  const meddle = ({ attachment, does }: Meddling): void => {
    if (does === "kills the tokens") {
      for (const token of live) killed.add(token)
      return journal.add({ _tag: "TokensKilled" })
    }
    const ids = { uploads: idOf(50 + states.length), deletes: idOf(attachment), "deletes the first": rows[0]?.id ?? "" }
    const id = ids[does]
    const next = does === "uploads" ? [...rows, attachmentOf(id)] : rows.filter((row) => row.id !== id)
    if (next.length === rows.length) return
    change(next)
    put(next)
    journal.add({ _tag: "Changed", change: does === "uploads" ? "uploaded" : "deleted", attachment: id })
  }
  let lists = 0
  const meddleAfterLists = () => {
    for (const one of plan.meddling) if (one.lists === lists) timeline.after(one.at, () => meddle(one))
  }
  meddleAfterLists()

  /** The fake has no rules here, so it answers whole. */
  const ask = (request: FakeBigin.WireRequest): Fixtures.Reply => {
    const outcome = atOnce(fake.handle(request))
    return outcome._tag === "Whole" ? outcome.reply : Fixtures.documented("InternalError")
  }

  /** A list, of now or of two changes ago. */
  const list = (request: FakeBigin.WireRequest, lags: boolean): Fixtures.Reply => {
    shown = lags ? Math.max(shown, states.length - 3) : states.length - 1
    put(states[shown] ?? rows)
    const reply = ask(request)
    put(rows)
    lists += 1
    meddleAfterLists()
    return reply
  }

  /** What Bigin does and says when a request has arrived. */
  const act = (request: FakeBigin.WireRequest, number: number, { lags = false }: Fault): Fixtures.Reply => {
    if (killed.has(tokenOf(request))) return Fixtures.undocumented.InvalidToken
    if (request.method === "GET" && attachmentIn(request) === undefined) return list(request, lags)
    const reply = ask(request)
    if (request.method === "DELETE" && reply.status === 200) {
      const attachment = attachmentIn(request) ?? ""
      change(rows.filter(({ id }) => id !== attachment))
      journal.add({
        _tag: "Changed",
        change: "deleted",
        attachment,
        request: number,
        isKept: isKept(attachmentOf(attachment), disk)
      })
    }
    const token = /"access_token":"([^"]+)"/.exec(textOf(reply))?.[1]
    if (request.method === "POST" && token !== undefined) {
      live.add(token)
      journal.keepSecret(token)
    }
    return reply
  }

  const counts = { DELETE: 0, GET: 0, POST: 0 }
  let requests = 0

  /** Sends a request and tells its end, unless the client leaves first; Bigin goes on without it. */
  const send = (
    request: FakeBigin.WireRequest,
    operation: number | undefined,
    onEnd: (seen: Exclude<Seen, { readonly _tag: "Silence" }>) => void
  ): (() => void) => {
    const number = requests++
    const method = methodOf(request.method)
    const { back, fault: name, there } = plan[method][counts[method]++] ?? { fault: "none", there: 1, back: 1 }
    const fault = faultOf(method, name)
    const attachment = attachmentIn(request)
    journal.add({
      _tag: "Sent",
      request: number,
      method,
      url: request.url,
      fault: name,
      ...(method !== "POST" && operation !== undefined ? { operation } : {}),
      ...(attachment === undefined ? {} : { attachment })
    })

    let ended = false
    const end = (fate: "Answered" | "Broken" | "Unreachable" | "Aborted", answer?: Fixtures.Reply) => {
      ended = true
      journal.add({ _tag: "Ended", request: number, fate, ...meaning(fate, answer, attachment) })
    }
    const answer = (reply: Fixtures.Reply) => {
      const seen = fault.see(reply, request)
      if (seen._tag === "Silence") return
      timeline.after(back + (fault.slower ?? 0), () => {
        if (ended) return
        if (seen._tag === "Whole") end("Answered", seen.reply)
        else end(seen._tag === "Stalled" ? "Broken" : seen._tag)
        onEnd(seen)
      })
    }
    timeline.after(fault.acts === "late" ? there + 3 * attemptMillis : there, () =>
      answer(fault.acts === "never" ? nothing : act(request, number, fault))
    )
    return () => {
      if (!ended) end("Aborted")
    }
  }

  return HttpClient.make((request, url, signal, fiber) => {
    const operation = Context.getOption(fiber.currentContext, Operation)
    const bytes = request.body._tag === "Uint8Array" ? request.body.body : new Uint8Array()
    const wire = inPagesOf(plan.perPage, {
      method: request.method,
      url: `${url.pathname}${url.search}`,
      headers: request.headers,
      body: new TextDecoder().decode(bytes),
      bytes
    })
    return Effect.async<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>((resume) => {
      const leave = send(wire, operation._tag === "Some" ? operation.value : undefined, (seen) => {
        resume(responseTo(request, seen))
      })
      // as fetch learns it; what `Effect.async` does on interruption comes too late for one in that very moment
      signal.addEventListener("abort", leave)
    })
  })
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

const methodOf = (method: string): Method => (method === "DELETE" || method === "GET" ? method : "POST")

/** How an answer reads to somebody who knows Bigin's pages and not the library: written apart from it. */
const meaning = (fate: string, answer: Fixtures.Reply | undefined, attachment: string | undefined) => {
  if (answer === undefined) return { isOpen: fate !== "Unreachable", isTokenRefusal: false }
  const { status } = answer
  const body = textOf(answer)
  const confirms = status === 200 && body.includes('"status":"success"') && body.includes(`"id":"${attachment}"`)
  const refuses = status < 500 && body.includes('"status":"error"')
  return {
    status,
    isOpen: status >= 500 || (status >= 200 && status < 300 && !confirms && !refuses),
    isTokenRefusal: body.includes("INVALID_TOKEN")
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
  const isWhole = seen._tag === "Whole"
  const arrayBuffer = isWhole ? Effect.succeed(bytes) : Effect.fail(error)
  const stream = isWhole ? pieces : Stream.concat(Stream.take(pieces, 1), Stream.fail(error))
  // reading a Response takes promises, and those take turns that no seed decides
  return Effect.succeed(
    Object.defineProperties(response, {
      status: { value: reply.status },
      arrayBuffer: { value: arrayBuffer },
      stream: { value: stream }
    })
  )
}
