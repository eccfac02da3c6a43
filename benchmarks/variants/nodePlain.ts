import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { plain } from "../effects.ts"
import { measure } from "../measure.ts"

await measure(plain(NodeHttpClient.layer))
