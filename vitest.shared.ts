import { fileURLToPath } from "node:url"
import type { ViteUserConfig } from "vitest/config"

const packages = fileURLToPath(new URL("./packages", import.meta.url))

/** What every project's `vitest.config.ts` starts from. */
export const shared: ViteUserConfig = {
  resolve: {
    // tests run against the sources, so they need no build
    alias: [
      { find: /^effect-bigin$/, replacement: `${packages}/bigin/src/index.ts` },
      { find: /^effect-bigin\/(.+)$/, replacement: `${packages}/bigin/src/$1.ts` },
      { find: /^effect-bigin-node$/, replacement: `${packages}/node/src/index.ts` },
      { find: /^effect-bigin-node\/(.+)$/, replacement: `${packages}/node/src/$1.ts` },
      { find: /^effect-bigin-testing$/, replacement: `${packages}/testing/src/index.ts` },
      { find: /^effect-bigin-testing\/(.+)$/, replacement: `${packages}/testing/src/$1.ts` }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    sequence: { concurrent: true },
    // servers of tests are on loopback, whatever proxy the machine has
    env: { http_proxy: "", https_proxy: "" },
    typecheck: {
      // a `--typecheck` flag on the command line does not reach the projects
      enabled: true,
      checker: "tsc",
      include: ["test-d/**/*.test-d.ts"],
      tsconfig: "./tsconfig.test.json"
    }
  }
}
