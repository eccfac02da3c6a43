import { FetchHttpClient } from "@effect/platform"
import { Effect, Layer, Redacted } from "effect"
import { BiginAuth } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import * as overAxios from "../handbook/compare/axios.ts"
import * as overEffect from "../handbook/compare/effect.ts"
import * as overFetch from "../handbook/compare/fetch.ts"
import * as overNeverthrow from "../handbook/compare/neverthrow.ts"

/** What goes wrong: with the token, with what is asked for, or on the way. */
interface Trouble {
  readonly token?: string
  readonly recordId?: string
  readonly before?: (fake: FakeBigin.Service) => Effect.Effect<unknown>
}

const inject = (fault: FakeBigin.Fault): Trouble => ({ before: (fake) => fake.inject({ fault }) })

const refusalUnder200 = Fixtures.errorItem(200, "NO_PERMISSION", "Permission denied to delete attachment")

/** Success, and the eight faults. */
const troubles: Readonly<Record<string, Trouble>> = {
  "nothing goes wrong": {},
  "the answer is lost after the deletion": inject(FakeBigin.loseAnswer),
  "a gateway answers 502 after the deletion": inject(FakeBigin.badGateway),
  "429, and then all is well": inject(FakeBigin.answerWith(Fixtures.rateLimited())),
  "a refusal under the status 200": inject(FakeBigin.answerWith(refusalUnder200)),
  "the record's id is wrong": { recordId: "2883756000000261999" },
  "the attachment was gone before": {
    before: (fake) => fake.put({ ...Fixtures.record, attachments: [] })
  },
  "the token has expired": { before: (fake) => fake.expireTokens },
  "the token lacks a scope": { token: Fixtures.accessTokens.reader }
}

type Ref = typeof Fixtures.attachment | (Omit<typeof Fixtures.attachment, "recordId"> & { readonly recordId: string })
type Program = (ref: Ref, token: string, origin: string) => Promise<string>

const promised =
  (remove: (url: string, token: string) => Promise<string>): Program =>
  ({ attachmentId, module, recordId }, token, origin) =>
    remove(`${origin}/bigin/v1/${module}/${recordId}/Attachments/${attachmentId}`, token)

const effectful =
  (remove: typeof overEffect.remove): Program =>
  (ref, token, origin) => {
    const auth = BiginAuth.layerToken({ accessToken: Redacted.make(token), apiOrigin: origin })
    return Effect.runPromise(Effect.provide(remove(ref), Layer.merge(auth, FetchHttpClient.layer)))
  }

const programs: Readonly<Record<string, Program>> = {
  fetch: promised(overFetch.remove),
  axios: promised(overAxios.remove),
  neverthrow: promised(overNeverthrow.remove),
  deleteAttachment: effectful(overEffect.remove),
  ensureDeleted: effectful(overEffect.removeForGood)
}

/** What a program said, what it asked for, and whether the attachment is there afterwards. */
const runOne = (program: Program, trouble: Trouble) =>
  Effect.gen(function* () {
    const fake = yield* FakeBigin.FakeBigin
    const { origin } = yield* FakeBigin.serve
    yield* trouble.before?.(fake) ?? Effect.void
    const isThere = Effect.map(fake.attachments(Fixtures.record), (attachments) =>
      attachments.some(({ id }) => id === Fixtures.attachment.attachmentId)
    )
    const before = yield* isThere
    const ref = { ...Fixtures.attachment, recordId: trouble.recordId ?? Fixtures.record.recordId }
    const said = yield* Effect.promise(() => program(ref, trouble.token ?? Fixtures.accessTokens.administrator, origin))
    const requests = (yield* fake.requests).map(({ method }) => method)
    return { said, requests, before, after: yield* isThere }
  }).pipe(Effect.scoped, Effect.provideServiceEffect(FakeBigin.FakeBigin, FakeBigin.make()))

interface Run {
  readonly said: string
  readonly requests: ReadonlyArray<string>
  readonly before: boolean
  readonly after: boolean
}

/** "failed" is read as its users read it: nothing was deleted. */
const isUntrue = ({ after, before, said }: Run) => {
  if (/^(perhaps deleted|not known)/.test(said)) return false
  if (/^(failed|not deleted)/.test(said)) return before && !after
  return after
}

const cell = (run: Run) => {
  const counts = ["DELETE", "GET"].flatMap((method) => {
    const count = run.requests.filter((request) => request === method).length
    return count === 0 ? [] : [`${count} ${method}`]
  })
  return `${isUntrue(run) ? `**untrue:** ${run.said}` : run.said} (${counts.join(", ")})`
}

const happened = ({ after, before }: Run) => {
  if (after) return "nothing"
  return before ? "deleted" : "nothing, it was gone"
}

const rows = Effect.forEach(
  Object.entries(troubles),
  ([name, trouble]) =>
    Effect.map(
      Effect.forEach(Object.values(programs), (program) => runOne(program, trouble)),
      (runs) => ({ name, runs })
    ),
  { concurrency: 3 }
)

const page = readFileSync(new URL("../handbook/17-four-ways.md", import.meta.url), "utf8")

/** The cells of the rows behind the marker, however wide they are. */
const tableOf = (text: string) =>
  (text.split("<!-- comparison -->")[1]?.trim().split("\n\n")[0] ?? "")
    .split("\n")
    .filter((line) => !/^\|[ :-]+\|/.test(line) || /[a-z]/i.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((text) => text.trim())
    )

describe("the same deletion four ways", () => {
  it("ends as the table of the page says, for each program and each fault", async () => {
    const table = (await Effect.runPromise(rows)).map(({ name, runs }) => [
      name,
      ...new Set(runs.map(happened)),
      ...runs.map(cell)
    ])
    expect(tableOf(page)).toEqual([["what goes wrong", "what happened", ...Object.keys(programs)], ...table])
  }, 60_000)

  it.each(["fetch", "axios", "neverthrow", "effect"])("is shown on the page as it was run: %s", (name) => {
    const program = readFileSync(new URL(`../handbook/compare/${name}.ts`, import.meta.url), "utf8")
    expect(page).toContain(`\n\`\`\`ts\n${program}\`\`\`\n`)
  })
})
