import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { failure } from "../library.ts"

await failure(NodeHttpClient.layerUndici)
