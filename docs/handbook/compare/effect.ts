import { Effect } from "effect"
import { Attachments, deleteAttachment, Errors, type Ids, Retry } from "effect-bigin"

const policy = { times: 2, base: "10 millis" } as const

/** One deletion, repeated only after what certainly deleted nothing. */
export const remove = (ref: Ids.AttachmentRef.Input) =>
  deleteAttachment(ref).pipe(
    Effect.retry(Retry.safely(policy)),
    Effect.match({
      onSuccess: () => "deleted",
      onFailure: (error) => {
        if (error._tag === "InvalidData" && error.target === "attachment") return "already gone"
        return `${Errors.mayHaveApplied(error) ? "perhaps deleted" : "not deleted"}: ${error._tag}`
      }
    })
  )

/** The same until it is proven. */
export const removeForGood = (ref: Ids.AttachmentRef.Input) =>
  Attachments.ensureDeleted(ref, { schedule: Retry.schedule(policy) }).pipe(
    Effect.match({
      onSuccess: ({ outcome, proof }) => `${outcome === "Deleted" ? "deleted" : "gone"}, proven by ${proof}`,
      onFailure: (error) => `${error._tag === "OutcomeUnknown" ? "not known" : "not deleted"}: ${error._tag}`
    })
  )
