import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { createContext, Script } from "node:vm"

const source = fileURLToPath(new URL("../src", import.meta.url))

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))

/** The modules that a file imports, those of its docstrings left out. */
const importsOf = (name: string) =>
  [...readFileSync(`${source}/${name}`, "utf8").matchAll(/^(?:import|export|\}).* from "(.+)"$/gm)].map(
    ([, from]) => from
  )

describe("the library's source", () => {
  it("imports modules, never barrels", () => {
    const barrels = files.flatMap((name) =>
      importsOf(name)
        .filter((from) => from === "effect" || /^@effect\/[^/]+$/.test(from ?? ""))
        .map((from) => `${name}: ${from}`)
    )
    assert.deepStrictEqual(barrels, [])
    assert.isAbove(files.flatMap(importsOf).length, 50)
  })

  it("imports nothing but Effect, its platform, one hash and itself", () => {
    const ours = /^(effect|@effect\/platform|@noble\/hashes|\.\.?)\//
    const others = files.flatMap(importsOf).filter((from) => !ours.test(from ?? ""))
    assert.deepStrictEqual(others, [])
  })
})

describe("the library in a browser", () => {
  const program = `
    import * as Effect from "effect/Effect"
    import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
    import * as Layer from "effect/Layer"
    import * as Redacted from "effect/Redacted"
    import { BiginAuth, deleteAttachment } from "./index.ts"

    result = Effect.runPromise(
      deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
        Effect.provide(
          Layer.merge(FetchHttpClient.layer, BiginAuth.layerToken({ accessToken: Redacted.make("1000.token") }))
        )
      )
    )`

  it("bundles without any module of Node, and deletes with nothing but what browsers have", async () => {
    const bundle = await build({
      stdin: { contents: program, resolveDir: source, loader: "ts" },
      bundle: true,
      write: false,
      platform: "browser",
      format: "iife",
      logLevel: "silent"
    })
    const asked: Array<string> = []
    const web: { result: Promise<unknown> | undefined } & Record<string, unknown> = {
      result: undefined,
      fetch: async (url: URL, init: RequestInit) => {
        asked.push(`${init.method} ${url.href}`)
        return new Response('{"data":[{"code":"SUCCESS","details":{"id":"2"},"status":"success"}]}')
      },
      AbortController,
      Headers,
      Request,
      Response,
      TextDecoder,
      TextEncoder,
      URL,
      URLSearchParams,
      clearTimeout,
      console,
      performance,
      queueMicrotask,
      setTimeout
    }
    new Script(bundle.outputFiles[0]?.text ?? "").runInContext(createContext(web))
    // made in another realm, so compared as text
    assert.strictEqual(JSON.stringify(await web.result), '{"module":"Contacts","recordId":"1","attachmentId":"2"}')
    assert.deepStrictEqual(asked, ["DELETE https://www.zohoapis.com/bigin/v1/Contacts/1/Attachments/2"])
  })
})
