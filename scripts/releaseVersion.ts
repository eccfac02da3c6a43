/**
 * Takes the changesets into versions and changelogs, as `changeset version` does.
 *
 * By that alone every minor version below 1 would become 1.0.0: packages of ours are peers of each other, and changesets takes a
 * peer that leaves its range for a major change. So the peers of ours are left out while it runs, and written anew with the
 * version that all packages then have.
 *
 *     npm run release:version
 *     tsx scripts/releaseVersion.ts --root /path/to/a/copy
 */
import { spawnSync } from "node:child_process"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { readJson, root } from "./pack.ts"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly peerDependencies?: { readonly [name: string]: string }
}

const { values } = parseArgs({ options: { root: { type: "string", default: root } } })
const paths = readdirSync(join(values.root, "packages")).map((name) =>
  join(values.root, "packages", name, "package.json")
)
const before = new Map(paths.map((path) => [path, readJson<Manifest>(path)]))
const ours = new Set([...before.values()].map(({ name }) => name))

/** Writes the peers of each package: those of ours with the given range, or not at all. */
const writePeers = (range: string | undefined): void => {
  for (const [path, { peerDependencies = {} }] of before) {
    const peers = Object.entries(peerDependencies)
      .map(([name, given]) => [name, ours.has(name) ? range : given] as const)
      .filter(([, given]) => given !== undefined)
    const manifest = { ...readJson<Manifest>(path), peerDependencies: Object.fromEntries(peers) }
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`)
  }
}

writePeers(undefined)
const { status } = spawnSync(join(root, "node_modules/.bin/changeset"), ["version"], {
  cwd: values.root,
  stdio: "inherit"
})
// one version for all: .changeset/config.json has them as "fixed"
writePeers(`^${readJson<Manifest>(paths[0] ?? "").version}`)
process.exitCode = status ?? 1
