/** A run before it is run, as data that is drawn from a seed, printed and shrunk. */
import { FastCheck } from "effect"
import { type FaultName, type Method, namesOf } from "./faults.ts"
import type { Throttling } from "./history.ts"
import { type ProgramName, programNames } from "./programs/index.ts"

/** What one request meets, and how long it takes to arrive and to be answered. */
export interface Weather<M extends Method> {
  readonly fault: FaultName<M>
  readonly there: number
  readonly back: number
}

/** One call, or one collection of calls. */
export interface Task {
  readonly program: ProgramName
  /** Which of the attachments, by position; a program for one takes the first. */
  readonly targets: ReadonlyArray<number>
  /** Retries that its policy allows. */
  readonly times: number
  /** Milliseconds before it begins. */
  readonly startsAt: number
  /** Milliseconds after which its caller gives up. */
  readonly patience: number | null
}

/** What somebody else does meanwhile. */
export interface Meddling {
  /** How many lists Bigin has read before: between two pages is where a row slips. */
  readonly lists: number
  /** Milliseconds after that. */
  readonly at: number
  readonly does: "deletes" | "deletes the first" | "uploads" | "kills the tokens"
  /** Of an attachment that is deleted by its own name: which. */
  readonly attachment: number
}

/** What befalls an act of the disk; what "rots" is written and reads back as something else. */
export type DiskFault = "none" | "fails" | "rots"

export interface Plan {
  readonly version: "v1" | "v2"
  readonly auth: "access token" | "refresh token"
  readonly attachments: number
  readonly perPage: number
  readonly tasks: ReadonlyArray<Task>
  readonly concurrency: number
  readonly throttle: Throttling | null
  readonly meddling: ReadonlyArray<Meddling>
  /** What the requests of each kind meet, in the order in which they are sent; after that all is well. */
  readonly DELETE: ReadonlyArray<Weather<"DELETE">>
  readonly GET: ReadonlyArray<Weather<"GET">>
  readonly POST: ReadonlyArray<Weather<"POST">>
  readonly disk: ReadonlyArray<DiskFault>
  /** The task of the scheduler before which all of it is interrupted. */
  readonly interruptedBefore: number | null
  /** Steps that a fiber takes before it gives way. */
  readonly quantum: number
  readonly jitter: number
}

const { array, constant, constantFrom, integer, nat, record } = FastCheck

/** Often there is no wait at all, so that much happens in one moment. */
const latency = constantFrom(0, 0, 1, 5, 40, 300, 1_500)

/** Many requests meet nothing, or what is given as `often`, so that programs get far. */
const weather = <M extends Method>(method: M, often: ReadonlyArray<FaultName<M>>): FastCheck.Arbitrary<Weather<M>> =>
  record({
    fault: FastCheck.oneof(constantFrom(...often), constantFrom(...namesOf(method))),
    there: latency,
    back: latency
  })

/** After these nothing was done, and only the list can tell. */
const inDoubt = ["emptySuccess", "pageInstead", "refusedSomething", "cut"] as const

const mostAttachments = 6
const position = nat(mostAttachments - 1)

const task: FastCheck.Arbitrary<Task> = record({
  program: constantFrom(...programNames),
  targets: array(position, { minLength: 1, maxLength: 4 }),
  times: nat(3),
  // around the life of a token, or soon
  startsAt: constantFrom(0, 0, 0, 1, 50, 2_000, 3_539_000, 3_541_000, 3_600_000),
  patience: constantFrom(null, null, null, null, null, null, null, 0, 1, 10, 300, 2_000, 6_000)
})

const meddling: FastCheck.Arbitrary<Meddling> = record({
  lists: constantFrom(0, 1, 1, 1, 2, 3),
  at: constantFrom(0, 0, 0, 0, 0, 1, 5, 40, 45, 300, 2_000, 5_000),
  does: constantFrom("deletes", "deletes the first", "deletes the first", "uploads", "kills the tokens"),
  attachment: position
})

type Drawn = { readonly [Name in keyof Plan]: FastCheck.Arbitrary<Plan[Name]> }

