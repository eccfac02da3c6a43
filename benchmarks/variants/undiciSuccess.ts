import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { success } from "../effects.ts"
import { measure } from "../measure.ts"

await measure(success(NodeHttpClient.layerUndici))
