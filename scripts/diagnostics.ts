/** Runs Effect's own diagnostics over every project. The tool reports success on a project in which it found no files, so that counts as a failure here. */
import { spawnSync } from "node:child_process"

const projects = [
  "packages/bigin/tsconfig.build.json",
  "packages/bigin/tsconfig.test.json",
  "packages/node/tsconfig.build.json",
  "packages/node/tsconfig.test.json",
  "packages/testing/tsconfig.build.json",
  "packages/testing/tsconfig.test.json",
  "examples/tsconfig.json",
  "simulation/tsconfig.json",
  "benchmarks/tsconfig.json"
]

for (const project of projects) {
  const run = spawnSync("effect-tsgo", ["diagnostics", "--project", project, "--format", "text", "--strict"], {
    encoding: "utf8"
  })
  const [, checked = "0", total = ""] = /Checked (\d+) files out of (\d+)/.exec(run.stdout) ?? []
  const passed = run.status === 0 && checked !== "0" && checked === total
  console.log(`${passed ? "ok" : "FAILED"} ${project}: ${checked} files`)
  if (!passed) {
    console.log(run.stdout, run.stderr)
    process.exitCode = 1
  }
}
