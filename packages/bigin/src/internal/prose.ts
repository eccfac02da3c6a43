/** The words that messages share. */
import * as Duration from "effect/Duration"
import type { Ref } from "./fields.ts"

/** "attachment 17 of Contacts 75", or the record alone. */
export const place = ({ attachmentId, module, recordId }: Ref): string =>
  attachmentId === undefined ? `${module} ${recordId}` : `attachment ${attachmentId} of ${module} ${recordId}`

/** " after 30s", or nothing where nobody said how long. */
export const wait = (duration: Duration.Duration | undefined): string =>
  duration === undefined ? "" : ` after ${Duration.format(duration)}`
