import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { plain } from "../plain.ts"

await plain(FetchHttpClient.layer)
