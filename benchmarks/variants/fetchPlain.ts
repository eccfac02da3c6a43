import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { plain } from "../effects.ts"
import { measure } from "../measure.ts"

await measure(plain(FetchHttpClient.layer))
