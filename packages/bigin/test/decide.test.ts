/** What is to be done about a token: a row for each rule, and what holds whatever is known. */
import { assert, describe, expect, it } from "@effect/vitest"
import { Duration, Exit, FastCheck, FiberId, Redacted } from "effect"
import { Errors } from "effect-bigin"
import { type Asking, decide, type Decision } from "../src/internal/auth/decide.ts"
import { ended, nothing, withMint } from "../src/internal/auth/entry.ts"
import type { Entry, Mint, Token } from "../src/internal/auth/known.ts"

const second = 1_000
const minute = 60 * second
const now = Date.UTC(2026, 0, 1)

const alone: Asking = { by: "us", isAlone: true }
const unlocked: Asking = { by: "us", isAlone: false }
const refusing: Asking = { ...alone, refused: "print" }

/** Of an hour, minted so long ago. */
const aged = (age: number, more: Partial<Token> = {}): Token => ({
  accessToken: Redacted.make("1000.token"),
  print: "print",
  apiOrigin: "https://www.zohoapis.com",
  askedAt: now - age,
  endsAt: now - age + 60 * minute,
  ...more
})
const shortLived = (age: number) => aged(age, { endsAt: now - age + minute })
const dead = aged(61 * minute)
const late = aged(59 * minute)

let count = 0
const mint = (more: Partial<Mint> = {}): Mint => ({ id: `${count++}`, by: "them", at: now - second, ...more })
const failed = (kind: "rejection" | "throttle" | "pause", left: number, more: Partial<Mint> = {}) =>
  mint({ endedAt: now - second, failure: { kind, until: now + left, made: false, reason: kind }, ...more })
const made = (howMany: number, more: Partial<Mint> = {}) =>
  Array.from({ length: howMany }, () => mint({ at: now - 2 * minute, endedAt: now - minute, ...more }))

const entry = (more: Partial<Entry>): Entry => ({ ...nothing, ...more })

const unreachable = (reason: string, left: number): Decision => ({
  _tag: "Refuse",
  error: new Errors.TokenUnreachable({ reason, retryAfter: Duration.millis(left) })
})
const rejected: Decision = { _tag: "Refuse", error: new Errors.TokenRejected({ reason: "rejection" }) }
const full = "Zoho mints no more tokens for now (10 in 10 minutes are allowed)"

type Row = readonly [rule: string, entry: Partial<Entry>, asking: Asking, expected: Decision | Decision["_tag"]]

