/** The programs by name. A new one is a file beside this one and a line here. */
import { archiveThenDelete } from "./archiveThenDelete.ts"
import { deleteAttachment } from "./deleteAttachment.ts"
import { deleteMany, deleteManyCutShort, deleteManyOfABrokenSource } from "./deleteMany.ts"
import { ensureDeleted } from "./ensureDeleted.ts"
import { ensureEach } from "./ensureEach.ts"
import type { Program } from "./program.ts"
import { retriedWhileSafe } from "./retriedWhileSafe.ts"

export const programs = {
  deleteAttachment,
  retriedWhileSafe,
  ensureDeleted,
  ensureEach,
  deleteMany,
  deleteManyCutShort,
  deleteManyOfABrokenSource,
  archiveThenDelete
} satisfies Record<string, Program>

export type ProgramName = keyof typeof programs

export const programNames = Object.keys(programs) as ReadonlyArray<ProgramName> // keys of a literal object
