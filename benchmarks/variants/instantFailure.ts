import * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import { failure } from "../effects.ts"
import { instantClient } from "../instantClient.ts"
import { measure } from "../measure.ts"

await measure(failure(Layer.succeed(HttpClient.HttpClient, instantClient)))
