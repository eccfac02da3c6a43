/**
 * The nine failures that Bigin documents for deleting an attachment, as data.
 *
 * @since 0.1.0
 */

/**
 * One row of Bigin's page.
 *
 * @since 0.1.0
 * @category models
 */
export interface CatalogueEntry {
  /** The class's `_tag`. */
  readonly tag: string
  /** The HTTP status that the page gives. Real replies may come with another. */
  readonly status: number
  /** Bigin's `code`. */
  readonly code: string
  /** Bigin's `message`, as the page writes it. */
  readonly message: string
  /** What to do about it, in our words. */
  readonly advice: string
  /** Where the row comes from. */
  readonly source: string
}

const page = "bigin.com/developer/docs/apis: Delete an Attachment, possible errors"

/**
 * The nine rows, in the page's order, by tag. `INVALID_MODULE` stands for two rows, which only the message tells apart.
 *
 * @example
 * ```ts
 * import { Errors } from "effect-bigin"
 *
 * console.log(Errors.catalogue.InvalidData.advice)
 * ```
 *
 * @since 0.1.0
 * @category catalogue
 */
export const catalogue = {
  InvalidModule: {
    tag: "InvalidModule",
    status: 400,
    code: "INVALID_MODULE",
    message: "The module name given seems to be invalid",
    advice: "Use a valid module API name, of a module that still exists and whose tab this user may see.",
    source: page
  },
  UnsupportedModule: {
    tag: "UnsupportedModule",
    status: 400,
    code: "INVALID_MODULE",
    message: "The given module is not supported in API",
    advice: "Use a module that the API supports; Documents and Projects, for example, are not.",
    source: page
  },
  InvalidUrlPattern: {
    tag: "InvalidUrlPattern",
    status: 404,
    code: "INVALID_URL_PATTERN",
    message: "Please check if the URL trying to access is a correct one",
    advice: "Check the API version and whatever rewrites URLs between this program and Bigin.",
    source: page
  },
  OAuthScopeMismatch: {
    tag: "OAuthScopeMismatch",
    status: 401,
    code: "OAUTH_SCOPE_MISMATCH",
    message: "Unauthorized",
    advice:
      "Make a token with a scope for attachments, ZohoBigin.modules.attachments with .DELETE to delete, .READ to list and download and .CREATE to upload, and one for the module.",
    source: page
  },
  NoPermission: {
    tag: "NoPermission",
    status: 403,
    code: "NO_PERMISSION",
    message: "Permission denied to delete attachment",
    advice: "Ask the administrator to let this user do that with attachments.",
    source: page
  },
  InternalError: {
    tag: "InternalError",
    status: 500,
    code: "INTERNAL_ERROR",
    message: "Internal Server Error",
    advice: "It may have happened: look before asking again. Contact Zoho's support if it stays.",
    source: page
  },
  InvalidRequestMethod: {
    tag: "InvalidRequestMethod",
    status: 400,
    code: "INVALID_REQUEST_METHOD",
    message: "The http request method type is not a valid one",
    advice:
      "Check whatever rewrites requests between this program and Bigin: it did not arrive as the library sent it.",
    source: page
  },
  AuthorizationFailed: {
    tag: "AuthorizationFailed",
    status: 400,
    code: "AUTHORIZATION_FAILED",
    message: "User does not have sufficient privilege to delete attachments",
    advice: "Ask the administrator to give this user the privilege to do that with attachments.",
    source: page
  },
  InvalidData: {
    tag: "InvalidData",
    status: 400,
    code: "INVALID_DATA",
    message: "the related id given seems to be invalid",
    advice: "Get valid ids from the list of records and their attachments; the attachment may be gone already.",
    source: page
  }
} as const satisfies { readonly [Tag in string]: CatalogueEntry & { readonly tag: Tag } }

/**
 * A tag of a documented failure.
 *
 * @since 0.1.0
 * @category models
 */
export type DocumentedTag = keyof typeof catalogue

/**
 * A code that Bigin documents for this call. Eight, since two rows share one.
 *
 * @since 0.1.0
 * @category models
 */
export type DocumentedCode = (typeof catalogue)[DocumentedTag]["code"]
