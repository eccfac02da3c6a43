/** What the command is told, and what is wrong with it. Needs Node. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import type { BiginRecord, Options } from "./model.ts"
import { recordOf, Records, strictly } from "./schemas.ts"

export const usage = `Usage: effect-bigin-testing [options]

Serves a fake Zoho Bigin until it is interrupted. The first line of its output is one JSON object:
where it is found, how it is driven, and what it knows.

  --port PORT           where it listens; 0, the default, takes a port that is free
  --host HOST           127.0.0.1 unless given
  --envelope ENVELOPE   wrapped or topLevel: where the items of all answers stand; as recorded unless given
  --credits NUMBER      how many calls any 24 hours have; no end of them unless given
  --cors                lets pages of any origin ask
  --records FILE        a JSON array of records, instead of the example's
  --help                shows this
`

/** What a person must mend. */
export class Problem extends Data.TaggedError("Problem")<{ readonly words: string }> {}

interface Settings {
  readonly port: number
  readonly host: string
  readonly cors: boolean
  readonly options: Options
  readonly records: string | undefined
}

/** None where help is asked for. */
export const settingsOf = (args: ReadonlyArray<string>): Effect.Effect<Settings | undefined, Problem> =>
  Effect.gen(function* () {
    const { values } = yield* Effect.try({
      try: () =>
        parseArgs({
          args: [...args],
          options: {
            port: { type: "string", default: "0" },
            host: { type: "string", default: "127.0.0.1" },
            envelope: { type: "string" },
            credits: { type: "string" },
            cors: { type: "boolean", default: false },
            records: { type: "string" },
            help: { type: "boolean", default: false }
          }
        }),
      catch: (error) => new Problem({ words: `${error instanceof Error ? error.message : error}\n\n${usage}` })
    })
    if (values.help) return undefined
    const { cors, credits, envelope, host, port, records } = values
    if (envelope !== undefined && envelope !== "wrapped" && envelope !== "topLevel") {
      return yield* new Problem({ words: "--envelope is wrapped or topLevel" })
    }
    return {
      port: yield* numberOf("--port", port, 65_535),
      host,
      cors,
      records,
      options: {
        ...(envelope === undefined ? {} : { envelope }),
        ...(credits === undefined ? {} : { credits: yield* numberOf("--credits", credits, Number.MAX_SAFE_INTEGER) })
      }
    }
  })

const numberOf = (name: string, text: string, most: number): Effect.Effect<number, Problem> =>
  /^\d+$/.test(text) && Number(text) <= most
    ? Effect.succeed(Number(text))
    : new Problem({ words: `${name} is a number from 0 to ${most}` })

export const recordsOf = (file: string): Effect.Effect<readonly [BiginRecord, ...Array<BiginRecord>], Problem> =>
  Effect.gen(function* () {
    const text = yield* Effect.tryPromise({
      try: () => readFile(file, "utf8"),
      catch: (error) =>
        new Problem({ words: `--records cannot be read: ${error instanceof Error ? error.message : error}` })
    })
    const [first, ...others] = yield* Schema.decodeUnknown(
      Schema.parseJson(Records),
      strictly
    )(text).pipe(
      Effect.mapError(
        (error) =>
          new Problem({ words: `${file} has no records:\n${ParseResult.TreeFormatter.formatErrorSync(error)}` })
      )
    )
    if (first === undefined) return yield* new Problem({ words: `${file} has no records: the array is empty` })
    return [recordOf(first), ...others.map(recordOf)]
  })
