/** What a program of the simulation is: one of the library's operations, used as its docs say. */
import type { FileSystem, HttpClient, Path } from "@effect/platform"
import { type Effect, Schedule } from "effect"
import { type BiginAuth, Retry } from "effect-bigin"
import type { Collection, Policy, Terms } from "../history.ts"
import type { Journal } from "../journal.ts"

/** What a program is told to do. */
export interface Order {
  readonly operation: number
  /** A program for one takes the first. */
  readonly refs: ReadonlyArray<{ readonly module: string; readonly recordId: string; readonly attachmentId: string }>
  readonly times: number
  readonly policy: PolicyName
  readonly collection: Collection
  /** Whether a source may be cut short after its effect and before anybody has what it gives. */
  readonly losesPulls: boolean
}

export interface Program {
  /** What it may do for an attachment, given how often it may retry. */
  readonly terms: (order: Pick<Order, "times" | "policy" | "collection">) => Omit<Terms, "program">
  /** It writes down what it has begun and what it was told, and cannot fail. */
  readonly run: (
    order: Order,
    journal: Journal
  ) => Effect.Effect<void, never, FileSystem.FileSystem | Path.Path | HttpClient.HttpClient | BiginAuth.BiginAuth>
}

const twoMinutes = 120_000

/** Waits of half a second and one second, so that they fall among those of the network. */
const patience = { base: "500 millis", cap: "1 second" } as const

export const policies = {
  patient: {
    shortest: 500,
    mostAsked: twoMinutes,
    within: null,
    schedule: (times: number) => Retry.schedule({ ...patience, times })
  },
  within: {
    shortest: 500,
    mostAsked: twoMinutes,
    within: 3_000,
    schedule: (times: number) => Retry.schedule({ ...patience, times, within: 3_000 })
  },
  own: {
    shortest: 100,
    mostAsked: null,
    within: null,
    schedule: (times: number) => Schedule.intersect(Schedule.recurs(times), Schedule.spaced("100 millis"))
  }
} satisfies Record<string, Policy & { readonly schedule: (times: number) => Schedule.Schedule<unknown> }>

export type PolicyName = keyof typeof policies

export const policyNames = Object.keys(policies) as ReadonlyArray<PolicyName> // keys of a literal object

export const policyOf = (name: PolicyName): Policy => {
  const { mostAsked, shortest, within } = policies[name]
  return { mostAsked, shortest, within }
}

/** One attachment until it is proven gone. */
export const untilProven: Program["terms"] = ({ policy, times }) => ({
  does: "deletes",
  mostDeletes: times + 1,
  asksAgainInDoubt: true,
  policy: policyOf(policy)
})
