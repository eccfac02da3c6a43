/**
 * Deletes until it is proven. Retries live here and not below, because only here is known what an attempt that failed may
 * have done.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import {
  type DeleteAttachmentError,
  type EnsureDeletedError,
  type ListAttachmentsError,
  OutcomeUnknown
} from "../../errors/operations.ts"
import { isTransient, mayHaveApplied } from "../../errors/traits.ts"
import { type Heard, witness } from "./witness.ts"
import type { BiginAuth } from "../../models/credentials.ts"
import type { Deletion, EnsuredDeletion } from "../../models/deletion.ts"
import type { AttachmentRef } from "../../models/ids.ts"

export type Policy = Schedule.Schedule<unknown, DeleteAttachmentError>

/** What one DELETE ended with. */
export type Answered = Either.Either<unknown, DeleteAttachmentError>

/** What is known in the end, after how many DELETEs. */
export type Ending = { readonly attempts: number } & (Deletion | { readonly error: EnsureDeletedError })

export const deletedAtOnce: Ending = { attempts: 1, outcome: "Deleted", proof: "Success" }

/** The acts that a pursuit is made of; one alone and one of many wait, ask and read in different ways. */
export interface Acts<R> {
  /** Another DELETE after this failure, once the policy has waited; none where it is spent. */
  readonly again: (error: DeleteAttachmentError) => Effect.Effect<Option.Option<Answered>, never, R>
  /** Waits by the policy before another reading; false where it is spent. */
  readonly wait: (error: DeleteAttachmentError) => Effect.Effect<boolean, never, R>
  /** What the record's list says of it now. */
  readonly consult: Effect.Effect<Heard, never, R>
  /** Whether a request may have happened whose answer nobody saw: one of several that a client made of a DELETE. */
  readonly isOpen?: () => boolean
}

export const ensure = <R>(
  ref: AttachmentRef,
  attempt: Effect.Effect<AttachmentRef, DeleteAttachmentError, R>,
  policy: Policy
): Effect.Effect<EnsuredDeletion, EnsureDeletedError, R | HttpClient.HttpClient | BiginAuth> =>
  Effect.gen(function* () {
    const first = yield* Effect.either(attempt)
    if (Either.isRight(first)) return { ...ref, ...deletedAtOnce }
    const driver = yield* Schedule.driver(policy)
    const wait = (error: DeleteAttachmentError) => Effect.isSuccess(driver.next(error))
    const { attachmentId, ...record } = ref
    const ending = yield* pursue<R | HttpClient.HttpClient | BiginAuth>(ref, first.left, {
      wait,
      again: (error) => Effect.flatMap(wait(error), (more) => Effect.when(Effect.either(attempt), () => more)),
      consult: Effect.map(witness(record, new Set([attachmentId])), (says) => says(attachmentId))
    })
    return "error" in ending ? yield* Effect.fail(ending.error) : { ...ref, ...ending }
  })

/** From the first failure to an end that is known. */
export const pursue = <R>(
  ref: AttachmentRef,
  first: DeleteAttachmentError,
  acts: Acts<R>
): Effect.Effect<Ending, never, R> =>
  Effect.gen(function* () {
    /** Reads the list, again by the policy while another reading may succeed. */
    const look = (last: DeleteAttachmentError): Effect.Effect<Heard, never, R> =>
      Effect.gen(function* () {
        const heard = yield* acts.consult
        const again = Either.isLeft(heard) ? isTransient(heard.left) : heard.right === "unstable"
        const because = Either.isLeft(heard) ? heard.left : last
        return again && (yield* acts.wait(because)) ? yield* look(last) : heard
      })

    let last = first
    // once an attempt may have happened it stays so, whatever the next ones say
    let inDoubt = false

    for (let attempts = 1; ; attempts++) {
      inDoubt ||= mayHaveApplied(last) || acts.isOpen?.() === true

      const gone = (proof: "Refusal" | "List" | "EmptyList"): Ending => ({ attempts, outcome: "AlreadyGone", proof })
      // the second half of the condition is there for the compiler alone: it narrows `last` to what proves nothing was done
      const failed = (heard?: Heard): Ending => ({
        attempts,
        error:
          inDoubt || mayHaveApplied(last)
            ? new OutcomeUnknown({ ref, attempts, last, ...(heard && said(heard)) })
            : last
      })

      if (last._tag === "InvalidData" && last.target === "attachment") {
        const heard = yield* acts.consult
        // Bigin says that it is not there, and the list that it is: whom to believe is not for us
        return isPresent(heard) ? failed(heard) : gone("Refusal")
      }

      let heard: Heard | undefined
      if (last._tag === "UnconfirmedSuccess" || (last._tag === "InvalidData" && last.target === "unknown")) {
        heard = yield* look(last)
        const proof = proofOf(heard)
        if (Option.isSome(proof)) return gone(proof.value)
      }

      if (isTransient(last) || (heard !== undefined && isPresent(heard) && inDoubt)) {
        const next = yield* acts.again(last)
        if (Option.isSome(next)) {
          if (Either.isRight(next.value)) return { attempts: attempts + 1, outcome: "Deleted", proof: "Success" }
          last = next.value.left
          continue
        }
      }

      if (isTransient(last) && inDoubt) {
        heard = yield* acts.consult
        const proof = proofOf(heard)
        if (Option.isSome(proof)) return gone(proof.value)
      }
      return failed(heard)
    }
  })

const isPresent = (heard: Heard): boolean => Either.isRight(heard) && heard.right === "present"

const proofOf = (heard: Heard): Option.Option<"List" | "EmptyList"> => {
  if (Either.isLeft(heard)) return Option.none()
  if (heard.right === "absent") return Option.some("List")
  return heard.right === "empty" ? Option.some("EmptyList") : Option.none()
}

/** Of what proves nothing. */
const said = (heard: Heard): { readonly list?: "present" | "unstable" | ListAttachmentsError } => {
  if (Either.isLeft(heard)) return { list: heard.left }
  return heard.right === "present" || heard.right === "unstable" ? { list: heard.right } : {}
}
