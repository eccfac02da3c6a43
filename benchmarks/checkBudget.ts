/** Holds the README's first program against its budget. */
import { budget } from "./budget.ts"
import { bytes, modules, parts } from "./bundle.ts"

const isWithin = bytes <= budget.bytes && modules <= budget.modules
console.log(
  `${isWithin ? "ok" : "FAILED"} first program: ${bytes} of ${budget.bytes} bytes (min + gzip), ${modules} of ${budget.modules} modules`
)
if (!isWithin) {
  for (const part of parts) {
    if (part.bytes >= 1000) console.log(`${String(part.bytes).padStart(8)} ${part.path}`)
  }
  process.exitCode = 1
}
