/** What the service offers, as data: the server, the client and the OpenAPI document are all made from this. */
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiMiddleware, HttpApiSecurity, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Ids } from "effect-bigin"
import { MalformedRequest, Problem, UnknownCaller } from "./problems.ts"

/** The attachment is gone, by this request or before it. So a client may send the same request twice. */
export const Removed = Schema.Struct({
  ...Ids.AttachmentRef.fields,
  outcome: Schema.Literal("Deleted", "AlreadyGone"),
  proof: Schema.Literal("Success", "Refusal", "List", "EmptyList")
}).annotations({ identifier: "Removed", description: "The attachment is gone" })

/** Only callers with the service's own key come through. It has nothing to do with Bigin's token. */
export class Callers extends HttpApiMiddleware.Tag<Callers>()("Callers", {
  failure: UnknownCaller,
  security: { key: HttpApiSecurity.bearer }
}) {}

const remove = HttpApiEndpoint.del("remove", "/:module/:recordId/attachments/:attachmentId")
  .setPath(Ids.AttachmentRef)
  .addSuccess(Removed)
  .addError(Problem)
  // the platform's own answer to a malformed path is replaced, in service.ts
  .annotate(OpenApi.Transform, (operation) => ({
    ...operation,
    responses: {
      ...operation.responses,
      400: {
        description: "MalformedRequest",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/MalformedRequest" } } }
      }
    }
  }))

export const RemovalApi = HttpApi.make("removal")
  .add(HttpApiGroup.make("attachments").add(remove).middleware(Callers))
  .addError(MalformedRequest)
  .annotate(OpenApi.Title, "Attachment removal")
