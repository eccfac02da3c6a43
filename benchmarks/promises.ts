/** The clients that give promises: ten loops, each with one request after the other. */
import { records, pathOf } from "./answers.ts"
import { accessToken, concurrency, type DeleteAll, makeIds } from "./measure.ts"

export const headers = { authorization: `Zoho-oauthtoken ${accessToken}`, accept: "application/json" }

/** Of a deletion: its path is given, and the text of its answer is asked for. */
export const promises = (textOf: (path: string) => Promise<string>): DeleteAll => {
  const ids = makeIds()
  const worker = async () => {
    let deleted = 0
    for (let id = ids.next(); id !== undefined; id = ids.next()) {
      const answer = JSON.parse(await textOf(pathOf(records.known, id)))
      if (answer.data[0].status === "success") deleted += 1
    }
    return deleted
  }
  return async (count) => {
    ids.add(count)
    const counts = await Promise.all(Array.from({ length: concurrency }, worker))
    return counts.reduce((sum, deleted) => sum + deleted, 0)
  }
}
