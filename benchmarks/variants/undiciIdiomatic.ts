import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { idiomatic } from "../idiomatic.ts"

await idiomatic(NodeHttpClient.layerUndici)
