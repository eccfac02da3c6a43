import { Terminal } from "@effect/platform"
import { Effect } from "effect"

/** Asks, and goes on only after "yes". */
export const confirmed = (question: string) =>
  Effect.gen(function* () {
    const terminal = yield* Terminal.Terminal
    yield* terminal.display(`${question} Type yes: `)
    return yield* terminal.readLine
  }).pipe(
    Effect.filterOrFail((answer) => answer.trim() === "yes"),
    // another answer, the end of the input, Ctrl-C
    Effect.orElseFail(() => "Nothing was sent.")
  )
