import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { success } from "../effects.ts"
import { measure } from "../measure.ts"

await measure(success(FetchHttpClient.layer))
