import * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import { instantClient } from "../instantClient.ts"
import { success } from "../library.ts"

await success(Layer.succeed(HttpClient.HttpClient, instantClient))
