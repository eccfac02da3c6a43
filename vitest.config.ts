import { defineConfig } from "vitest/config"
import projects from "./vitest.workspace.ts"

export default defineConfig({
  test: {
    projects,
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      reporter: ["text"],
      reportsDirectory: "coverage",
      thresholds: { lines: 90, branches: 80 }
    }
  }
})
