import * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import { plain } from "../effects.ts"
import { instantClient } from "../instantClient.ts"
import { measure } from "../measure.ts"

await measure(plain(Layer.succeed(HttpClient.HttpClient, instantClient)))
