/** A reply as HTTP servers send it: bytes, and a header that says how many. */
import type { Reply } from "../Fixtures.ts"

export const bytesOf = ({ body }: Reply): Uint8Array =>
  typeof body === "string" ? new TextEncoder().encode(body) : body

/**
 * The length is that of the whole body, also where the connection breaks before it has come. A reply that states one
 * keeps it: that is how a test makes a server that lies.
 */
export const headersOf = (reply: Reply): Readonly<Record<string, string>> =>
  // HTTP forbids it under 204
  reply.status === 204 ? reply.headers : { "content-length": String(bytesOf(reply).length), ...reply.headers }
