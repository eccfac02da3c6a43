/** What the README's first program has to load: bytes in a browser, modules everywhere. And what NodeTransport adds to it. */
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

const bundle = (contents: string, platform: "browser" | "node") =>
  build({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    minify: true,
    format: "esm",
    platform,
    external: ["undici"],
    metafile: true,
    write: false
  })

const first = await bundle(`import { main } from "./firstProgram.ts"; main()`, "browser")
const transport = await bundle(`export * from "effect-bigin-node/NodeTransport"`, "node")

/** Minified, then gzip -9. */
export const bytes = first.outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)

/** esbuild reads exactly what Node loads; the program itself and the line above count for neither. */
export const modules = Object.keys(first.metafile.inputs).length - 2

/** The modules that NodeTransport loads and the first program does not, without undici's. */
export const transportModules = Object.keys(transport.metafile.inputs).filter(
  (path) => !(path in first.metafile.inputs)
).length

/** The modules and what each takes in the bundle before gzip, the largest first. */
export const parts = Object.values(first.metafile.outputs)
  .flatMap(({ inputs }) => Object.entries(inputs))
  .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
  .toSorted((one, other) => other.bytes - one.bytes)
