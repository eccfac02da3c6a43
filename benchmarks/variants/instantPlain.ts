import * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import { instantClient } from "../instantClient.ts"
import { plain } from "../plain.ts"

await plain(Layer.succeed(HttpClient.HttpClient, instantClient))
