/**
 * What may befall a request. One alone makes Bigin lie, and says so: `refusedThatIsThere`. Otherwise what it says of an id is so,
 * and a list omits nothing that is there.
 */
import type { FakeBigin } from "effect-bigin-testing"
import { Fixtures } from "effect-bigin-testing"

/** What the client gets to see. */
export type Seen = FakeBigin.Outcome | { readonly _tag: "Unreachable" } | { readonly _tag: "Silence" }

export interface Fault {
  /** When Bigin does what is asked: on arrival, long after the client has given up, or not at all. */
  readonly acts: "at once" | "late" | "never"
  /** Of a list: it is read as it was some time ago. */
  readonly lags?: boolean
  /** Milliseconds more before the answer. */
  readonly slower?: number
  /** Of the reply that Bigin gave; of one that says nothing where it did nothing. */
  readonly see: (reply: Fixtures.Reply, request: FakeBigin.WireRequest, now: number) => Seen
}

type Faults = { readonly [name: string]: Fault }

/** How long an attempt may take in the simulation; what is slow takes longer. */
export const attemptMillis = 2_000
/** Longer than that of an attempt, and than that of a mint. */
const tooLong = 45_000

/** What is no text says nothing here. */
export const textOf = ({ body }: Fixtures.Reply): string => (typeof body === "string" ? body : "")

const whole = (reply: Fixtures.Reply): Seen => ({ _tag: "Whole", reply })

/** Bigin does it, and the answer comes to this. */
const garbled = (change: (reply: Fixtures.Reply) => Fixtures.Reply): Fault => ({
  acts: "at once",
  see: (reply) => whole(change(reply))
})

/** Bigin does nothing. */
const instead = (reply: Fixtures.Reply): Fault => ({ acts: "never", see: () => whole(reply) })

/** As HTTP writes a date: in whole seconds. */
const dateAfter = (now: number, millis: number): string =>
  new Date(Math.ceil((now + millis) / 1_000) * 1_000).toUTCString()

const remaining = (credits: number): Fault =>
  garbled((reply) => ({ ...reply, headers: { ...reply.headers, "x-api-credits-remaining": String(credits) } }))

/** What befalls requests of every kind. */
const common = {
  none: garbled((reply) => reply),
  lost: { acts: "at once", see: () => ({ _tag: "Broken" }) },
  cut: { acts: "never", see: () => ({ _tag: "Broken" }) },
  unreachable: { acts: "never", see: () => ({ _tag: "Unreachable" }) },
  brokenOff: { acts: "at once", see: (part) => ({ _tag: "Broken", part }) },
  stalled: { acts: "at once", see: (part) => ({ _tag: "Stalled", part }) },
  truncated: garbled((reply) => ({ ...reply, body: reply.body.slice(0, reply.body.length / 2) })),
  empty: garbled((reply) => ({ ...reply, body: "" })),
  badGateway: garbled(() => Fixtures.undocumented.ServiceFault),
  gaveUp: garbled(() => Fixtures.html(408, "the gateway gave up")),
  down: instead(Fixtures.html(503, "down")),
  downFor: instead({ ...Fixtures.html(503, "down"), headers: { "retry-after": "3" } }),
  slow: { acts: "at once", slower: tooLong, see: whole },
  silent: { acts: "never", see: () => ({ _tag: "Silence" }) },
  silentAfterwards: { acts: "at once", see: () => ({ _tag: "Silence" }) },
  late: { acts: "late", see: () => ({ _tag: "Silence" }) },
  throttled: instead(Fixtures.rateLimited()),
  throttledFor: instead(Fixtures.rateLimited(3)),
  throttledUntil: {
    acts: "never",
    see: (_reply, _request, now) =>
      whole({ ...Fixtures.rateLimited(), headers: { "retry-after": dateAfter(now, 3_000) } })
  },
  throttledForMinutes: instead(Fixtures.rateLimited(100)),
  throttledForLong: instead(Fixtures.rateLimited(3_600)),
  page: garbled(() => Fixtures.html(200, "hello")),
  pageInstead: instead(Fixtures.html(200, "hello")),
  forbiddenPage: instead(Fixtures.html(403, "the proxy says no"))
} satisfies Faults

