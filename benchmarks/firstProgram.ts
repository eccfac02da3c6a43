/** The README's first program, with each module of Effect and of the library by itself. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { deleteAttachment } from "effect-bigin/Attachments"
import * as BiginAuth from "effect-bigin/BiginAuth"

const program = deleteAttachment({
  module: "Contacts",
  recordId: "2883756000000261075",
  attachmentId: "2883756000000261017"
}).pipe(
  Effect.tap(({ attachmentId }) => Effect.log(`${attachmentId} is gone`)),
  Effect.catchTag("InvalidData", (error) => Effect.log(`Bigin refused the ${error.target} id`))
)

const live = Layer.provideMerge(BiginAuth.layerConfig, FetchHttpClient.layer)

/** Not run here: what is measured is what it takes to load it. */
export const main = () => Effect.runPromise(Effect.provide(program, live))
