/**
 * The nine failures that Bigin documents, one class a row, in the page's order.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { biginError, type BiginErrorUnion, type Traits } from "./biginError.ts"
import { advice, catalogue, type DocumentedTag } from "./catalogue.ts"
import { answered, type AnsweredEncoded, place, said } from "./fields.ts"

type CodeOf<Tag extends DocumentedTag> = (typeof catalogue)[Tag]["code"]

/** The class of a row of the catalogue. */
const row =
  <Self>() =>
  <const Tag extends DocumentedTag, const T extends Traits>(tag: Tag, traits: T) =>
    biginError<Self, AnsweredEncoded<Tag, CodeOf<Tag>>>()(tag, fieldsOf(tag), traits)

const fieldsOf = <const Tag extends DocumentedTag>(tag: Tag) => ({
  ...answered,
  /** Bigin's `code`. */
  code: Schema.Literal<[CodeOf<Tag>]>(catalogue[tag].code)
})

/**
 * Bigin knows no module of that name, or this user may not see its tab, or it was removed.
 * `400 INVALID_MODULE`, "The module name given seems to be invalid"; also any other wording under that code.
 *
 * @see docs/errors.md#invalidmodule
 * @since 0.1.0
 * @category documented
 */
export class InvalidModule extends row<InvalidModule>()("InvalidModule", {
  category: "module",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `Bigin knows no module "${this.ref.module}"${said(this)}. ${advice.InvalidModule}`
  }
}

/**
 * The module exists but the API does not serve it, such as Documents and Projects.
 * `400 INVALID_MODULE`, "The given module is not supported in API".
 *
 * @see docs/errors.md#unsupportedmodule
 * @since 0.1.0
 * @category documented
 */
export class UnsupportedModule extends row<UnsupportedModule>()("UnsupportedModule", {
  category: "module",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `Bigin's API does not serve the module "${this.ref.module}"${said(this)}. ${advice.UnsupportedModule}`
  }
}

/**
 * The URL is none of Bigin's. The library builds it from checked parts, so something on the way changed it.
 * `404 INVALID_URL_PATTERN`.
 *
 * @see docs/errors.md#invalidurlpattern
 * @since 0.1.0
 * @category documented
 */
export class InvalidUrlPattern extends row<InvalidUrlPattern>()("InvalidUrlPattern", {
  category: "protocol",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `Bigin has no such URL, asked for ${place(this.ref)}${said(this)}. ${advice.InvalidUrlPattern}`
  }
}

/**
 * The token lacks a scope. `Scopes.ensure` finds that out before anything is sent.
 * `401 OAUTH_SCOPE_MISMATCH`.
 *
 * @see docs/errors.md#oauthscopemismatch
 * @since 0.1.0
 * @category documented
 */
export class OAuthScopeMismatch extends row<OAuthScopeMismatch>()("OAuthScopeMismatch", {
  category: "auth",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `The token has no scope for ${place(this.ref)}${said(this)}. ${advice.OAuthScopeMismatch}`
  }
}

/**
 * This user may not do that with attachments. `403 NO_PERMISSION`.
 *
 * @see docs/errors.md#nopermission
 * @since 0.1.0
 * @category documented
 */
export class NoPermission extends row<NoPermission>()("NoPermission", {
  category: "permission",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `Bigin denied this user ${place(this.ref)}${said(this)}. ${advice.NoPermission}`
  }
}

/**
 * An unexpected exception in Bigin. It does not say whether it came before or after the act.
 * `500 INTERNAL_ERROR`.
 *
 * @see docs/errors.md#internalerror
 * @since 0.1.0
 * @category documented
 */
export class InternalError extends row<InternalError>()("InternalError", {
  category: "server",
  transient: true,
  mayHaveApplied: true
}) {
  override get message(): string {
    return `Bigin failed while it handled ${place(this.ref)}${said(this)}. ${advice.InternalError}`
  }
}

/**
 * The request did not arrive with its method. The library sends the right one, so something on the way changed it.
 * `400 INVALID_REQUEST_METHOD`.
 *
 * @see docs/errors.md#invalidrequestmethod
 * @since 0.1.0
 * @category documented
 */
export class InvalidRequestMethod extends row<InvalidRequestMethod>()("InvalidRequestMethod", {
  category: "protocol",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `Bigin refused the method of the request for ${place(this.ref)}${said(this)}. ${advice.InvalidRequestMethod}`
  }
}

/**
 * This user lacks the privilege for that with attachments. `400 AUTHORIZATION_FAILED`.
 *
 * @see docs/errors.md#authorizationfailed
 * @since 0.1.0
 * @category documented
 */
export class AuthorizationFailed extends row<AuthorizationFailed>()("AuthorizationFailed", {
  category: "permission",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `This user lacks the privilege for ${place(this.ref)}${said(this)}. ${advice.AuthorizationFailed}`
  }
}

const refused = {
  module: "the module of",
  record: "the record of",
  attachment: "the very id of",
  unknown: "one of the ids of"
} as const

/**
 * Bigin refused an id of the URL. `target` says which, where Bigin's `details.resource_path_index` does: 0 the module,
 * 1 the record, 3 the attachment. `400 INVALID_DATA`.
 *
 * - Target "attachment": Bigin says that there is no such attachment. It is gone, or it never was: both are answered alike. To be sure, look
 *   at the list, as `ensureDeleted` does.
 * - Target "module" or "record": a mistake. Nothing is known of the attachment.
 * - Target "unknown": Bigin did not say which. It may be the attachment, so this proves nothing.
 *
 * @see docs/errors.md#invaliddata
 * @since 0.1.0
 * @category documented
 */
export class InvalidData extends biginError<
  InvalidData,
  AnsweredEncoded<"InvalidData", "INVALID_DATA"> & { readonly target: keyof typeof refused }
>()(
  "InvalidData",
  {
    ...fieldsOf("InvalidData"),
    /** Whose id Bigin refused, by the number `details.resource_path_index`; "unknown" where it says no such number. */
    target: Schema.Literal("module", "record", "attachment", "unknown")
  },
  { category: "input", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin refused ${refused[this.target]} ${place(this.ref)}${said(this)}. ${advice.InvalidData}`
  }
}

/**
 * The failures that Bigin documents for deleting an attachment. The value of that name is its `Schema`.
 *
 * @example
 * ```ts
 * import { Errors } from "effect-bigin"
 *
 * const source = (error: Errors.DocumentedError) => Errors.catalogue[error._tag].source
 * ```
 *
 * @since 0.1.0
 * @category unions
 */
export type DocumentedError =
  | InvalidModule
  | UnsupportedModule
  | InvalidUrlPattern
  | OAuthScopeMismatch
  | NoPermission
  | InternalError
  | InvalidRequestMethod
  | AuthorizationFailed
  | InvalidData

const members = [
  InvalidModule,
  UnsupportedModule,
  InvalidUrlPattern,
  OAuthScopeMismatch,
  NoPermission,
  InternalError,
  InvalidRequestMethod,
  AuthorizationFailed,
  InvalidData
] as const

/**
 * What `DocumentedError` is encoded to.
 *
 * @since 0.1.0
 * @category encoded
 */
export type DocumentedErrorEncoded = Schema.Schema.Encoded<(typeof members)[number]>

/**
 * The schema of `DocumentedError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DocumentedError: BiginErrorUnion<DocumentedError, DocumentedErrorEncoded, typeof members> = Schema.Union(
  ...members
)
