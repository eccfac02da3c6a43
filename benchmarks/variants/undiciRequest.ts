import { Pool } from "@effect/platform-node/Undici"
import { concurrency, measure } from "../measure.ts"
import { headers, promises } from "../promises.ts"

await measure((origin) => {
  const pool = new Pool(origin, { connections: concurrency })
  return promises(async (path) => {
    const { body } = await pool.request({ method: "DELETE", path, headers })
    return body.text()
  })
})
