import { measure } from "../measure.ts"
import { headers, promises } from "../promises.ts"

await measure((origin) =>
  promises(async (path) => (await fetch(`${origin}${path}`, { method: "DELETE", headers })).text())
)
