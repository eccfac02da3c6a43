import { Errors } from "effect-bigin"

const columns = (...[status, code, tag, category, transient, mayHaveApplied]: ReadonlyArray<string>) =>
  [status?.padEnd(5), code?.padEnd(23), tag?.padEnd(21), category?.padEnd(11), transient?.padEnd(10), mayHaveApplied]
    .join("")
    .trimEnd()

const yesNo = (value: boolean) => (value ? "yes" : "no")

/** The head of the table. It is readable on 80 columns, so `mayHaveApplied` is a short question. */
export const ruler = `${columns("HTTP", "code", "tag", "category", "transient", "applied?")}\n${"-".repeat(78)}`

/** A documented error, and under it what to do. */
export const row = (error: Errors.DocumentedError) =>
  [
    columns(
      String(error.status),
      error.code,
      error._tag,
      error.category,
      yesNo(error.transient),
      error.mayHaveApplied ? "maybe" : "no"
    ),
    ...wrapped(Errors.catalogue[error._tag].advice, 72).map((line) => `     ${line}`)
  ].join("\n")

const wrapped = (text: string, width: number): ReadonlyArray<string> =>
  text.match(new RegExp(`.{1,${width}}(?= |$)`, "g"))?.map((line) => line.trim()) ?? []
