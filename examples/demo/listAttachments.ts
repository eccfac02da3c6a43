import { FetchHttpClient, HttpClient, HttpClientResponse } from "@effect/platform"
import { Effect, Redacted, Schema } from "effect"
import { BiginAuth, BiginConfig, type Ids } from "effect-bigin"

const Rows = Schema.Struct({
  data: Schema.Array(Schema.Struct({ id: Schema.String, File_Name: Schema.NullOr(Schema.String) }))
})

/** The first page of a record's attachments: enough to look at before and after. Nothing to list is a 204. */
export const listAttachments = (ref: Ids.RecordRef) =>
  Effect.gen(function* () {
    const { accessToken, apiOrigin } = yield* Effect.flatMap(BiginAuth.BiginAuth, (auth) => auth.credentials)
    const version = yield* BiginConfig.ApiVersion
    // as the library does for its own requests: no trace headers to Zoho, and no token to where a redirect leads
    const client = HttpClient.withTracerPropagation(yield* HttpClient.HttpClient, false)
    const response = yield* client.get(`${apiOrigin}/bigin/${version}/${ref.module}/${ref.recordId}/Attachments`, {
      headers: { authorization: `Zoho-oauthtoken ${Redacted.value(accessToken)}` },
      // v2 wants to be told
      urlParams: version === "v2" ? { fields: "id,File_Name" } : {}
    })
    if (response.status === 204) return []
    return (yield* HttpClientResponse.schemaBodyJson(Rows)(response)).data
  }).pipe(
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
    // the platform's errors print the request and its token
    Effect.catchTag("RequestError", "ResponseError", "ParseError", () =>
      Effect.fail(`The attachments of ${ref.module} ${ref.recordId} could not be listed.`)
    )
  )
