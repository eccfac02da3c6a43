import ky from "ky"
import { headers, measurePromises, pathTo, type Reply } from "../promises.ts"

await measurePromises(({ origin }) => {
  const api = ky.create({ prefixUrl: origin, headers })
  // ky wants paths without the slash
  return (id) => api.delete(pathTo(id).slice(1)).json<Reply>()
})
