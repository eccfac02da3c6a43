import * as NodeTransport from "effect-bigin-node/NodeTransport"
import { success } from "../library.ts"

await success(NodeTransport.layer)
