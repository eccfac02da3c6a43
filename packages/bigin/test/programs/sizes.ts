/**
 * Reads the answers of a hostile server, one for each line of CASES, `{operation} {number} {timeout in milliseconds}`, and prints what each became and
 * how much memory that took at most.
 */
import { Duration, Effect, Logger, LogLevel, Redacted, Stream } from "effect"
import { Attachments, BiginAuth, BiginConfig, deleteAttachment } from "effect-bigin"
import { client } from "./clients.ts"

const { BIGIN_ORIGIN: apiOrigin = "", CASES: cases = "" } = process.env

const most = { arrayBuffers: 0, heapUsed: 0, rss: 0 }
const look = () => {
  const { arrayBuffers, heapUsed, rss } = process.memoryUsage()
  most.arrayBuffers = Math.max(most.arrayBuffers, arrayBuffers)
  most.heapUsed = Math.max(most.heapUsed, heapUsed)
  most.rss = Math.max(most.rss, rss)
}
const looking = setInterval(look, 5)

const unhandled: Array<string> = []
process.on("uncaughtException", (error) => unhandled.push(`uncaught ${error.stack}`))
process.on("unhandledRejection", (error) => unhandled.push(`unhandled ${error instanceof Error ? error.stack : error}`))

const token = BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin })
const minted = (number: string) =>
  BiginAuth.layerRefreshToken({
    clientId: number,
    clientSecret: Redacted.make("the secret"),
    refreshToken: Redacted.make("1000.refresh"),
    accountsOrigin: apiOrigin,
    apiOrigin
  })

const run = (operation: string, recordId: string) => {
  const record = { module: "Contacts", recordId }
  const ref = { ...record, attachmentId: "2" }
  switch (operation) {
    case "call":
      return Effect.provide(deleteAttachment(ref), token)
    case "list":
      return Effect.provide(Stream.runDrain(Attachments.listAttachments(record)), token)
    case "download":
      return Effect.provide(Stream.runDrain(Attachments.downloadAttachment(ref)), token)
    default:
      return Effect.provide(deleteAttachment(ref), minted(recordId))
  }
}

const program = Effect.forEach(cases.split("\n"), (one) => {
  const [operation = "", number = "", millis = ""] = one.split(" ")
  return run(operation, number).pipe(
    Effect.provideService(BiginConfig.AttemptTimeout, Duration.millis(Number(millis))),
    Effect.as("Success"),
    Effect.catchAll((error) =>
      Effect.succeed(`problem` in error && error.problem !== undefined ? `${error._tag}: ${error.problem}` : error._tag)
    )
  )
})

// the output is for the test alone: a mint is told at Info
const quiet = Logger.withMinimumLogLevel(LogLevel.Warning)
const tags = await Effect.runPromise(quiet(Effect.provide(program, client)))
look()
clearInterval(looking)
// what is left over from an answer that was not read shows by now
await new Promise((resume) => setTimeout(resume, 50))
console.log(JSON.stringify({ tags, most, unhandled }))
