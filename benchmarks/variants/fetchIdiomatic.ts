import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { idiomatic } from "../idiomatic.ts"

await idiomatic(FetchHttpClient.layer)
