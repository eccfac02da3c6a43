/** Whether what was built is of the sources that are there. A simulation of yesterday's code proves nothing of today's. */
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"

/** When a file was written; long ago where there is none. */
const writtenAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity

/** The sources of a package that were not built since they were written, by their paths below `src`. */
export const staleIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(folder, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .filter((path) => {
      const built = writtenAt(join(folder, "dist", path.replace(/\.ts$/, ".js")))
      // one whose text is the same is not written again, and is as new as the build
      const builtAt = built === -Infinity ? built : Math.max(built, writtenAt(join(folder, "build/build.tsbuildinfo")))
      return writtenAt(join(folder, "src", path)) > builtAt
    })
