/**
 * Attachments of Zoho Bigin as Effects whose error channel names every failure.
 *
 * @since 0.1.0
 */
export * as ArchiveManifest from "./models/archiveManifest.ts"
export * as Attachments from "./Attachments.ts"
export * as BiginAuth from "./BiginAuth.ts"
export * as BiginConfig from "./BiginConfig.ts"
export * as DataCenter from "./models/dataCenter.ts"
export * as DeleteReport from "./DeleteReport.ts"
export * as Errors from "./Errors.ts"
export * as Ids from "./models/ids.ts"
export * as Retry from "./Retry.ts"
export * as Scopes from "./Scopes.ts"
export * as Throttle from "./Throttle.ts"
export * as Transport from "./models/transport.ts"
export { deleteAttachment } from "./Attachments.ts"
