import { create } from "axios"
import { Agent } from "node:http"
import { headers, measurePromises, pathTo, type Reply } from "../promises.ts"

await measurePromises(({ concurrency, origin }) => {
  const httpAgent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const api = create({ adapter: "http", baseURL: origin, headers, httpAgent })
  return async (id) => {
    const { data } = await api.delete<Reply>(pathTo(id))
    return data
  }
})
