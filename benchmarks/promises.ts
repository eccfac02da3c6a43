/** The clients that give promises: loops, each with one request after the other. */
import { pathOf, records } from "./answers.ts"
import { accessToken, makeIds, measure, type Setting } from "./measure.ts"

export const headers = { authorization: `Zoho-oauthtoken ${accessToken}`, accept: "application/json" }

/** Of the attachment to delete. */
export const pathTo = (id: number): string => pathOf(records.known, id)

/** What a caller looks at in an answer, once it is parsed. */
export interface Reply {
  readonly data: readonly [{ readonly status: string }]
}

/** A client that is open deletes one attachment and gives the parsed answer. */
export type DeleteOne = (id: number) => Promise<Reply>

export const measurePromises = (open: (setting: Setting) => DeleteOne | Promise<DeleteOne>): Promise<void> =>
  measure(async (setting) => {
    const deleteOne = await open(setting)
    const ids = makeIds()
    const worker = async () => {
      let deleted = 0
      for (let id = ids.next(); id !== undefined; id = ids.next()) {
        const { data } = await deleteOne(id)
        if (data[0].status === "success") deleted += 1
      }
      return deleted
    }
    return async (count) => {
      ids.add(count)
      const counts = await Promise.all(Array.from({ length: setting.concurrency }, worker))
      return counts.reduce((sum, deleted) => sum + deleted, 0)
    }
  })
