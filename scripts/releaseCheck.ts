/**
 * Tells everything that keeps the packages from being released. What is packed is checked by `npm run packages`.
 *
 *     npm run release:check
 *     tsx scripts/releaseCheck.ts --root /path/to/a/copy
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { root } from "./pack.ts"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly author?: string
  readonly homepage?: string
  readonly bugs?: { readonly url?: string }
  readonly repository?: { readonly url?: string; readonly directory?: string }
  readonly publishConfig?: { readonly access?: string }
  readonly dependencies?: Dependencies
  readonly peerDependencies?: Dependencies
  readonly optionalDependencies?: Dependencies
}

type Dependencies = { readonly [name: string]: string }

const { values } = parseArgs({ options: { root: { type: "string", default: root } } })

const packages = readdirSync(join(values.root, "packages")).map((name) => {
  const folder = `packages/${name}`
  const manifest: Manifest = JSON.parse(readFileSync(join(values.root, folder, "package.json"), "utf8"))
  return { folder, manifest }
})
const [first] = packages
const ours = new Set(packages.map(({ manifest }) => manifest.name))

/** The authors are whom the license names. */
const author = /^Copyright \(c\) \d+ (.+)$/m.exec(readFileSync(join(values.root, "LICENSE"), "utf8"))?.[1]

const isUrl = (given: string | undefined): boolean => given !== undefined && URL.canParse(given)

function* metadataOf(folder: string, manifest: Manifest): Iterable<string> {
  if (manifest.private) yield "private is set: it would not be published"
  if (manifest.author !== author) yield `author is not "${author}", whom LICENSE names`
  // npm compares the repository with the one that a release comes from, before it gives it provenance
  if (!isUrl(manifest.repository?.url)) yield "repository.url is missing"
  if (manifest.repository?.directory !== folder) yield `repository.directory is not "${folder}"`
  if (!isUrl(manifest.homepage)) yield "homepage is missing"
  if (!isUrl(manifest.bugs?.url)) yield "bugs.url is missing"
  if (manifest.publishConfig?.access !== "public") yield 'publishConfig.access is not "public"'
}

function* versionsOf(folder: string, manifest: Manifest): Iterable<string> {
  const { version } = manifest
  if (version !== first?.manifest.version) {
    yield `version ${version} is not ${first?.manifest.version}, which ${first?.manifest.name} has`
  }
  const changelog = join(values.root, folder, "CHANGELOG.md")
  const headings = existsSync(changelog) ? readFileSync(changelog, "utf8").split("\n") : []
  if (!headings.includes(`## ${version}`)) yield `CHANGELOG.md has no "## ${version}"`
  const { dependencies, optionalDependencies, peerDependencies } = manifest
  for (const [name, range] of Object.entries({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
    // what is no version of the registry (workspace:, file:, link:, git, a URL) cannot be installed from it
    if (/[:/]/.test(range)) yield `${name} is "${range}", which no registry has`
    if (ours.has(name) && range !== `^${version}`) yield `${name} is "${range}" and not "^${version}"`
  }
}

/** The anchor of a heading, as GitHub and npm make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-")

/** On a registry's page no file of this repository is there: a link is a URL, or a heading of the same page. */
function* linksOf(folder: string, manifest: Manifest): Iterable<string> {
  for (const page of ["README.md", "AGENTS.md", "CHANGELOG.md"]) {
    const path = join(values.root, folder, page)
    if (!existsSync(path)) {
      yield `${page} is missing`
      continue
    }
    const text = readFileSync(path, "utf8").replaceAll(/^ *```[\s\S]*?^ *```/gm, "")
    const anchors = new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => `#${anchorOf(heading)}`))
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)/g)) {
      if (!anchors.has(target) && !target.startsWith("https://")) {
        yield `${page} links to ${target}, which the page of ${manifest.name} on a registry does not have`
      }
    }
  }
}

const problems = packages.flatMap(({ folder, manifest }) =>
  [metadataOf, versionsOf, linksOf]
    .flatMap((check) => [...check(folder, manifest)])
    .map((problem) => `FAILED ${folder}: ${problem}`)
)
console.log(problems.length === 0 ? `ok ${[...ours].join(", ")} may be released` : problems.join("\n"))
if (problems.length > 0) process.exitCode = 1
