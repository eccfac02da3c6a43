/**
 * Deletes until it is proven. Retries live here and not below, because only here is known what an attempt that failed may
 * have done.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { EnsuredDeletion, EnsureDeletedError, ListAttachmentsError } from "../Attachments.ts"
import type { BiginAuth } from "../BiginAuth.ts"
import { type DeleteAttachmentError, OutcomeUnknown } from "../errors/operations.ts"
import { isTransient, mayHaveApplied } from "../errors/traits.ts"
import type { AttachmentRef } from "../Ids.ts"
import { type Testimony, witness } from "./witness.ts"

type Policy = Schedule.Schedule<unknown, DeleteAttachmentError>

type Heard = Either.Either<Testimony, ListAttachmentsError>

export const ensure = <R>(
  ref: AttachmentRef,
  attempt: Effect.Effect<AttachmentRef, DeleteAttachmentError, R>,
  policy: Policy
): Effect.Effect<EnsuredDeletion, EnsureDeletedError, R | HttpClient.HttpClient | BiginAuth> =>
  Effect.gen(function* () {
    const driver = yield* Schedule.driver(policy)
    /** Waits by the policy; false once that is spent. */
    const wait = (error: DeleteAttachmentError) => Effect.isSuccess(driver.next(error))

    /** Reads the list, again by the policy while another reading may succeed. */
    const look = (last: DeleteAttachmentError): Effect.Effect<Heard, never, HttpClient.HttpClient | BiginAuth> =>
      Effect.gen(function* () {
        const heard = yield* Effect.either(witness(ref))
        const again = Either.isLeft(heard) ? isTransient(heard.left) : heard.right === "unstable"
        const because = Either.isLeft(heard) ? heard.left : last
        return again && (yield* wait(because)) ? yield* look(last) : heard
      })

    // once an attempt may have happened it stays so, whatever the next ones say
    let inDoubt = false

    for (let attempts = 1; ; attempts++) {
      const result = yield* Effect.either(attempt)
      if (Either.isRight(result)) return { ...ref, outcome: "Deleted", proof: "Success", attempts }
      const last = result.left
      inDoubt ||= mayHaveApplied(last)

      const gone = (proof: "Refusal" | "List" | "EmptyList"): EnsuredDeletion => ({
        ...ref,
        outcome: "AlreadyGone",
        proof,
        attempts
      })
      // the second half of the condition is there for the compiler alone: it narrows `last` to what proves nothing was done
      const failed = (heard?: Heard): EnsureDeletedError =>
        inDoubt || mayHaveApplied(last)
          ? new OutcomeUnknown({ ref, attempts, last, ...(heard === undefined ? {} : { list: said(heard) }) })
          : last

      if (last._tag === "InvalidData" && last.target === "attachment") {
        const heard = yield* Effect.either(witness(ref))
        // Bigin says that it is not there, and the list that it is: whom to believe is not for us
        return isPresent(heard) ? yield* Effect.fail(failed(heard)) : gone("Refusal")
      }

      if (last._tag === "UnconfirmedSuccess" || (last._tag === "InvalidData" && last.target === "unknown")) {
        const heard = yield* look(last)
        const proof = proofOf(heard)
        if (Option.isSome(proof)) return gone(proof.value)
        if (isPresent(heard) && inDoubt && (yield* wait(last))) continue
        return yield* Effect.fail(failed(heard))
      }

      if (isTransient(last)) {
        if (yield* wait(last)) continue
        if (!inDoubt) return yield* Effect.fail(failed())
        const heard = yield* Effect.either(witness(ref))
        const proof = proofOf(heard)
        return Option.isSome(proof) ? gone(proof.value) : yield* Effect.fail(failed(heard))
      }

      return yield* Effect.fail(failed())
    }
  })

const isPresent = (heard: Heard): boolean => Either.isRight(heard) && heard.right === "present"

const proofOf = (heard: Heard): Option.Option<"List" | "EmptyList"> => {
  if (Either.isLeft(heard)) return Option.none()
  if (heard.right === "absent") return Option.some("List")
  return heard.right === "empty" ? Option.some("EmptyList") : Option.none()
}

/** Of what proves nothing. */
const said = (heard: Heard): "present" | "unstable" | ListAttachmentsError =>
  Either.isLeft(heard) ? heard.left : heard.right === "present" ? "present" : "unstable"
