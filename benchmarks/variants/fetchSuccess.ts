import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { success } from "../library.ts"

await success(FetchHttpClient.layer)
