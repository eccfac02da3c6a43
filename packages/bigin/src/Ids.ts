/**
 * What a call is about: modules, records and attachments by their ids. Ids are decimal strings of about 19 digits, above
 * `Number.MAX_SAFE_INTEGER`, so a number would lose digits: they are given as strings or bigints.
 *
 * @since 0.1.0
 */
export * from "./models/ids.ts"
