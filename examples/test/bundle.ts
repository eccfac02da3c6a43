/** Programs that start fast. */
import { build } from "esbuild"
import { basename } from "node:path"
import { root } from "./run.ts"

/**
 * The files as JavaScript in a folder that share their chunks: Effect is loaded from one file rather than from some hundred, and a program starts in a quarter
 * of the time. What is not Effect's or ours is left where it is.
 */
export const bundle = async (folder: string, files: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const entries = files.map((file) => ({ in: file, out: basename(file, ".ts") }))
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
    plugins: [
      {
        name: "only Effect and ours",
        setup: ({ onResolve }) => {
          onResolve({ filter: /^[^./]/ }, ({ kind, path }) =>
            kind === "entry-point" || /^@?effect|^fast-check$|^pure-rand/.test(path)
              ? undefined
              : { path, external: true }
          )
        }
      }
    ]
  })
  return entries.map(({ out }) => `${folder}/${out}.js`)
}
