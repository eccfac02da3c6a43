/** A run before it is run, as data that is drawn from a seed, printed and shrunk. */
import { FastCheck } from "effect"
import { type ClientName, clientNames } from "./clients.ts"
import { type FaultName, type Method, namesOf } from "./faults.ts"
import type { Collection, Throttling } from "./history.ts"
import { type ProgramName, programNames } from "./programs/index.ts"
import { type PolicyName, policyNames } from "./programs/program.ts"

/** What one request meets, and how long it takes to arrive and to be answered. */
export interface Weather<M extends Method> {
  readonly fault: FaultName<M>
  readonly there: number
  readonly back: number
}

/** One call, or one collection of calls. */
export interface Task {
  readonly program: ProgramName
  /** Which of the attachments, by position, or one that is malformed; a program for one takes the first. */
  readonly targets: ReadonlyArray<number>
  readonly policy: PolicyName
  /** Retries that its policy allows. */
  readonly times: number
  /** Milliseconds before it begins. */
  readonly startsAt: number
  /** Milliseconds after which its caller gives up. */
  readonly patience: number | null
  readonly collection: Collection
}

/** What somebody else does meanwhile. */
export interface Meddling {
  /** How many lists Bigin has read before: between two pages is where a row slips. */
  readonly lists: number
  /** Milliseconds after that. */
  readonly at: number
  readonly does: "deletes" | "deletes the first" | "uploads" | "kills the tokens"
  /** Of an attachment that is deleted by its own name: which. Of the others it tells the record. */
  readonly attachment: number
}

/** The date of the programs' machine is set, by so many milliseconds. */
export interface ClockSetting {
  readonly at: number
  readonly by: number
}

/** What befalls an act of the disk; what "rots" is written and reads back as something else. */
export type DiskFault = "none" | "fails" | "rots"

