/** A caller's value as a short text. Runs nothing that belongs to the value: no toString, no toJSON, no getter. */
export const shown = (given: unknown): string =>
  given === null
    ? "null"
    : typeof given === "object" || typeof given === "function"
      ? typeof given
      : String(given).slice(0, 64)
