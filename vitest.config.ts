import { defineConfig } from "vitest/config"
import projects from "./vitest.workspace.ts"

export default defineConfig({
  test: {
    projects,
    // by default one core is left idle, which of two is half of the time
    maxWorkers: "100%",
    minWorkers: 1,
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      reporter: ["text"],
      reportsDirectory: "coverage",
      thresholds: { lines: 90, branches: 80 }
    }
  }
})
