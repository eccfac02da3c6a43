/** Holds the README's first program, and NodeTransport beside it, against their budget. */
import { budget } from "./budget.ts"
import { bytes, modules, parts, transportModules } from "./bundle.ts"

const isWithin = bytes <= budget.bytes && modules <= budget.modules && transportModules <= budget.transportModules
console.log(
  `${isWithin ? "ok" : "FAILED"} first program: ${bytes} of ${budget.bytes} bytes (min + gzip), ${modules} of ${budget.modules} modules;`,
  `NodeTransport: ${transportModules} of ${budget.transportModules} modules more`
)
if (!isWithin) {
  for (const part of parts) {
    if (part.bytes >= 1000) console.log(`${String(part.bytes).padStart(8)} ${part.path}`)
  }
  process.exitCode = 1
}
