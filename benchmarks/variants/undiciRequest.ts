import { Pool } from "undici"
import { headers, measurePromises, pathTo } from "../promises.ts"

await measurePromises(({ concurrency, origin }) => {
  const pool = new Pool(origin, { connections: concurrency })
  return async (id) => {
    const { body } = await pool.request({ method: "DELETE", path: pathTo(id), headers })
    return JSON.parse(await body.text())
  }
})
