/** The least that a program of Effect does with a client: no deadline, no bound, no failure but the client's. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { measureEffects } from "./effects.ts"
import { headers, pathTo } from "./promises.ts"

export const plain = (layer: Layer.Layer<HttpClient.HttpClient>): Promise<void> =>
  measureEffects((origin) => ({
    layer,
    deleteOne: (id) =>
      HttpClient.execute(HttpClientRequest.del(`${origin}${pathTo(id)}`, { headers })).pipe(
        Effect.flatMap((response) => response.text)
      ),
    isExpected: (text) => JSON.parse(text).data[0].status === "success"
  }))
