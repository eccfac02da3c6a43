import { headers, measurePromises, pathTo } from "../promises.ts"

await measurePromises(({ origin }) => async (id) => {
  const response = await fetch(`${origin}${pathTo(id)}`, { method: "DELETE", headers })
  return response.json()
})
