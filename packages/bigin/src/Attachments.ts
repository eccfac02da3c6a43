/**
 * The operations on the files attached to a record. Each has its own error union in its signature.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { BiginAuth } from "./BiginAuth.ts"
import { classify } from "./errors/classify.ts"
import type { DeleteAttachmentError } from "./errors/operations.ts"
import { type AttachmentRef, parseAttachmentRef } from "./Ids.ts"
import { exchange } from "./internal/exchange.ts"
import { withReplay } from "./internal/replay.ts"
import { traced } from "./internal/traced.ts"

export type {
  /**
   * Everything that `deleteAttachment` can fail with.
   *
   * @since 0.1.0
   * @category errors
   */
  DeleteAttachmentError
} from "./errors/operations.ts"

/**
 * The attachment that Bigin confirmed as deleted.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeletedAttachment extends AttachmentRef {}

/**
 * Deletes a file or link attached to a record. It cannot be undone.
 *
 * Sends one request, and one more in a single case: Bigin refused the token, so nothing was deleted, and the auth layer
 * has another. It never retries, and succeeds only where Bigin confirms the very id. Two failures are not the end of the
 * story: one with `mayHaveApplied` may have deleted the attachment, and InvalidData with target "attachment" is what
 * Bigin answers for one that is gone. Retry with `while: Errors.isSafeToRetry`.
 *
 * Fails with
 * - nothing asked of Bigin, or refused for its token: InvalidInput (malformed id or module), TokenRejected,
 *   TokenUnreachable, ConnectionFailed;
 * - refused: InvalidModule, UnsupportedModule, InvalidUrlPattern, OAuthScopeMismatch, NoPermission,
 *   InvalidRequestMethod, AuthorizationFailed, InvalidData, InvalidToken, RateLimited, UnrecognizedCode,
 *   MalformedResponse;
 * - perhaps deleted: InternalError, ServiceFault, UnconfirmedSuccess, RequestTimedOut, ConnectionLost.
 *
 * Costs one API credit a request. From bigin.com/developer/docs/apis, "Delete an Attachment", v1 and v2.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 * import { BiginAuth, deleteAttachment } from "effect-bigin"
 *
 * const program = deleteAttachment({
 *   module: "Contacts",
 *   recordId: "2883756000000261075",
 *   attachmentId: "2883756000000261017"
 * }).pipe(
 *   Effect.andThen((deleted) => Effect.log(`${deleted.attachmentId} is gone`)),
 *   Effect.provide(Layer.provideMerge(BiginAuth.layerConfig, FetchHttpClient.layer))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const deleteAttachment = (
  input: AttachmentRef.Input
): Effect.Effect<DeletedAttachment, DeleteAttachmentError, HttpClient.HttpClient | BiginAuth> =>
  Effect.gen(function* () {
    const ref = yield* parseAttachmentRef(input)
    return yield* withReplay((credentials, secrets) =>
      Effect.gen(function* () {
        const answer = yield* exchange(deletion, ref, credentials)
        const now = yield* Clock.currentTimeMillis
        return yield* classify(answer, { ref, secrets, now })
      })
    )
  }).pipe(traced(deletion))

const deletion = {
  method: "DELETE",
  route: "/{module}/{recordId}/Attachments/{attachmentId}"
} as const
