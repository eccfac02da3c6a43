import { Command } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, expect, it, layer } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { Fixtures } from "effect-bigin-testing"
import { writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

// each of these starts a process, and a busy machine takes its time
const patiently = 60_000

const bin = fileURLToPath(new URL("../bin/effect-bigin-testing.js", import.meta.url))

interface First {
  readonly origin: string
  readonly control: string
  readonly accessToken: string
  readonly module: string
  readonly recordId: string
  readonly attachmentIds: ReadonlyArray<string>
}

const started = (...args: ReadonlyArray<string>) => Command.start(Command.make(process.execPath, bin, ...args))

/** The command while it runs, and the first line of its output. */
const served = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const child = yield* started(...args)
    const lines = child.stdout.pipe(Stream.decodeText(), Stream.splitLines)
    const line = yield* Effect.flatten(Stream.runHead(lines))
    return { child, first: JSON.parse(line) as First }
  })

const textOf = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) => stream.pipe(Stream.decodeText(), Stream.mkString)

const ended = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const child = yield* started(...args)
    const [stdout, stderr, code] = yield* Effect.all([textOf(child.stdout), textOf(child.stderr), child.exitCode], {
      concurrency: "unbounded"
    })
    return { stdout, stderr, code }
  })

const ask = (url: string, init?: RequestInit) => Effect.promise(() => fetch(url, init))
const jsonOf = (response: Response) => Effect.promise(() => response.json() as Promise<unknown>)
const authorized = ({ accessToken }: First) => ({ headers: { authorization: `Zoho-oauthtoken ${accessToken}` } })
const listOf = ({ module, origin, recordId }: First) => `${origin}/bigin/v1/${module}/${recordId}/Attachments`

class Served extends Context.Tag("Served")<Served, First>() {
  static readonly with = (...args: ReadonlyArray<string>) =>
    Layer.scoped(
      Served,
      Effect.map(served(...args), ({ first }) => first)
    ).pipe(Layer.provide(NodeContext.layer))
}

layer(Served.with(), { timeout: patiently })("effect-bigin-testing", (it) => {
  it.effect("tells in the first line of its output all that a client and its test suite need", () =>
    Effect.gen(function* () {
      expect(yield* Served).toEqual({
        origin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        control: expect.stringMatching(/^\/control-[0-9a-f-]{36}$/),
        accessToken: Fixtures.accessTokens.administrator,
        refreshToken: Fixtures.client.refreshToken,
        clientId: Fixtures.client.clientId,
        clientSecret: Fixtures.client.clientSecret,
        ...Fixtures.record,
        attachmentIds: ["2883756000000261017", "2883756000000261029"]
      })
    })
  )

  it.effect("serves what it told of, and tells below its secret path what it was asked", () =>
    Effect.gen(function* () {
      const first = yield* Served
      const url = `${listOf(first)}/${first.attachmentIds[0]}`
      const deleted = yield* ask(url, { method: "DELETE", ...authorized(first) })
      assert.strictEqual(deleted.status, 200)
      expect(yield* jsonOf(yield* ask(`${first.origin}${first.control}/requests`))).toContainEqual(
        expect.objectContaining({ method: "DELETE", fate: "Answered" })
      )
    })
  )

  it.effect("answers below another path than its secret one as Bigin does", () =>
    Effect.gen(function* () {
      const { origin } = yield* Served
      expect(yield* jsonOf(yield* ask(`${origin}/control/requests`))).toMatchObject({ code: "INVALID_URL_PATTERN" })
    })
  )
})

const file = join(tmpdir(), `effect-bigin-testing-${process.pid}.json`)
const attachments = [{ id: "8", fileName: "a.txt", content: "aGVsbG8=" }]
const withOptions = Layer.unwrapEffect(
  Effect.promise(() => writeFile(file, JSON.stringify([{ module: "Tasks", recordId: "7", attachments }]))).pipe(
    Effect.as(
      Served.with("--records", file, "--envelope", "wrapped", "--credits", "2", "--cors", "--host", "localhost")
    )
  )
)

layer(withOptions, { timeout: patiently })("effect-bigin-testing with all its options", (it) => {
  it.effect("does what each of them says", () =>
    Effect.gen(function* () {
      const first = yield* Served
      expect(first).toMatchObject({ module: "Tasks", recordId: "7", attachmentIds: ["8"] })
      assert.match(first.origin, /^http:\/\/localhost:\d+$/)
      const content = yield* ask(`${listOf(first)}/8`, authorized(first))
      assert.strictEqual(yield* Effect.promise(() => content.text()), "hello")
      assert.strictEqual(content.headers.get("access-control-allow-origin"), "*")
      assert.strictEqual(content.headers.get("x-api-credits-remaining"), "1")
      const answer = yield* ask(`${listOf(first)}/1`, authorized(first))
      expect(yield* jsonOf(answer)).toMatchObject({ data: [{ code: "INVALID_DATA" }] })
    })
  )
})

describe("the process", () => {
  it.live.each(["SIGINT", "SIGTERM"] as const)(
    "stops cleanly on %s, with a request under way",
    (signal) =>
      Effect.gen(function* () {
        const { child, first } = yield* served()
        yield* ask(`${first.origin}${first.control}/faults`, { method: "POST", body: '{ "fault": "stall" }' })
        const hanging = yield* ask(listOf(first), authorized(first))
        yield* child.kill(signal)
        assert.strictEqual(yield* child.exitCode, 0)
        assert.strictEqual(yield* textOf(child.stderr), "")
        yield* Effect.promise(() => hanging.text().catch(() => ""))
      }).pipe(Effect.scoped, Effect.provide(NodeContext.layer)),
    patiently
  )

  it.live(
    "shows its options and ends with 0",
    () =>
      Effect.gen(function* () {
        expect(yield* ended("--help")).toMatchObject({
          code: 0,
          stdout: expect.stringContaining("--records"),
          stderr: ""
        })
      }).pipe(Effect.scoped, Effect.provide(NodeContext.layer)),
    patiently
  )

  it.live(
    "says on its other output what is wrong, and ends with 1",
    () =>
      Effect.gen(function* () {
        expect(yield* ended("--port", "http")).toEqual({
          code: 1,
          stdout: "",
          stderr: "--port is a number from 0 to 65535\n"
        })
      }).pipe(Effect.scoped, Effect.provide(NodeContext.layer)),
    patiently
  )
})
