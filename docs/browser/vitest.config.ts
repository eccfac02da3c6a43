import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

// apart from the projects of `npm test`: it needs a Chromium
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: { include: ["*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 }
})
