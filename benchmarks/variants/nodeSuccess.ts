import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { success } from "../library.ts"

await success(NodeHttpClient.layer)
