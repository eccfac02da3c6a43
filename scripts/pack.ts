/** Packs the packages as the registry would get them. */
import { execFile } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))

/** The folders of what is published. */
export const folders = readdirSync(join(root, "packages")).map((name) => `packages/${name}`)

export const readJson = <A>(path: string): A => JSON.parse(readFileSync(path, "utf8"))

interface Ran {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
}

export const run = (
  command: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {}
): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd: options.cwd ?? root, env: { ...process.env, ...options.env }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => resolve({ ok: error === null, stdout, stderr })
    )
  })

export interface Packed {
  readonly folder: string
  readonly name: string
  readonly tarball: string
  /** The paths of what is in it, in order. */
  readonly files: ReadonlyArray<string>
  /** What can be imported, by name: "." and the modules that the wildcard of `exports` stands for. */
  readonly entryPoints: ReadonlyArray<string>
}

/** Builds nothing: what is in `dist` is packed. */
export const pack = async (folder: string, destination: string): Promise<Packed> => {
  const ran = await run("npm", ["pack", "--json", "--pack-destination", destination], { cwd: join(root, folder) })
  if (!ran.ok) throw new Error(`npm pack in ${folder} failed: ${ran.stderr}`)
  const [{ filename, files, name }]: [{ filename: string; files: ReadonlyArray<{ path: string }>; name: string }] =
    JSON.parse(ran.stdout)
  const paths = files.map(({ path }) => path).toSorted()
  const modules = paths.flatMap((path) => /^dist\/(\w+)\.js$/.exec(path)?.slice(1) ?? [])
  return {
    folder,
    name,
    tarball: join(destination, filename),
    files: paths,
    entryPoints: modules.map((module) => (module === "index" ? "." : module))
  }
}
