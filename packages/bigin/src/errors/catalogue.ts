/**
 * What is known of failures, as data: what to do about each, and the nine that Bigin documents for deleting an attachment.
 *
 * @since 0.1.0
 */

const mayHaveHappened =
  "If this was a deletion or an upload, it may have happened: look at the record's list before you ask again."

/**
 * What to do about each failure of this library, by tag. The messages of the errors end with it.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { deleteAttachment, Errors } from "effect-bigin"
 *
 * const program = deleteAttachment({ module: "Contacts", recordId: "1", attachmentId: "2" }).pipe(
 *   Effect.tapError((error) => Effect.log(Errors.advice[error._tag]))
 * )
 * ```
 *
 * @since 0.1.0
 * @category catalogue
 */
export const advice = {
  InvalidModule: "Use a valid module API name, of a module that still exists and whose tab this user may see.",
  UnsupportedModule: "Use a module that the API supports; Documents and Projects, for example, are not.",
  InvalidUrlPattern: "Check the API version and whatever rewrites URLs between this program and Bigin.",
  OAuthScopeMismatch:
    "Make a token with a scope for attachments, ZohoBigin.modules.attachments with .DELETE to delete, .READ to list and download and .CREATE to upload, and one for the module.",
  NoPermission: "Ask the administrator to let this user do that with attachments.",
  InternalError: `${mayHaveHappened} Contact Zoho's support if it stays.`,
  InvalidRequestMethod:
    "Check whatever rewrites requests between this program and Bigin: it did not arrive as the library sent it.",
  AuthorizationFailed: "Ask the administrator to give this user the privilege to do that with attachments.",
  InvalidData:
    "Get valid ids from the list of records and their attachments; an attachment whose own id is refused may be gone already.",

  InvalidInput: "Correct the input, then call again.",
  TokenRejected: "Correct the credentials; waiting does not help.",
  TokenUnreachable: "Bigin did nothing, so try again later.",
  ConnectionFailed: "Check the network and the data centre, then try again.",
  ConnectionLost: mayHaveHappened,
  RequestTimedOut: mayHaveHappened,
  InvalidToken: "The token has expired, was revoked, or belongs to another data centre: make a new one.",
  RateLimited: "Bigin did nothing, so try again later, with fewer calls at once.",
  ServiceFault: mayHaveHappened,
  UnconfirmedSuccess: mayHaveHappened,
  UnrecognizedCode: "Its code, wireMessage and details may say why.",
  MalformedResponse: "Check the origin and any proxy in between.",

  MissingScope: "Make a token with the missing scopes as well.",
  OutcomeUnknown: "Look at the record's list later.",
  NotAttempted: "Mend what stopped the collection, then run it again.",
  CollectionStopped: "Mend that, then run it again: what is gone already is AlreadyGone then.",
  ArchiveFailed: "Mend the cause, then run it again."
} as const

const page = "bigin.com/developer/docs/apis: Delete an Attachment, possible errors"

const rows = {
  InvalidModule: {
    tag: "InvalidModule",
    status: 400,
    code: "INVALID_MODULE",
    message: "The module name given seems to be invalid",
    advice: advice.InvalidModule,
    source: page
  },
  UnsupportedModule: {
    tag: "UnsupportedModule",
    status: 400,
    code: "INVALID_MODULE",
    message: "The given module is not supported in API",
    advice: advice.UnsupportedModule,
    source: page
  },
  InvalidUrlPattern: {
    tag: "InvalidUrlPattern",
    status: 404,
    code: "INVALID_URL_PATTERN",
    message: "Please check if the URL trying to access is a correct one",
    advice: advice.InvalidUrlPattern,
    source: page
  },
  OAuthScopeMismatch: {
    tag: "OAuthScopeMismatch",
    status: 401,
    code: "OAUTH_SCOPE_MISMATCH",
    message: "Unauthorized",
    advice: advice.OAuthScopeMismatch,
    source: page
  },
  NoPermission: {
    tag: "NoPermission",
    status: 403,
    code: "NO_PERMISSION",
    message: "Permission denied to delete attachment",
    advice: advice.NoPermission,
    source: page
  },
  InternalError: {
    tag: "InternalError",
    status: 500,
    code: "INTERNAL_ERROR",
    message: "Internal Server Error",
    advice: advice.InternalError,
    source: page
  },
  InvalidRequestMethod: {
    tag: "InvalidRequestMethod",
    status: 400,
    code: "INVALID_REQUEST_METHOD",
    message: "The http request method type is not a valid one",
    advice: advice.InvalidRequestMethod,
    source: page
  },
  AuthorizationFailed: {
    tag: "AuthorizationFailed",
    status: 400,
    code: "AUTHORIZATION_FAILED",
    message: "User does not have sufficient privilege to delete attachments",
    advice: advice.AuthorizationFailed,
    source: page
  },
  InvalidData: {
    tag: "InvalidData",
    status: 400,
    code: "INVALID_DATA",
    message: "the related id given seems to be invalid",
    advice: advice.InvalidData,
    source: page
  }
} as const

/**
 * A tag of a documented failure.
 *
 * @since 0.1.0
 * @category models
 */
export type DocumentedTag = keyof typeof rows

/**
 * A code that Bigin documents for this call. Eight, since two rows share one.
 *
 * @since 0.1.0
 * @category models
 */
export type DocumentedCode = (typeof rows)[DocumentedTag]["code"]

/**
 * One row of Bigin's page.
 *
 * @since 0.1.0
 * @category models
 */
export interface CatalogueEntry<Tag extends DocumentedTag = DocumentedTag> {
  /** The class's `_tag`. */
  readonly tag: Tag
  /** The HTTP status that the page gives. Real replies may come with another. */
  readonly status: (typeof rows)[Tag]["status"]
  /** Bigin's `code`. */
  readonly code: (typeof rows)[Tag]["code"]
  /** Bigin's `message`, as the page writes it. */
  readonly message: string
  /** What to do about it, in our words. */
  readonly advice: string
  /** Where the row comes from. */
  readonly source: string
}

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
export const catalogue: { readonly [Tag in DocumentedTag]: CatalogueEntry<Tag> } = rows
