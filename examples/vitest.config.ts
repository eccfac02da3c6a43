import { defineConfig, mergeConfig } from "vitest/config"
import { shared } from "../vitest.shared.ts"

// a numbered example that is a test file runs as one
export default mergeConfig(
  shared,
  defineConfig({
    test: {
      include: ["*.test.ts", "test/**/*.test.ts"],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      typecheck: { enabled: false }
    }
  })
)
