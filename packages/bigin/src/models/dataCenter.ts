/** Zoho's data centres; `DataCenter.ts` is what callers read. */
import * as Schema from "effect/Schema"

/**
 * The short name of a data centre.
 *
 * @since 0.1.0
 * @category models
 */
export type DataCenter = typeof DataCenter.Type

/**
 * The schema of `DataCenter`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DataCenter = Schema.Literal("us", "eu", "in", "au", "jp", "cn", "sa", "ca")

/**
 * Where a data centre's tokens are minted, and where its API is. Each is a scheme and a host.
 *
 * @since 0.1.0
 * @category models
 */
export interface Origins {
  readonly accounts: string
  readonly api: string
}

/**
 * The origins of each data centre: where tokens are minted, and where the API is.
 * From bigin.com/developer/docs/apis, multi-DC.
 *
 * @since 0.1.0
 * @category data
 */
export const origins: { readonly [Name in DataCenter]: Origins } = {
  us: { accounts: "https://accounts.zoho.com", api: "https://www.zohoapis.com" },
  eu: { accounts: "https://accounts.zoho.eu", api: "https://www.zohoapis.eu" },
  in: { accounts: "https://accounts.zoho.in", api: "https://www.zohoapis.in" },
  au: { accounts: "https://accounts.zoho.com.au", api: "https://www.zohoapis.com.au" },
  jp: { accounts: "https://accounts.zoho.jp", api: "https://www.zohoapis.jp" },
  cn: { accounts: "https://accounts.zoho.com.cn", api: "https://www.zohoapis.com.cn" },
  sa: { accounts: "https://accounts.zoho.sa", api: "https://www.zohoapis.sa" },
  ca: { accounts: "https://accounts.zohocloud.ca", api: "https://www.zohoapis.ca" }
}
