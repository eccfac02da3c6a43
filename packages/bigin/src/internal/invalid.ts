/** What a caller gave and cannot be sent, as the error that says so. */
import { InvalidInput } from "../errors/undocumented.ts"
import { shown } from "./shown.ts"

export const invalid = (field: InvalidInput["field"], problem: string, given: unknown): InvalidInput =>
  new InvalidInput({ field, given: shown(given), problem })
