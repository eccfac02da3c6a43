/** The library over a client. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { deleteAttachment } from "effect-bigin/Attachments"
import * as BiginAuth from "effect-bigin/BiginAuth"
import { records } from "./answers.ts"
import { measureEffects } from "./effects.ts"
import { accessToken } from "./measure.ts"

/** Bigin answers with success. */
export const success = (client: Layer.Layer<HttpClient.HttpClient>): Promise<void> =>
  measureEffects((origin) => ({
    layer: withAuth(client, origin),
    deleteOne: (id) => deleteAttachment({ module: "Contacts", recordId: records.known, attachmentId: String(id) }),
    isExpected: (deleted) => deleted.recordId === records.known
  }))

/** Bigin does not know the record. */
export const failure = (client: Layer.Layer<HttpClient.HttpClient>): Promise<void> =>
  measureEffects((origin) => ({
    layer: withAuth(client, origin),
    deleteOne: (id) =>
      deleteAttachment({ module: "Contacts", recordId: records.unknown, attachmentId: String(id) }).pipe(
        Effect.catchTag("InvalidData", Effect.succeed)
      ),
    isExpected: (caught) => "_tag" in caught
  }))

const withAuth = (client: Layer.Layer<HttpClient.HttpClient>, apiOrigin: string) =>
  Layer.merge(client, BiginAuth.layerToken({ accessToken: Redacted.make(accessToken), apiOrigin }))