export interface Plan {
  readonly version: "v1" | "v2"
  readonly auth: "access token" | "refresh token"
  readonly client: ClientName
  readonly records: number
  readonly attachments: number
  readonly perPage: number
  readonly tasks: ReadonlyArray<Task>
  readonly concurrency: number
  readonly throttle: Throttling | null
  readonly meddling: ReadonlyArray<Meddling>
  readonly clock: ReadonlyArray<ClockSetting>
  /** What the requests of each kind meet, in the order in which they are sent; after that all is well. */
  readonly DELETE: ReadonlyArray<Weather<"DELETE">>
  readonly GET: ReadonlyArray<Weather<"GET">>
  readonly UPLOAD: ReadonlyArray<Weather<"UPLOAD">>
  readonly POST: ReadonlyArray<Weather<"POST">>
  readonly disk: ReadonlyArray<DiskFault>
  /** The task of the scheduler before which all of it is interrupted. */
  readonly interruptedBefore: number | null
  /** The task of the scheduler before which the machine stops, and all programs begin again. */
  readonly crashesBefore: number | null
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
const mostOfCrowd = 20

/** Whose id is no id. */
export const malformed = -1

const target = (most: number): FastCheck.Arbitrary<number> =>
  FastCheck.oneof({ weight: 15, arbitrary: nat(most - 1) }, { weight: 1, arbitrary: constant(malformed) })

type Drawn<A> = { readonly [Name in keyof A]: FastCheck.Arbitrary<A[Name]> }

const collection = {
  concurrency: constantFrom<Array<Collection["concurrency"]>>(1, 2, 2, 3, 3, 12, "adaptive"),
  pull: constantFrom("at once", "at once", "slow", "claims"),
  ends: constantFrom("ends", "ends", "ends", "fails", "dies", "never"),
  atATime: constantFrom(2, 1, 3),
  onReport: constantFrom("prompt", "prompt", "prompt", "slow", "dies"),
  stopOn: constantFrom("default", "default", "never", "permission", "anything"),
  keepCredits: constantFrom(null, null, 0, 100),
  cut: constantFrom(null, null, null, null, 1, 2)
} satisfies Drawn<Collection>

const anyTask = {
  program: constantFrom(...programNames, "deleteMany", "deleteMany", "ensureDeleted", "uploadAttachment"),
  targets: array(target(mostAttachments), { minLength: 1, maxLength: 4 }),
  policy: constantFrom("patient", ...policyNames),
  times: nat(3),
  // around the life of a token, or soon
  startsAt: constantFrom(0, 0, 0, 1, 50, 2_000, 3_539_000, 3_541_000, 3_600_000),
  patience: constantFrom(null, null, null, null, null, null, null, 0, 1, 10, 300, 2_000, 6_000),
  collection: record(collection)
} satisfies Drawn<Task>

/** Nobody waits for ever for a source that has no end, and none of those gives all that it has at once. */
const bounded = (one: Task): Task =>
  one.collection.ends === "never"
    ? { ...one, patience: one.patience ?? 4_000, collection: { ...one.collection, pull: "slow" } }
    : one

const tasksOf = (drawn: Drawn<Task>, most: number, least = 1) =>
  array(record(drawn).map(bounded), { minLength: least, maxLength: most })

const meddling: FastCheck.Arbitrary<Meddling> = record({
  lists: constantFrom(0, 1, 1, 1, 2, 3),
  at: constantFrom(0, 0, 0, 0, 0, 1, 5, 40, 45, 300, 2_000, 5_000),
  does: constantFrom("deletes", "deletes the first", "deletes the first", "uploads", "kills the tokens"),
  attachment: nat(mostAttachments - 1)
})

const hour = 3_600_000

/** What fails is shrunk to the first of several, where it fails with that as well. */
const smallest = { withCrossShrink: true } as const

const anything = {
  version: constantFrom("v1", "v2"),
  auth: constantFrom("access token", "refresh token"),
  client: constantFrom("plain", "plain", "plain", "plain", "plain", "plain", ...clientNames),
  records: constantFrom(1, 1, 2, 3),
  attachments: integer({ min: 1, max: mostAttachments }),
  perPage: constantFrom(200, 1, 1, 2, 3),
  tasks: tasksOf(anyTask, 2),
  concurrency: integer({ min: 1, max: 2 }),
  throttle: FastCheck.oneof(
    smallest,
    { weight: 3, arbitrary: constant(null) },
    {
      weight: 1,
      arbitrary: record({
        concurrent: constantFrom(1, 2, 3, 2.5),
        perSecond: constantFrom(1, 2, 4, 1_000, 0.5, 1.5)
      })
    }
  ),
  meddling: array(meddling, { maxLength: 4 }),
  clock: FastCheck.oneof(
    smallest,
    { weight: 5, arbitrary: constant([]) },
    {
      weight: 1,
      arbitrary: array(
        record({
          at: constantFrom(0, 1, 300, 2_000, 3_540_000),
          by: constantFrom(-hour, -2_000, 2_000, hour, 24 * hour)
        } satisfies Drawn<ClockSetting>),
        { minLength: 1, maxLength: 2 }
      )
    }
  ),
  DELETE: array(weather("DELETE", ["none", "none", ...inDoubt]), { maxLength: 6 }),
  GET: array(weather("GET", ["none"]), { maxLength: 5 }),
  UPLOAD: array(weather("UPLOAD", namesOf("UPLOAD")), { minLength: 1, maxLength: 2 }),
  POST: array(weather("POST", ["none"]), { maxLength: 3 }),
  disk: array(constantFrom<Array<DiskFault>>("none", "none", "none", "none", "fails", "rots"), { maxLength: 16 }),
  interruptedBefore: FastCheck.oneof(
    smallest,
    { weight: 4, arbitrary: constant(null) },
    { weight: 1, arbitrary: integer({ min: 1, max: 60 }) },
    { weight: 1, arbitrary: integer({ min: 1, max: 400 }) }
  ),
  crashesBefore: FastCheck.oneof(
    smallest,
    { weight: 8, arbitrary: constant(null) },
    { weight: 1, arbitrary: integer({ min: 1, max: 200 }) }
  ),
  quantum: constantFrom(2_048, 2_048, 2_048, 2_048, 16, 25, 60),
  jitter: nat(1_000)
} satisfies Drawn<Plan>

/** A row slips past a list of several pages: rare in anything, since much else has to go well meanwhile. */
const slipping = {
  ...anything,
  client: constant("plain"),
  records: constant(1),
  tasks: tasksOf(
    { ...anyTask, program: constant("ensureDeleted"), startsAt: constant(0), patience: constant(null) },
    2
  ),
  throttle: constant(null),
  perPage: constantFrom(1, 2),
  meddling: array(
    meddling.map((one): Meddling => ({ ...one, does: "deletes the first", at: 0 })),
    { minLength: 1, maxLength: 3 }
  ),
  DELETE: array(record({ fault: constantFrom(...inDoubt), there: latency, back: latency }), { maxLength: 3 }),
  GET: constant([]),
  interruptedBefore: constant(null),
  crashesBefore: constant(null)
} satisfies Drawn<Plan>

/** A collection stops early while another of its attempts waits for a new token, or to be repeated. */
const stopping = {
  ...anything,
  auth: constant("refresh token"),
  tasks: tasksOf(
    {
      ...anyTask,
      program: constant("deleteMany"),
      targets: array(target(mostAttachments), { minLength: 2, maxLength: 4 }),
      times: integer({ min: 1, max: 3 }),
      startsAt: constant(0),
      patience: constant(null)
    },
    1
  ),
  DELETE: array(
    weather("DELETE", ["none", "refusedToken", "lastCredit", "OAuthScopeMismatch", "NoPermission", "throttled"]),
    {
      minLength: 2,
      maxLength: 6
    }
  ),
  POST: array(
    record({
      fault: constantFrom<Array<FaultName<"POST">>>("none", "none", "none", "none", "invalidClient"),
      there: latency,
      back: latency
    }),
    { minLength: 2, maxLength: 2 }
  )
} satisfies Drawn<Plan>

/** Many items of several records, many at once. */
const crowded = {
  ...anything,
  attachments: integer({ min: 8, max: mostOfCrowd }),
  tasks: tasksOf(
    {
      ...anyTask,
      program: constant("deleteMany"),
      targets: array(target(mostOfCrowd), { minLength: 6, maxLength: mostOfCrowd }),
      startsAt: constant(0),
      collection: record({
        ...collection,
        concurrency: constantFrom<Array<Collection["concurrency"]>>(12, "adaptive", 5)
      })
    },
    1
  ),
  DELETE: array(weather("DELETE", ["none", "none", "none", "throttled", "throttledFor", "lost", "emptySuccess"]), {
    minLength: 4,
    maxLength: 16
  })
} satisfies Drawn<Plan>

/** An archive that gets far, on a disk that fails somewhere on the way, of one program or of two on the same file. */
const archiving = {
  ...anything,
  client: constant("plain"),
  tasks: array(
    record({ ...anyTask, program: constant("archiveThenDelete" as const), startsAt: constantFrom(0, 0, 1) }),
    { minLength: 1, maxLength: 2 }
  ).map((tasks) => tasks.map((one): Task => ({ ...one, targets: tasks[0]?.targets ?? one.targets }))),
  attachments: integer({ min: 4, max: mostAttachments }),
  throttle: constant(null),
  clock: constant([]),
  DELETE: array(weather("DELETE", ["none", "lost"]), { maxLength: 2 }),
  GET: array(weather("GET", ["none", "none", "none", "none"]), { maxLength: 2 }),
  POST: constant([]),
  disk: array(
    FastCheck.oneof(
      { weight: 20, arbitrary: constant<DiskFault>("none") },
      { weight: 1, arbitrary: constantFrom<Array<DiskFault>>("fails", "rots") }
    ),
    { minLength: 40, maxLength: 40 }
  ),
  crashesBefore: FastCheck.oneof(
    smallest,
    { weight: 2, arbitrary: constant(null) },
    { weight: 1, arbitrary: integer({ min: 1, max: 120 }) }
  )
} satisfies Drawn<Plan>

export const plan: FastCheck.Arbitrary<Plan> = FastCheck.oneof(
  { weight: 7, arbitrary: record(anything) },
  { weight: 1, arbitrary: record(slipping) },
  { weight: 1, arbitrary: record(stopping) },
  { weight: 1, arbitrary: record(crowded) },
  { weight: 1, arbitrary: record(archiving) }
)