const anything = {
  version: constantFrom("v1", "v2"),
  auth: constantFrom("access token", "refresh token"),
  attachments: integer({ min: 1, max: mostAttachments }),
  perPage: constantFrom(200, 1, 1, 2, 3),
  tasks: array(task, { minLength: 1, maxLength: 2 }),
  concurrency: integer({ min: 1, max: 2 }),
  throttle: FastCheck.oneof(
    { weight: 3, arbitrary: constant(null) },
    {
      weight: 1,
      arbitrary: record({ concurrent: integer({ min: 1, max: 3 }), perSecond: constantFrom(1, 2, 4, 1_000) })
    }
  ),
  meddling: array(meddling, { maxLength: 4 }),
  DELETE: array(weather("DELETE", ["none", "none", ...inDoubt]), { maxLength: 6 }),
  GET: array(weather("GET", ["none"]), { maxLength: 5 }),
  POST: array(weather("POST", ["none"]), { maxLength: 3 }),
  disk: array(constantFrom<Array<DiskFault>>("none", "none", "none", "none", "fails", "rots"), { maxLength: 16 }),
  interruptedBefore: FastCheck.oneof(
    { weight: 4, arbitrary: constant(null) },
    { weight: 1, arbitrary: integer({ min: 1, max: 60 }) },
    { weight: 1, arbitrary: integer({ min: 1, max: 400 }) }
  ),
  quantum: constantFrom(2_048, 2_048, 2_048, 2_048, 16, 25, 60),
  jitter: nat(1_000)
} satisfies Drawn

/** A row slips past a list of several pages: rare in anything, since much else has to go well meanwhile. */
const slipping = {
  ...anything,
  tasks: array(
    task.map((one): Task => ({ ...one, program: "ensureDeleted", startsAt: 0, patience: null })),
    {
      minLength: 1,
      maxLength: 2
    }
  ),
  throttle: constant(null),
  perPage: constantFrom(1, 2),
  meddling: array(
    meddling.map((one): Meddling => ({ ...one, does: "deletes the first", at: 0 })),
    { minLength: 1, maxLength: 3 }
  ),
  DELETE: array(record({ fault: constantFrom(...inDoubt), there: latency, back: latency }), { maxLength: 3 }),
  GET: constant([]),
  interruptedBefore: constant(null)
} satisfies Drawn

/** A collection stops early while another of its attempts waits for a new token, or to be repeated. */
const stopping = {
  ...anything,
  auth: constant("refresh token"),
  tasks: array(
    record({
      program: constantFrom("deleteMany", "deleteManyCutShort"),
      targets: array(position, { minLength: 2, maxLength: 4 }),
      times: integer({ min: 1, max: 3 }),
      startsAt: constant(0),
      patience: constant(null)
    } satisfies { readonly [Name in keyof Task]: FastCheck.Arbitrary<Task[Name]> }),
    { minLength: 1, maxLength: 1 }
  ),
  DELETE: array(weather("DELETE", ["none", "refusedToken", "lastCredit", "OAuthScopeMismatch", "throttled"]), {
    minLength: 2,
    maxLength: 6
  }),
  POST: array(record({ fault: constant("none"), there: latency, back: latency }), { minLength: 2, maxLength: 2 })
} satisfies Drawn

/** An archive that gets far, on a disk that fails somewhere on the way. */
const archiving = {
  ...anything,
  tasks: array(
    task.map((one): Task => ({ ...one, program: "archiveThenDelete", startsAt: 0 })),
    { minLength: 1, maxLength: 2 }
  ),
  throttle: constant(null),
  DELETE: array(weather("DELETE", ["none", "lost"]), { maxLength: 2 }),
  GET: array(weather("GET", ["none", "none", "none", "none"]), { maxLength: 2 }),
  POST: constant([]),
  disk: array(
    FastCheck.oneof(
      { weight: 20, arbitrary: constant<DiskFault>("none") },
      { weight: 1, arbitrary: constantFrom<Array<DiskFault>>("fails", "rots") }
    ),
    { minLength: 40, maxLength: 40 }
  )
} satisfies Drawn

export const plan: FastCheck.Arbitrary<Plan> = FastCheck.oneof(
  { weight: 7, arbitrary: record(anything) },
  { weight: 1, arbitrary: record(slipping) },
  { weight: 1, arbitrary: record(stopping) },
  { weight: 1, arbitrary: record(archiving) }
)
