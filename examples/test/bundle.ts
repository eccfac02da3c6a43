/** Programs that start fast. */
import { build } from "esbuild"
import { root } from "./run.ts"

/**
 * The files of a folder as JavaScript that shares its chunks: Effect is loaded from one file rather than from some hundred, and a program starts in a quarter
 * of the time. What is not Effect's or ours is left where it is.
 */
export const bundle = async (folder: string, files: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  await build({
    absWorkingDir: root,
    entryPoints: [...files],
    outdir: `${folder}/out`,
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
  return files.map((file) => file.replace(`${folder}/`, `${folder}/out/`).replace(/ts$/, "js"))
}
