/** What a caller gave and cannot be sent, as the error that says so. */
import { InvalidInput } from "../errors/undocumented.ts"

export const invalid = (field: InvalidInput["field"], problem: string, given: unknown): InvalidInput =>
  new InvalidInput({ field, given: shown(given), problem })

/** Runs nothing that belongs to the value: no toString, no toJSON, no getter. */
const shown = (given: unknown): string =>
  given === null
    ? "null"
    : typeof given === "object" || typeof given === "function"
      ? typeof given
      : String(given).slice(0, 64)
