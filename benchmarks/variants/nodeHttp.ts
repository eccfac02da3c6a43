import { Agent, request } from "node:http"
import { headers, measurePromises, pathTo, type Reply } from "../promises.ts"

await measurePromises(({ concurrency, origin }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  return (id) =>
    new Promise<Reply>((resolve, reject) => {
      const sent = request(`${origin}${pathTo(id)}`, { method: "DELETE", headers, agent }, (response) => {
        let text = ""
        response.setEncoding("utf8")
        response.on("data", (piece: string) => {
          text += piece
        })
        response.on("end", () => {
          try {
            resolve(JSON.parse(text))
          } catch (error) {
            reject(error)
          }
        })
        response.on("error", reject)
      })
      sent.on("error", reject)
      sent.end()
    })
})
