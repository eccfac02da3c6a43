/** Makes four calls that end in four ways, and ends. Only what the library left behind could keep it for longer. */
import { Cause, Duration, Effect, Redacted } from "effect"
import { BiginAuth, BiginConfig, deleteAttachment } from "effect-bigin"
import { client } from "./clients.ts"

const { BIGIN_ORIGIN: apiOrigin = "" } = process.env

const call = (recordId: string, timeout: Duration.DurationInput) =>
  deleteAttachment({ module: "Contacts", recordId, attachmentId: "2" }).pipe(
    Effect.provideService(BiginConfig.AttemptTimeout, Duration.decode(timeout)),
    Effect.as("Success"),
    Effect.catchAll((error) => Effect.succeed(error._tag))
  )

const program = Effect.all([
  call("1", "1 hour"),
  call("2", "1 hour"),
  call("3", "20 millis"),
  call("3", "1 hour").pipe(
    Effect.raceFirst(Effect.zipRight(Effect.sleep("20 millis"), Effect.interrupt)),
    Effect.catchAllCause((cause) => Effect.succeed(Cause.isInterruptedOnly(cause) ? "Interrupted" : String(cause)))
  )
])

const outcomes = await Effect.runPromise(
  program.pipe(Effect.provide([BiginAuth.layerToken({ accessToken: Redacted.make("1000.token"), apiOrigin }), client]))
)
// the process would wait for these; undici's own does not count, since nothing waits for it
console.log(
  JSON.stringify({ outcomes, timers: process.getActiveResourcesInfo().filter((name) => name === "Timeout").length })
)
