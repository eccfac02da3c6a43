import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { parse } from "yaml"
import { root, run } from "./run.ts"

const folders = readdirSync(`${root}packages`).map((name) => `packages/${name}`)

type Manifest = Record<string, unknown>

/** The packages' pages and manifests in a folder of their own, with what nobody knows yet filled in. */
const copy = (): {
  readonly path: string
  readonly change: (folder: string, change: (given: Manifest) => Manifest) => void
} => {
  const path = mkdtempSync(join(tmpdir(), "effect-bigin-release-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  cpSync(`${root}LICENSE`, join(path, "LICENSE"))
  const change = (folder: string, change: (given: Manifest) => Manifest) => {
    const manifest = join(path, folder, "package.json")
    const given: Manifest = JSON.parse(readFileSync(manifest, "utf8"))
    writeFileSync(manifest, JSON.stringify(change(given)))
  }
  for (const folder of folders) {
    mkdirSync(join(path, folder), { recursive: true })
    for (const file of ["package.json", "README.md", "AGENTS.md", "CHANGELOG.md"]) {
      cpSync(`${root}${folder}/${file}`, join(path, folder, file))
    }
    change(folder, (given) => ({
      ...given,
      repository: { type: "git", url: "git+https://git.example/effect-bigin.git", directory: folder },
      homepage: "https://effect-bigin.example",
      bugs: { url: "https://git.example/effect-bigin/issues" }
    }))
  }
  return { path, change }
}

const { version }: { readonly version: string } = JSON.parse(readFileSync(`${root}packages/bigin/package.json`, "utf8"))

const releaseCheck = (path: string) => run("tsx", ["scripts/releaseCheck.ts", "--root", path])

describe("a release", () => {
  it("is kept back by nothing but the addresses that nobody knows yet", async () => {
    expect(await releaseCheck(copy().path)).toEqual({
      code: 0,
      stdout: "ok effect-bigin, effect-bigin-node, effect-bigin-testing may be released\n",
      stderr: ""
    })
  })

  it("is kept back by each field, version, dependency and link that is wrong, by name", async () => {
    const { change, path } = copy()
    change("packages/bigin", (given) => ({
      ...given,
      bugs: undefined,
      homepage: undefined,
      repository: undefined,
      author: "somebody else",
      private: true,
      publishConfig: {}
    }))
    change("packages/node", (given) => ({ ...given, version: "99.0.0", dependencies: { undici: "workspace:*" } }))
    change("packages/testing", (given) => ({ ...given, peerDependencies: { "effect-bigin": "^0.0.9" } }))
    writeFileSync(
      join(path, "packages/testing/README.md"),
      "# Title\n\n[here](#title) [gone](#gone) [file](../../LICENSE)\n"
    )
    rmSync(join(path, "packages/testing/AGENTS.md"))

    const { code, stdout } = await releaseCheck(path)
    expect(code).toBe(1)
    expect(stdout.trim().split("\n")).toEqual(
      [
        "packages/bigin: private is set: it would not be published",
        'packages/bigin: author is not "the effect-bigin authors", whom LICENSE names',
        "packages/bigin: repository.url is missing",
        'packages/bigin: repository.directory is not "packages/bigin"',
        "packages/bigin: homepage is missing",
        "packages/bigin: bugs.url is missing",
        'packages/bigin: publishConfig.access is not "public"',
        "packages/node: version 99.0.0 is not VERSION, which effect-bigin has",
        'packages/node: CHANGELOG.md has no "## 99.0.0"',
        'packages/node: undici is "workspace:*", which no registry has',
        'packages/node: effect-bigin is "^VERSION" and not "^99.0.0"',
        'packages/testing: effect-bigin is "^0.0.9" and not "^VERSION"',
        "packages/testing: README.md links to #gone, which the page of effect-bigin-testing on a registry does not have",
        "packages/testing: README.md links to ../../LICENSE, which the page of effect-bigin-testing on a registry does not have",
        "packages/testing: AGENTS.md is missing"
      ].map((problem) => `FAILED ${problem.replace("VERSION", version)}`)
    )
  })
})

describe("a new version", () => {
  it("below 1 with something added is the next minor one, for all packages and for their peers", async () => {
    const { change, path } = copy()
    for (const folder of folders) change(folder, (given) => ({ ...given, version: "0.1.7" }))
    writeFileSync(
      join(path, "package.json"),
      JSON.stringify({ name: "root", private: true, workspaces: ["packages/*"] })
    )
    const config: Manifest = JSON.parse(readFileSync(`${root}.changeset/config.json`, "utf8"))
    mkdirSync(join(path, ".changeset"))
    // a changelog names commits, and this is no repository
    writeFileSync(join(path, ".changeset/config.json"), JSON.stringify({ ...config, changelog: false }))
    writeFileSync(join(path, ".changeset/tag.md"), '---\n"effect-bigin": minor\n---\n\nA new tag.\n')

    expect(await run("tsx", ["scripts/releaseVersion.ts", "--root", path])).toMatchObject({ code: 0 })
    const after = folders.map((folder): Manifest =>
      JSON.parse(readFileSync(join(path, folder, "package.json"), "utf8"))
    )
    expect(after.map(({ version }) => version)).toEqual(["0.2.0", "0.2.0", "0.2.0"])
    const effect = { "@effect/platform": expect.any(String), effect: expect.any(String) }
    expect(after.map(({ peerDependencies }) => peerDependencies)).toEqual([
      effect,
      { ...effect, "effect-bigin": "^0.2.0" },
      { ...effect, "effect-bigin": "^0.2.0" }
    ])
  })
})

describe("the policy of versions", () => {
  it("is where SECURITY.md and CONTRIBUTING.md link to", () => {
    for (const page of ["SECURITY.md", "CONTRIBUTING.md"]) {
      expect(readFileSync(`${root}${page}`, "utf8")).toContain("(packages/bigin/README.md#versions)")
    }
    expect(readFileSync(`${root}packages/bigin/README.md`, "utf8")).toContain("\n## Versions\n")
  })
})

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly "timeout-minutes"?: number
  readonly steps: ReadonlyArray<{ readonly uses?: string; readonly run?: string }>
}

describe("a workflow", () => {
  const workflows = readdirSync(`${root}.github/workflows`).map((name) => {
    const text = readFileSync(`${root}.github/workflows/${name}`, "utf8")
    const parsed: {
      readonly permissions: Readonly<Record<string, string>>
      readonly jobs: Readonly<Record<string, Job>>
    } = parse(text)
    return { name, text, ...parsed }
  })
  const jobs = workflows.flatMap(({ jobs }) => Object.entries(jobs))

  it("takes every action by the hash of a commit", () => {
    const uses = jobs.flatMap(([, { steps }]) => steps.flatMap(({ uses }) => uses ?? []))
    expect(uses.length).toBeGreaterThan(5)
    expect(uses.filter((use) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(use))).toEqual([])
  })

  it("keeps no secret, and may write and ask for a token where it publishes alone", () => {
    expect(workflows.filter(({ text }) => /secrets\.|NPM_TOKEN|NODE_AUTH_TOKEN/.test(text))).toEqual([])
    const more = workflows.flatMap(({ permissions }) => Object.values(permissions)).filter((given) => given !== "read")
    expect(more).toEqual([])
    expect(jobs.flatMap(([name, { permissions }]) => (permissions?.["id-token"] ? name : []))).toEqual(["publish"])
  })

  it("runs scripts that are there, for a limited time", () => {
    const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
      readFileSync(`${root}package.json`, "utf8")
    )
    const ran = jobs.flatMap(([, { steps }]) =>
      steps.flatMap(({ run = "" }) => /^npm (?:run )?([\w:]+)/.exec(run)?.[1] ?? [])
    )
    expect(ran).toContain("release:publish")
    expect(ran.filter((script) => script !== "install" && !(script in scripts))).toEqual([])
    expect(jobs.filter(([, job]) => job["timeout-minutes"] === undefined)).toEqual([])
  })
})
