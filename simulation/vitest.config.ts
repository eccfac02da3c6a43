import { defineConfig, mergeConfig } from "vitest/config"
import { shared } from "../vitest.shared.ts"

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      testTimeout: 120_000,
      typecheck: { enabled: false },
      // most of what a schedule makes is garbage when it ends: with more room for it less is copied
      poolOptions: { forks: { execArgv: ["--max-semi-space-size=64"] } }
    }
  })
)
