/** Holds the README's first program against its budget. */
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { budget } from "./budget.ts"

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

const bytes = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
// esbuild reads exactly what Node loads; the program itself and the line above count for neither
const modules = Object.keys(metafile.inputs).length - 2

const isWithin = bytes <= budget.bytes && modules <= budget.modules
console.log(
  `${isWithin ? "ok" : "FAILED"} first program: ${bytes} of ${budget.bytes} bytes (min + gzip), ${modules} of ${budget.modules} modules`
)
if (!isWithin) {
  const parts = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  for (const [path, { bytesInOutput }] of parts.toSorted(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)) {
    if (bytesInOutput >= 1000) console.log(`${String(bytesInOutput).padStart(8)} ${path}`)
  }
  process.exitCode = 1
}
