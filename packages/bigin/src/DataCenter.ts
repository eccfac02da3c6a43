/**
 * Zoho's data centres. An account lives in one of them, and its tokens are refused as INVALID_TOKEN by the others.
 *
 * @since 0.1.0
 */
export * from "./models/dataCenter.ts"
