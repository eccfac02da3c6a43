import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { recordsOf, settingsOf } from "../src/internal/arguments.ts"

describe("the arguments", () => {
  it.effect("are all optional", () =>
    Effect.gen(function* () {
      expect(yield* settingsOf([])).toEqual({
        port: 0,
        host: "127.0.0.1",
        cors: false,
        records: undefined,
        options: {}
      })
    })
  )

  it.effect("set all there is to set", () =>
    Effect.gen(function* () {
      const args = "--port 8080 --host 0.0.0.0 --envelope topLevel --credits 5 --cors --records a.json".split(" ")
      expect(yield* settingsOf(args)).toEqual({
        port: 8080,
        host: "0.0.0.0",
        cors: true,
        records: "a.json",
        options: { envelope: "topLevel", credits: 5 }
      })
    })
  )

  it.effect("ask for help", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* settingsOf(["--help"]))
    })
  )

  it.effect.each([
    [["--port", "http"], "--port is a number from 0 to 65535"],
    [["--port", "65536"], "--port is a number from 0 to 65535"],
    [["--credits", "few"], "--credits is a number"],
    [["--envelope", "none"], "--envelope is wrapped or topLevel"],
    [["--unknown"], "Usage: effect-bigin-testing"],
    [["positional"], "Usage: effect-bigin-testing"]
  ] as const)("are refused with what is wrong with them: %j", ([args, words]) =>
    Effect.gen(function* () {
      assert.include((yield* Effect.flip(settingsOf(args))).words, words)
    })
  )
})

describe("a file of records", () => {
  const recordsIn = (text: string) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const file = yield* fs.makeTempFileScoped()
      yield* fs.writeFileString(file, text)
      return yield* recordsOf(file)
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

  it.effect("is read", () =>
    Effect.gen(function* () {
      const attachments = [{ id: "8", fileName: "a.txt", content: "aGVsbG8=" }]
      expect(yield* recordsIn(JSON.stringify([{ module: "Tasks", recordId: "7", attachments }]))).toEqual([
        {
          module: "Tasks",
          recordId: "7",
          attachments: [{ id: "8", fileName: "a.txt", content: new TextEncoder().encode("hello"), size: 5 }]
        }
      ])
    })
  )

  it.effect.each([
    ["no JSON", "records", "has no records"],
    ["no record", "[]", "the array is empty"],
    ["a number for an id", '[{ "module": "Tasks", "recordId": 7 }]', "recordId"],
    ["an id with a zero in front", '[{ "module": "Tasks", "recordId": "07" }]', "without a zero in front"],
    ["a name that is none", '[{ "module": "Tasks", "recordId": "7", "attachment": [] }]', "attachment"]
  ] as const)("is refused with what is wrong with it: %s", ([, text, words]) =>
    Effect.gen(function* () {
      const problem = yield* Effect.flip(recordsIn(text))
      assert.include(problem._tag === "Problem" ? problem.words : "", words)
    })
  )

  it.effect("that is not there is told so", () =>
    Effect.gen(function* () {
      const problem = yield* Effect.flip(recordsOf("no such file"))
      assert.include(problem.words, "--records cannot be read: ENOENT")
    })
  )
})
