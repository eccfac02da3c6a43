import { readdirSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { bundle } from "./bundle.ts"
import { root, run } from "./run.ts"

/** What each example prints, without time and level. */
const printed: Readonly<Record<string, ReadonlyArray<string>>> = {
  "01-delete-one.ts": ["Attachment 2883756000000261017 is deleted"],
  "02-handle-one-failure.ts": ["deleted", "was not there"],
  "03-handle-every-failure.ts": [
    "NoPermission is for the administrator: grant the permission",
    "RateLimited is for nobody: wait 30s",
    "ConnectionLost is for nobody: try again, after a look",
    "InvalidData is for nobody: it is gone already, or the id is wrong"
  ],
  "04-check-scopes-first.ts": [
    "Ask for ZohoBigin.modules.contacts.DELETE and ZohoBigin.modules.attachments.DELETE",
    "Bigin saw 0 requests"
  ],
  "06-run-for-days.ts": [
    ...Array.from({ length: 72 }, () => "Minted an access token"),
    "216 calls in three days took 72 tokens"
  ],
  "07-keep-the-token.ts": ["Minted an access token", "two runs, 2 deletions, 1 token"],
  "08-retry.ts": [
    "RateLimited: again",
    "RateLimited: again",
    "ConnectionLost: not again",
    "after 3 requests: ConnectionLost"
  ],
  "09-lost-answer.ts": ["AlreadyGone, proven by Refusal after 2 attempts"],
  "10-delete-many.ts": [
    // the malformed one is told, and was not attempted
    "0 of 12, … left",
    "line 12: InvalidInput",
    ...Array.from({ length: 11 }, (_, index) => `${index + 1} of 12, … left`),
    "line 5: NoPermission",
    "deleted 8, found gone 2",
    'failed {"InvalidInput":1,"NoPermission":1}'
  ],
  "11-archive-then-delete.ts": [
    "Deleted: offer.pdf",
    "Contacts/2883756000000261075/2883756000000261017.pdf, 48213 bytes",
    "ArchiveFailed, and Bigin still has 1"
  ],
  "12-all-from-the-environment.ts": ["Minted an access token", "two runs, 2 deletions, 1 token"],
  "15-http-service.ts": [
    "Deleted",
    "AlreadyGone",
    "404: Bigin has no attachments of Contact 2883756000000261075.",
    "ask again in 60 seconds",
    "outcome: unknown"
  ]
}

describe("the examples", () => {
  const names = Object.keys(printed)
  let bundled: ReadonlyArray<string>

  beforeAll(async () => {
    const files = names.map((name) => `examples/${name}`)
    bundled = await bundle("examples/build/examples", files)
  })

  it("are all run: here, or as tests", () => {
    const programs = readdirSync(`${root}examples`).filter((name) => /^\d\d-.*\.ts$/.test(name))
    expect(programs.filter((name) => !name.endsWith(".test.ts"))).toEqual(names)
    expect(programs).toHaveLength(names.length + 1)
  })

  it.concurrent.each(Object.entries(printed))("%s runs alone", async (name, lines) => {
    const { code, stderr, stdout } = await run(process.execPath, [bundled[names.indexOf(name)] ?? ""])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.replace(/^.*INFO \(#\d+\): /, "").replace(/, .+ left$/, ", … left"))
        // calls overlap, so reports come in any order
        .toSorted()
    ).toEqual(lines.toSorted())
  })
})
