import { Effect, Exit, Scope } from "effect"
import { Errors } from "effect-bigin"
import { FakeBigin, Fixtures } from "effect-bigin-testing"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bundle } from "./bundle.ts"
import { run } from "./run.ts"

let bundled: string

beforeAll(async () => {
  const [file = ""] = await bundle("examples/build/demo", ["examples/demo.ts"])
  bundled = file
})

describe("the demo", () => {
  it("deletes on its fake Bigin and meets every documented failure, on 80 columns", async () => {
    const { code, stderr, stdout } = await run(process.execPath, [bundled])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    const lines = stdout.split("\n")
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(stdout).toMatch(/before:\n {2}2883756000000261017.*\n {2}2883756000000261029.*\n/)
    expect(stdout).toMatch(/after:\n {2}2883756000000261029.*\n\n/)
    const words = stdout.replaceAll(/\s+/g, " ")
    for (const { advice, code: wire, status, tag } of Object.values(Errors.catalogue)) {
      expect(words).toContain(`${status} ${wire} ${tag}`)
      expect(words).toContain(advice)
    }
  })
})

describe("the demo on an account", () => {
  const scope = Effect.runSync(Scope.make())
  const token = Fixtures.accessTokens.administrator
  let fake: FakeBigin.Service
  let origin: string

  beforeAll(async () => {
    fake = await Effect.runPromise(FakeBigin.make())
    const server = FakeBigin.serve.pipe(Scope.extend(scope), Effect.provideService(FakeBigin.FakeBigin, fake))
    origin = (await Effect.runPromise(server)).origin
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const demo = (input: string) =>
    run(process.execPath, [bundled, ...Object.values(Fixtures.attachment)], {
      input,
      env: { BIGIN_ACCESS_TOKEN: token, BIGIN_API_ORIGIN: origin }
    })

  it("asks, and sends nothing before a yes; then deletes", async () => {
    const refused = await demo("no\n")
    expect(refused).toMatchObject({ code: 1, stderr: "Nothing was sent.\n" })
    expect(await Effect.runPromise(fake.requests)).toEqual([])

    const confirmed = await demo("yes\n")
    expect(confirmed).toMatchObject({ code: 0, stderr: "" })
    expect(confirmed.stdout).toContain("2883756000000261017 is gone")
    expect(await Effect.runPromise(fake.attachments(Fixtures.record))).toHaveLength(1)

    const again = await demo("yes\n")
    expect(again.code).toBe(1)
    expect(again.stderr).toContain("InvalidData")
    expect(again.stdout + again.stderr).not.toContain(token)
  })

  it("says what is missing or wrong before it asks", async () => {
    const said = (...given: ReadonlyArray<string>) => run(process.execPath, [bundled, ...given], { input: "yes\n" })
    const { attachmentId, module, recordId } = Fixtures.attachment
    for (const [args, words] of [
      [[module, recordId, attachmentId], "BIGIN_ACCESS_TOKEN"],
      [[module], "RECORD_ID"],
      [["../../settings", recordId, attachmentId], "Nothing was sent: module"]
    ] as const) {
      expect(await said(...args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(words) })
    }
  })
})
