/** What the README's first program has to load: bytes in a browser, modules everywhere. */
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

const { metafile, outputFiles } = await build({
  stdin: {
    contents: `import { main } from "./firstProgram.ts"; main()`,
    resolveDir: fileURLToPath(new URL(".", import.meta.url))
  },
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  metafile: true,
  write: false
})

/** Minified, then gzip -9. */
export const bytes = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)

/** esbuild reads exactly what Node loads; the program itself and the line above count for neither. */
export const modules = Object.keys(metafile.inputs).length - 2

/** The modules and what each takes in the bundle before gzip, the largest first. */
export const parts = Object.values(metafile.outputs)
  .flatMap(({ inputs }) => Object.entries(inputs))
  .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
  .toSorted((one, other) => other.bytes - one.bytes)
