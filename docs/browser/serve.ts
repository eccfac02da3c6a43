/** The built site on a free port of loopback. */
import { createReadStream, existsSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { extname, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"

export const dist = fileURLToPath(new URL("../.vitepress/dist/", import.meta.url))

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2"
}

export const serve = async (): Promise<{ readonly origin: string; readonly server: Server }> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site")
    const path = join(dist, normalize(decodeURIComponent(pathname)))
    const file = path.endsWith("/") ? `${path}index.html` : path
    const type = types[extname(file)]
    if (type === undefined || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { "content-type": type })
    createReadStream(file).pipe(response)
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const address = server.address()
  return { origin: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`, server }
}
