import { describe } from "@effect/vitest"
import { holdsFrom } from "./schedules.ts"

describe("everything that the library promises, whatever befalls the requests of a program", () => {
  holdsFrom(5_000)
})
