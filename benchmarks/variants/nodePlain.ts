import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { plain } from "../plain.ts"

await plain(NodeHttpClient.layer)
