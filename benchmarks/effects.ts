/** The programs of Effect, as users write them: a runtime that is made once, and ten fibers, each a loop. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import { deleteAttachment } from "effect-bigin/Attachments"
import * as BiginAuth from "effect-bigin/BiginAuth"
import { pathOf, records } from "./answers.ts"
import { accessToken, concurrency, type DeleteAll, makeIds } from "./measure.ts"
import { headers } from "./promises.ts"

/** The library's deleteAttachment, where Bigin answers with success. */
export const success = (client: Layer.Layer<HttpClient.HttpClient>) => (origin: string) =>
  deleteAll(
    withAuth(client, origin),
    (id) => deleteAttachment({ module: "Contacts", recordId: records.known, attachmentId: String(id) }),
    (deleted) => deleted.recordId === records.known
  )

/** The library's deleteAttachment, where Bigin does not know the record. */
export const failure = (client: Layer.Layer<HttpClient.HttpClient>) => (origin: string) =>
  deleteAll(
    withAuth(client, origin),
    (id) =>
      deleteAttachment({ module: "Contacts", recordId: records.unknown, attachmentId: String(id) }).pipe(
        Effect.catchTag("InvalidData", Effect.succeed)
      ),
    (caught) => "_tag" in caught
  )

/** The least that a program does with the same client: no deadline, no bound, no failure but the client's. */
export const plain = (client: Layer.Layer<HttpClient.HttpClient>) => (origin: string) =>
  deleteAll(
    client,
    (id) =>
      HttpClient.execute(HttpClientRequest.del(`${origin}${pathOf(records.known, id)}`, { headers })).pipe(
        Effect.flatMap((response) => response.text)
      ),
    (text) => JSON.parse(text).data[0].status === "success"
  )

const withAuth = (client: Layer.Layer<HttpClient.HttpClient>, apiOrigin: string) =>
  Layer.merge(client, BiginAuth.layerToken({ accessToken: Redacted.make(accessToken), apiOrigin }))

const deleteAll = <A, E, R>(
  layer: Layer.Layer<R>,
  one: (id: number) => Effect.Effect<A, E, R>,
  isExpected: (value: A) => boolean
): DeleteAll => {
  const runtime = ManagedRuntime.make(layer)
  const ids = makeIds()
  const worker = Effect.gen(function* () {
    let expected = 0
    for (let id = ids.next(); id !== undefined; id = ids.next()) {
      if (isExpected(yield* one(id))) expected += 1
    }
    return expected
  })
  const workers = Effect.all(
    Array.from({ length: concurrency }, () => worker),
    { concurrency }
  )
  return async (count) => {
    ids.add(count)
    return (await runtime.runPromise(workers)).reduce((sum, expected) => sum + expected, 0)
  }
}
