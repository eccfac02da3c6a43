/**
 * Takes the changesets into versions and changelogs, as `changeset version` does.
 *
 * A package of ours that has another of ours as its peer would become 1.0.0 with every minor version below 1: changesets takes a
 * peer that leaves its range for a major change. So the peers of ours are left out while it runs, and written anew with the
 * version that all packages then have.
 *
 *     npm run release:version
 */
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly peerDependencies?: { readonly [name: string]: string }
}

const paths = readdirSync("packages").map((folder) => join("packages", folder, "package.json"))
const read = (path: string): Manifest => JSON.parse(readFileSync(path, "utf8"))
const ours = new Map(paths.map((path) => [read(path).name, path]))

/** Every peer of ours by a rule: a range, or none where it is to be left out. */
const writePeers = (range: (name: string) => string | undefined, before: ReadonlyMap<string, Manifest>): void => {
  for (const [path, { peerDependencies = {} }] of before) {
    const peers = Object.entries(peerDependencies).flatMap(([name, given]) => {
      const found = ours.has(name) ? range(name) : given
      return found === undefined ? [] : [[name, found]]
    })
    writeFileSync(path, `${JSON.stringify({ ...read(path), peerDependencies: Object.fromEntries(peers) }, null, 2)}\n`)
  }
}

const before = new Map(paths.map((path) => [path, read(path)]))
writePeers(() => undefined, before)
const { status } = spawnSync("changeset", ["version"], { stdio: "inherit" })
writePeers((name) => `^${read(ours.get(name) ?? "").version}`, before)
// the workspace's own lock follows the versions
if (status === 0)
  spawnSync("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], {
    stdio: "inherit"
  })
process.exitCode = status ?? 1
