import * as NodeTransport from "effect-bigin-node/NodeTransport"
import { failure } from "../library.ts"

await failure(NodeTransport.layer)
