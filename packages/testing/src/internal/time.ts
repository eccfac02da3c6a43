/** Whole seconds with an offset, as Bigin writes a time. */
export const timeOf = (millis: number): string => new Date(millis).toISOString().replace(/\.\d+Z$/, "+00:00")

export const dayMillis = 86_400_000
