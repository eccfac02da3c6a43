import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { failure } from "../library.ts"

await failure(FetchHttpClient.layer)
