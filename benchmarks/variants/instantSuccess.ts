import * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import { success } from "../effects.ts"
import { instantClient } from "../instantClient.ts"
import { measure } from "../measure.ts"

await measure(success(Layer.succeed(HttpClient.HttpClient, instantClient)))
