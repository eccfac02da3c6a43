/** TypeScript 6, which the docs bring: TypeScript 7 has no JavaScript API. */
import { createRequire } from "node:module"
import type * as ts from "../docs/node_modules/typescript/lib/typescript.js"

export type { ts }

export const typescript: typeof ts = createRequire(new URL("../docs/package.json", import.meta.url))("typescript")
