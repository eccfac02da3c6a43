import { got } from "got"
import { Agent } from "node:http"
import { headers, measurePromises, pathTo, type Reply } from "../promises.ts"

await measurePromises(({ concurrency, origin }) => {
  const api = got.extend({
    prefixUrl: origin,
    headers,
    agent: { http: new Agent({ keepAlive: true, maxSockets: concurrency }) }
  })
  // got wants paths without the slash
  return (id) => api.delete(pathTo(id).slice(1)).json<Reply>()
})