const rows: ReadonlyArray<Row> = [
  // Life
  ["nothing is known", {}, alone, "Mint"],
  ["a token lives", { token: aged(55 * minute - 1) }, alone, "Use"],
  ["from five minutes before its end it is renewed aside", { token: aged(55 * minute) }, alone, "Renew"],
  ["until a minute before its end", { token: aged(59 * minute - 1) }, alone, "Renew"],
  ["in its last minute callers wait for another", { token: aged(59 * minute) }, alone, "Mint"],
  ["and for one that is under way", { token: late, mints: [mint({ by: "us" })] }, alone, "Join"],
  ["dead it is not served", { token: aged(60 * minute) }, alone, "Mint"],
  [
    "not even in a pause",
    { token: aged(60 * minute), mints: [failed("throttle", 1)] },
    alone,
    unreachable("throttle", 1)
  ],
  ["one of a minute lives", { token: shortLived(50 * second - 1) }, alone, "Use"],
  ["it is renewed aside in its last sixth", { token: shortLived(50 * second) }, alone, "Renew"],
  ["until its last tenth", { token: shortLived(54 * second - 1) }, alone, "Renew"],
  ["and waited for in its last tenth", { token: shortLived(54 * second) }, alone, "Mint"],
  // Failures
  [
    "a pause of five seconds is waited for",
    { mints: [failed("pause", 5_000)] },
    alone,
    { _tag: "Wait", millis: 5_000 }
  ],
  ["a longer one is not", { mints: [failed("pause", 5_001)] }, alone, unreachable("pause", 5_001)],
  ["after it somebody asks", { mints: [failed("pause", 0)] }, alone, "Mint"],
  ["in a pause a token that lives is served", { token: late, mints: [failed("pause", 5_000)] }, alone, "Use"],
  ["and is not renewed", { token: aged(56 * minute), mints: [failed("pause", 5_000)] }, alone, "Use"],
  ["a rejection is remembered", { mints: [failed("rejection", 1)] }, alone, rejected],
  ["and is over", { mints: [failed("rejection", 0)] }, alone, "Mint"],
  ["it goes before a throttle", { mints: [failed("throttle", 9_000), failed("rejection", 1)] }, alone, rejected],
  ["after one a token that lives is served", { token: late, mints: [failed("rejection", 1)] }, alone, "Use"],
  [
    "of two pauses the longer",
    { mints: [failed("pause", 8_000), failed("pause", 6_000)] },
    alone,
    unreachable("pause", 8_000)
  ],
  // Replay
  ["a refused token is replaced", { token: aged(0), refused: ["print"] }, refusing, "Mint"],
  ["by what somebody has minted already", { token: aged(0, { print: "other" }), refused: ["print"] }, refusing, "Use"],
  ["which is not renewed for it", { token: { ...late, print: "other" }, refused: ["print"] }, refusing, "Use"],
  [
    "and not by one that was refused as well",
    { token: aged(0, { print: "other" }), refused: ["print", "other"] },
    refusing,
    "Mint"
  ],
  ["nobody is given a refused one", { token: aged(0), refused: ["print"] }, alone, "Mint"],
  [
    "what replaced one is not replaced within a minute",
    { token: aged(0, { replacedAt: now - minute + 1 }), refused: ["print"] },
    refusing,
    "NoOther"
  ],
  ["and stays", { token: aged(0, { replacedAt: now - minute + 1 }), refused: ["print"] }, alone, "Use"],
  ["until then", { token: aged(0, { replacedAt: now - minute }), refused: ["print"] }, alone, "Mint"],
  [
    "the budget is not overdrawn for a refusal",
    { token: aged(0), mints: made(10), refused: ["print"] },
    refusing,
    "NoOther"
  ],
  [
    "a throttle is told",
    { token: aged(0), mints: [failed("throttle", 1)], refused: ["print"] },
    refusing,
    unreachable("throttle", 1)
  ],
  [
    "a pause is waited for",
    { token: aged(0), mints: [failed("pause", 1)], refused: ["print"] },
    refusing,
    { _tag: "Wait", millis: 1 }
  ],
  // Budget
  ["nine have made a token", { mints: made(9) }, alone, "Mint"],
  ["ten have", { mints: made(10) }, alone, unreachable(full, 9 * minute)],
  ["one of them made none", { mints: [...made(9), failed("pause", 0)] }, alone, "Mint"],
  [
    "one of them failed and may have made one",
    {
      mints: [...made(9), mint({ endedAt: now, failure: { kind: "pause", until: now, made: true, reason: "lost" } })]
    },
    alone,
    unreachable(full, 9 * minute)
  ],
  [
    "one of them has never ended",
    { mints: [...made(9), mint({ at: now - 31 * second })] },
    alone,
    unreachable(full, 9 * minute)
  ],
  [
    "one of them was answered ten minutes ago",
    { mints: [...made(9), ...made(1, { endedAt: now - 10 * minute })] },
    alone,
    "Mint"
  ],
  [
    "the tenth last of twelve is over last",
    { mints: [...made(2, { endedAt: now - 9 * minute }), ...made(10)] },
    alone,
    unreachable(full, 9 * minute)
  ],
  [
    "it ends soon and is not waited for",
    { mints: made(10, { endedAt: now - 10 * minute + 1 }) },
    alone,
    unreachable(full, 1)
  ],
  ["it is spent, and a token lives", { token: late, mints: made(10) }, alone, "Use"],
  ["the tenth is under way", { mints: [...made(9), mint({ by: "us" })] }, alone, "Join"],
  // Throttled
  ["a throttle is not waited for", { mints: [failed("throttle", 1)] }, alone, unreachable("throttle", 1)],
  ["it is over", { mints: [failed("throttle", 0)] }, alone, "Mint"],
  ["it is spared by a token that lives", { token: late, mints: [failed("throttle", 1)] }, alone, "Use"],
  [
    "it outlasts a token that came from elsewhere",
    { token: dead, mints: [failed("throttle", 1)] },
    alone,
    unreachable("throttle", 1)
  ],
  // Mints elsewhere
  ["another layer asks", { mints: [mint()] }, unlocked, "Join"],
  ["it has for half a minute", { mints: [mint({ at: now - 30 * second })] }, unlocked, "Mint"],
  ["it can't while we hold the lock", { mints: [mint()] }, alone, "Mint"],
  ["it does, and a token lives", { token: late, mints: [mint()] }, unlocked, "Use"],
  // Clocks
  ["a token of a clock that is a minute ahead", { token: aged(-minute) }, alone, "Use"],
  ["of one that is further ahead", { token: aged(-minute - 1) }, alone, "Mint"],
  [
    "a throttle of a clock that is a minute ahead",
    { mints: [failed("throttle", 1, { endedAt: now + minute })] },
    alone,
    unreachable("throttle", 1)
  ],
  ["of one that is further ahead", { mints: [failed("throttle", 1, { endedAt: now + minute + 1 })] }, alone, "Mint"],
  [
    "ten mints of a clock that is a minute ahead",
    { mints: made(10, { endedAt: now + minute }) },
    alone,
    unreachable(full, 11 * minute)
  ],
  ["of one that is further ahead", { mints: made(10, { endedAt: now + minute + 1 }) }, alone, "Mint"],
  ["a mint of a clock that is a minute ahead", { mints: [mint({ at: now + minute })] }, unlocked, "Join"],
  ["of one that is further ahead", { mints: [mint({ at: now + minute + 1 })] }, unlocked, "Mint"]
]

