/**
 * Runs the README's first program in a browser: bundled by esbuild, in headless Chromium, on a fake Bigin that lets pages of any
 * origin ask. `npm run test:bundle -w effect-bigin-examples`, after `npm run build`. It exits with 1 where anything is not as it should be.
 */
import type { FakeBigin } from "effect-bigin-testing"
import { build } from "esbuild"
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import { createInterface } from "node:readline"
import { readmeBlocks } from "../test/blocks.ts"
import { root } from "../test/run.ts"
import { launch } from "./chromium.ts"

const program = readmeBlocks.find(({ source }) => source === "README.md #1")
assert(program?.prints !== undefined, "README.md has a first program, and tells what it prints")

const bundle = await build({
  stdin: { contents: program.code, loader: "ts", resolveDir: `${root}examples` },
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  write: false
})
const [script] = bundle.outputFiles
assert(script !== undefined)
assert.doesNotMatch(script.text, /\bfrom "node:|require\("/, "the bundle needs nothing of Node")

// as its own command: it alone allows pages to ask
const fake = spawn(`${root}node_modules/.bin/effect-bigin-testing`, ["--cors"], {
  stdio: ["ignore", "pipe", "inherit"]
})
const [firstLine] = await once(createInterface(fake.stdout), "line")
const { accessToken, control, origin } = JSON.parse(firstLine)

/** A browser has no environment: the page makes one, which Effect's Config reads. */
const page = `<!doctype html><link rel="icon" href="data:,"><script>
  globalThis.process = { env: ${JSON.stringify({ BIGIN_ACCESS_TOKEN: accessToken, BIGIN_API_ORIGIN: origin })} }
</script><script type="module" src="/program.js"></script>`

const site = createServer(({ url }, response) =>
  url === "/program.js"
    ? response.setHeader("content-type", "text/javascript").end(script.contents)
    : response.setHeader("content-type", "text/html").end(page)
).listen(0, "127.0.0.1")
await once(site, "listening")
const address = site.address()
assert(typeof address === "object" && address !== null)

const browser = await launch()

try {
  const tab = await browser.newPage()
  const problems: Array<string> = []
  tab.on("pageerror", (error) => problems.push(error.message))
  tab.on("console", (message) => message.type() === "error" && problems.push(message.text()))

  /** What the program says when it is run once. */
  const run = async () => {
    const said = tab.waitForEvent("console", { predicate: (message) => message.type() === "log", timeout: 30_000 })
    await tab.goto(`http://127.0.0.1:${address.port}/`)
    return said.then(
      (message) => `${message.text()}\n`,
      () => `nothing, but ${problems.join("; ")}`
    )
  }

  assert.equal(await run(), program.prints)
  assert.deepEqual(problems, [])
  // the answer to a second deletion is an error of Bigin's, which the page can read as well
  assert.equal(await run(), "nothing to do\n")

  const requests: ReadonlyArray<FakeBigin.RecordedRequest> = await (await fetch(`${origin}${control}/requests`)).json()
  const deletion = "DELETE /bigin/v1/Contacts/2883756000000261075/Attachments/2883756000000261017: Answered"
  assert.deepEqual(
    requests.map(({ fate, method, url }) => `${method} ${url}: ${fate}`),
    [deletion, deletion]
  )
  console.log(`Chromium ${browser.version()} deleted by a bundle of ${script.contents.length} bytes, unminified`)
} finally {
  await browser.close()
  site.close()
  fake.kill("SIGTERM")
}
