/** The programs by name. A new one is a file beside this one and a line here. */
import { archiveThenDelete } from "./archiveThenDelete.ts"
import { deleteAttachment } from "./deleteAttachment.ts"
import { deleteMany } from "./deleteMany.ts"
import { downloadAttachment } from "./downloadAttachment.ts"
import { ensureDeleted } from "./ensureDeleted.ts"
import { ensureEach } from "./ensureEach.ts"
import { listAttachments, listAttachmentsPatiently, select } from "./listAttachments.ts"
import type { Program } from "./program.ts"
import { retriedWhileSafe } from "./retriedWhileSafe.ts"
import { uploadAttachment, uploadAttachmentOfAStream } from "./uploadAttachment.ts"

export const programs = {
  deleteAttachment,
  retriedWhileSafe,
  ensureDeleted,
  ensureEach,
  deleteMany,
  archiveThenDelete,
  listAttachments,
  listAttachmentsPatiently,
  select,
  downloadAttachment,
  uploadAttachment,
  uploadAttachmentOfAStream
} satisfies Record<string, Program>

export type ProgramName = keyof typeof programs

export const programNames = Object.keys(programs) as ReadonlyArray<ProgramName> // keys of a literal object