describe("the decision", () => {
  it.each(rows)("%s", (_, known, asking, expected) => {
    const decision = decide(entry(known), now, asking)
    expect(typeof expected === "string" ? decision._tag : decision).toEqual(expected)
  })
})

/** Entries around now, whose clocks were at most a minute ahead, or at least so much. */
const entries = (from: number, to: number) =>
  FastCheck.record({
    token: FastCheck.option(
      FastCheck.record({
        askedAt: FastCheck.integer({ min: now + from, max: now + to }),
        life: FastCheck.integer({ min: 1, max: 2 * 60 * minute }),
        print: FastCheck.constantFrom("print", "other"),
        replaced: FastCheck.option(FastCheck.integer({ min: 0, max: 2 * minute }))
      })
    ),
    mints: FastCheck.array(
      FastCheck.record({
        at: FastCheck.integer({ min: now + from, max: now + to }),
        took: FastCheck.option(FastCheck.integer({ min: 0, max: Math.max(0, Math.min(30 * second, -from)) })),
        by: FastCheck.constantFrom("us", "them"),
        failure: FastCheck.option(
          FastCheck.record({
            kind: FastCheck.constantFrom("rejection" as const, "throttle" as const, "pause" as const),
            wait: FastCheck.integer({ min: 0, max: 15 * minute }),
            made: FastCheck.boolean()
          })
        )
      }),
      { maxLength: 16 }
    ),
    refused: FastCheck.subarray(["print", "other"])
  }).map(({ mints, refused, token }): Entry => ({
    ...(token === null
      ? {}
      : {
          token: aged(0, {
            print: token.print,
            askedAt: token.askedAt,
            endsAt: token.askedAt + token.life,
            ...(token.replaced === null ? {} : { replacedAt: token.askedAt + token.replaced })
          })
        }),
    mints: mints.map(({ at, by, failure, took }) => {
      const endedAt = at + (took ?? 0)
      if (took === null) return mint({ at, by })
      if (failure === null) return mint({ at, by, endedAt })
      const { kind, made, wait } = failure
      return mint({ at, by, endedAt, failure: { kind, made, until: endedAt + wait, reason: kind } })
    }),
    refused
  }))

const believed = entries(-20 * minute, minute - 30 * second)
const askings = FastCheck.record({ isAlone: FastCheck.boolean(), isRefusing: FastCheck.boolean() }).map(
  ({ isAlone, isRefusing }): Asking => ({ by: "us", isAlone, ...(isRefusing ? { refused: "print" } : {}) })
)

const always = (property: FastCheck.IProperty<[Entry, Asking]>) => FastCheck.assert(property, { numRuns: 2_000 })

/** Written apart from the decision, so that the two can disagree. */
const isForbidden = ({ mints }: Entry) =>
  mints.some(({ failure }) => failure !== undefined && failure.until > now) ||
  mints.filter((one) => one.failure?.made !== false && (one.endedAt ?? one.at) > now - 10 * minute).length >= 10

