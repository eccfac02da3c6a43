import { execFile, spawnSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { type Ran, root } from "./run.ts"

const ran = (command: string, args: ReadonlyArray<string>): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(command, args, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
  })

const has = (command: string, ...args: ReadonlyArray<string>) => spawnSync(command, args).status === 0

/** The first that has requests: a Python of one's own may hide Debian's, for which .ci/run installs it. */
const python = ["python3", "/usr/bin/python3"].find((python) => has(python, "-c", "import requests"))

/** .ci/run installs what is missing; on another machine that is told. */
const tools = [
  ["13-any-client.sh", has("curl", "--version") ? "bash" : undefined, "curl"],
  ["14-any-language.py", python, "python3 with requests"]
] as const

const printed: Readonly<Record<(typeof tools)[number][0], ReadonlyArray<string>>> = {
  "13-any-client.sh": [
    "uploaded 2883756000000900001",
    "listed offer.pdf, logo.png, größe.txt",
    "downloaded every byte",
    "deleted: record deleted",
    "lost: (52)",
    "listed logo.png"
  ],
  "14-any-language.py": [
    "uploaded 2883756000000900001",
    "listed offer.pdf, logo.png, größe.txt",
    "downloaded every byte",
    "refused 401 INVALID_TOKEN",
    "deleted: record deleted",
    "limited 429 30",
    "asked POST POST GET GET DELETE POST DELETE GET",
    "left offer.pdf, logo.png",
    "stopped 0"
  ]
}

describe("the fake Bigin, served to other people's clients", () => {
  for (const [name, command = "", tool] of tools) {
    if (command === "") console.warn(`SKIPPED: examples/${name} needs ${tool}, which is not on this machine`)
    it.skipIf(command === "")(`is uploaded to, listed, downloaded from and deleted from by ${tool}`, async () => {
      const { code, stderr, stdout } = await ran(command, [`examples/${name}`])
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      expect(stdout.trim().split("\n")).toEqual(printed[name])
    })
  }
})
