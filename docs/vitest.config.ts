import { defineConfig } from "vitest/config"

// the handbook's programs run on the packages as they are built, and so do its tests: they load in a moment
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    sequence: { concurrent: true },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // servers of tests are on loopback, whatever proxy the machine has
    env: { http_proxy: "", https_proxy: "" },
    server: { deps: { external: [/\/packages\/\w+\/dist\//] } }
  }
})