describe("whatever is known", () => {
  it("nobody asks while that is forbidden, and an eleventh of ten minutes is", () =>
    always(
      FastCheck.property(believed, askings, (entry, asking) => {
        const { _tag } = decide(entry, now, asking)
        if (_tag === "Mint" || _tag === "Renew") assert.isFalse(isForbidden(entry))
        if (_tag === "Wait" || _tag === "Refuse") assert.isTrue(isForbidden(entry))
      })
    ))

  it("no dead token is served", () =>
    always(
      FastCheck.property(believed, askings, (entry, asking) => {
        const decision = decide(entry, now, asking)
        if ("token" in decision) assert.isAbove(decision.token.endsAt, now)
      })
    ))

  it("what lives and was not refused is served, and never said not to be there", () =>
    always(
      FastCheck.property(believed, askings, (entry, asking) => {
        const { refused, token } = entry
        if (token === undefined || token.endsAt <= now || refused.includes(token.print)) return
        const tags =
          asking.refused === token.print
            ? ["Mint", "Join", "NoOther", "Wait", "Refuse"]
            : ["Use", "Renew", "Mint", "Join"]
        const { _tag } = decide(entry, now, asking)
        assert.include(tags, _tag)
        if (_tag === "NoOther") assert.strictEqual(asking.refused, token.print)
      })
    ))

  it("in place of a refused token no refused one is given", () =>
    always(
      FastCheck.property(believed, askings, (entry, asking) => {
        const decision = decide(entry, now, asking)
        if (asking.refused === undefined || !("token" in decision)) return
        assert.notInclude([asking.refused, ...entry.refused], decision.token.print)
      })
    ))

  it("a wait is exactly as long as announced", () =>
    always(
      FastCheck.property(believed, askings, (entry, asking) => {
        const decision = decide(entry, now, asking)
        const wait =
          decision._tag === "Wait"
            ? decision.millis
            : decision._tag === "Refuse" && "retryAfter" in decision.error
              ? Duration.toMillis(decision.error.retryAfter ?? 0)
              : undefined
        if (wait === undefined) return
        assert.isAbove(wait, 0)
        assert.include(["Wait", "Refuse", "NoOther"], decide(entry, now + wait - 1, asking)._tag)
        assert.strictEqual(decide(entry, now + wait, asking)._tag, "Mint")
      })
    ))

  it("what lies further than a minute in the future changes nothing", () =>
    FastCheck.assert(
      FastCheck.property(believed, entries(minute + 1, 24 * 60 * minute), askings, (entry, future, asking) => {
        const decision = decide(entry, now, asking)
        expect(decide({ ...entry, mints: [...entry.mints, ...future.mints] }, now, asking)).toEqual(decision)
        const { token: _, ...rest } = entry
        expect(decide({ ...rest, ...(future.token && { token: future.token }) }, now, asking)).toEqual(
          decide(rest, now, asking)
        )
      }),
      { numRuns: 1_000 }
    ))

  it("of any ten minutes no more than ten mints count, however they end and whenever somebody asks", () =>
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(
          FastCheck.record({
            after: FastCheck.integer({ min: 0, max: 2 * minute }),
            took: FastCheck.integer({ min: 0, max: 30 * second }),
            end: FastCheck.constantFrom(
              "made" as const,
              "lost" as const,
              "answered" as const,
              "killed" as const,
              "interrupted" as const
            ),
            by: FastCheck.constantFrom("us", "them")
          }),
          { minLength: 50, maxLength: 100 }
        ),
        (steps) => {
          let known = nothing
          let time = now
          const counted: Array<number> = []
          for (const { after, by, end, took } of steps) {
            time += after
            if (decide(known, time, { by, isAlone: true, refused: "print" })._tag !== "Mint") continue
            // all that were answered, or were asked for, in the ten minutes before this was asked
            assert.isBelow(counted.filter((at) => at > time - 10 * minute).length, 10)
            const begun = mint({ at: time, by })
            known = withMint(known, begun)
            if (end !== "killed") time += took
            if (end !== "answered") counted.push(time)
            if (end === "killed") continue
            const { token: _, ...rest } = ended(known, begun, exits[end], String, time)(known)
            known = rest
          }
        }
      ),
      { numRuns: 300 }
    ))
})

const lost = new Errors.TokenUnreachable({ reason: "lost" })
const exits = {
  made: Exit.succeed(dead),
  lost: Exit.fail({ error: lost, made: true, throttled: false }),
  answered: Exit.fail({ error: lost, made: false, throttled: false }),
  interrupted: Exit.interrupt(FiberId.none)
}
