/** The README's first program, with each module of Effect and of the library by itself. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { deleteAttachment } from "effect-bigin/Attachments"
import * as BiginAuth from "effect-bigin/BiginAuth"

const program = deleteAttachment({
  module: "Contacts",
  recordId: "2883756000000261075",
  attachmentId: "2883756000000261017"
}).pipe(
  Effect.andThen(({ attachmentId }) => Console.log(`${attachmentId} is gone`)),
  Effect.catchTag("InvalidData", (error) => (error.target === "attachment" ? Console.log("nothing to do") : error))
)

const live = Layer.provideMerge(BiginAuth.layerConfig, FetchHttpClient.layer)

/** Not run here: what is measured is what it takes to load it. */
export const main = () => Effect.runPromise(Effect.provide(program, live))
