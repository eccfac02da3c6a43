import * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import { instantClient } from "../instantClient.ts"
import { failure } from "../library.ts"

await failure(Layer.succeed(HttpClient.HttpClient, instantClient))
