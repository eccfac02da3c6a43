/** Shows the last complete measurement again, from its numbers. */
import { readFileSync } from "node:fs"
import { report } from "./report.ts"

const folder = new URL("results/", import.meta.url)
report(JSON.parse(readFileSync(new URL("latest.json", folder), "utf8")), folder)