/** What befalls requests that carry a token. */
const ofBigin = {
  refusedToken: instead(Fixtures.undocumented.InvalidToken),
  internalErrorAfterwards: garbled(() => Fixtures.documented("InternalError")),
  unheardOf: instead(Fixtures.undocumented.UnrecognizedCode),
  refusedSomething: instead(Fixtures.documented("InvalidData")),
  refusedRecord: instead(Fixtures.documented("InvalidData", { details: { resource_path_index: 1 } })),
  InvalidModule: instead(Fixtures.documented("InvalidModule")),
  UnsupportedModule: instead(Fixtures.documented("UnsupportedModule")),
  InvalidUrlPattern: instead(Fixtures.documented("InvalidUrlPattern")),
  OAuthScopeMismatch: instead(Fixtures.documented("OAuthScopeMismatch")),
  NoPermission: instead(Fixtures.documented("NoPermission")),
  InternalError: instead(Fixtures.documented("InternalError")),
  lastCredit: remaining(0),
  fewCredits: remaining(50),
  someCredits: remaining(2_000),
  InvalidRequestMethod: instead(Fixtures.documented("InvalidRequestMethod")),
  AuthorizationFailed: instead(Fixtures.documented("AuthorizationFailed")),
  echoed: {
    acts: "never",
    see: (_, { headers }) =>
      whole(Fixtures.errorItem(400, "LIMIT_EXCEEDED", `refused ${headers["authorization"]}`, { details: headers }))
  },
  echoedInAPage: { acts: "never", see: (_, { headers }) => whole(Fixtures.html(502, headers["authorization"] ?? "")) }
} satisfies Faults

const deletes = {
  ...common,
  ...ofBigin,
  // of an id that is not there it does not say which id that is
  vague: garbled((reply) => (textOf(reply).includes("INVALID_DATA") ? Fixtures.documented("InvalidData") : reply)),
  refusedThatIsThere: instead(Fixtures.documented("InvalidData", { details: { resource_path_index: 3 } })),
  emptySuccess: instead(Fixtures.undocumented.UnconfirmedSuccess),
  anotherId: garbled((reply) => (reply.status === 200 ? Fixtures.success("1") : reply))
} satisfies Faults

const lists = {
  ...common,
  ...ofBigin,
  lagging: { acts: "at once", lags: true, see: whole },
  accepted: garbled((reply) => ({ ...reply, status: 202 })),
  withoutInfo: garbled(() => Fixtures.json(200, { data: [] })),
  emptyPage: garbled(() => Fixtures.json(200, { data: [], info: { more_records: true } }))
} satisfies Faults

const uploads = {
  ...common,
  ...ofBigin,
  emptySuccess: instead(Fixtures.undocumented.UnconfirmedSuccess)
} satisfies Faults

/** An answer of the accounts server with some fields changed. */
const minted = (fields: object): Fault =>
  garbled((reply) => {
    const body: unknown = JSON.parse(textOf(reply))
    return { ...reply, body: JSON.stringify({ ...(body as object), ...fields }) } // the fake answers with objects
  })

const mints = {
  ...common,
  accessDenied: instead(Fixtures.tokenThrottle),
  serverError: instead(Fixtures.tokenError("server_error")),
  invalidClient: instead(Fixtures.tokenError("invalid_client")),
  invalidCode: instead(Fixtures.tokenError("invalid_code", 400)),
  shortLived: minted({ expires_in: 5 }),
  dead: minted({ expires_in: 0 }),
  elsewhere: minted({ api_domain: "https://www.zohoapis.invalid" }),
  echoed: { acts: "never", see: (_, { body }) => whole(Fixtures.json(400, { error: decodeURIComponent(body) })) }
} satisfies Faults

/** By the method of the requests that they befall: of Bigin DELETE, GET and an upload's POST, of the accounts server POST. */
export const faults = { DELETE: deletes, GET: lists, UPLOAD: uploads, POST: mints }

export type Method = keyof typeof faults

export type FaultName<M extends Method> = keyof (typeof faults)[M]

export const namesOf = <M extends Method>(method: M): ReadonlyArray<FaultName<M>> =>
  Object.keys(faults[method]) as Array<FaultName<M>> // keys of a literal object

export const faultOf = (method: Method, name: string): Fault => {
  const table: Faults = faults[method]
  return table[name] ?? common.none
}
