import type { TestProjectConfiguration } from "vitest/config"

/** The projects of this repository; `vitest.config.ts` hands them to vitest, which reads them from there without a warning. */
const projects: Array<TestProjectConfiguration> = ["packages/*", "examples", "simulation", "docs"]

export default projects
