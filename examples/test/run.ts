/** Runs programs of this repository as their readers do: as processes of their own. */
import { execFile } from "node:child_process"
import { resolve as resolvePath } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const run = (
  command: string,
  args: ReadonlyArray<string>,
  options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {}
): Promise<Ran> =>
  new Promise((resolve) => {
    const { BIGIN_ACCESS_TOKEN: _, ...env } = process.env // the demo would take it for yours
    const child = execFile(
      // an absolute path, such as Node's own, stays as it is
      resolvePath(root, "node_modules/.bin", command),
      args,
      { cwd: root, env: { ...env, ...options.env } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
      }
    )
    child.stdin?.end(options.input ?? "")
  })
