/**
 * The nine failures that Bigin documents, one class a row, in the page's order.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { biginError } from "./biginError.ts"
import { catalogue } from "./catalogue.ts"
import { answered, place } from "./fields.ts"

const row = <const Code extends string>({ code }: { readonly code: Code }) => ({
  ...answered,
  code: Schema.Literal(code)
})

/**
 * Bigin knows no module of that name, or this user may not see its tab, or it was removed.
 * `400 INVALID_MODULE`, "The module name given seems to be invalid"; also any other wording under that code.
 *
 * @since 0.1.0
 * @category documented
 */
export class InvalidModule extends biginError<InvalidModule>()("InvalidModule", row(catalogue.InvalidModule), {
  category: "module",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `Bigin knows no module "${this.ref.module}". ${catalogue.InvalidModule.advice}`
  }
}

/**
 * The module exists but the API does not serve it, such as Documents and Projects.
 * `400 INVALID_MODULE`, "The given module is not supported in API".
 *
 * @since 0.1.0
 * @category documented
 */
export class UnsupportedModule extends biginError<UnsupportedModule>()(
  "UnsupportedModule",
  row(catalogue.UnsupportedModule),
  { category: "module", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin's API does not serve the module "${this.ref.module}". ${catalogue.UnsupportedModule.advice}`
  }
}

/**
 * The URL is none of Bigin's. The library builds it from checked parts, so something on the way changed it.
 * `404 INVALID_URL_PATTERN`.
 *
 * @since 0.1.0
 * @category documented
 */
export class InvalidUrlPattern extends biginError<InvalidUrlPattern>()(
  "InvalidUrlPattern",
  row(catalogue.InvalidUrlPattern),
  { category: "protocol", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin has no such URL, asked for ${place(this.ref)}. ${catalogue.InvalidUrlPattern.advice}`
  }
}

/**
 * The token lacks a scope. `Scopes.ensure` finds that out before anything is sent.
 * `401 OAUTH_SCOPE_MISMATCH`.
 *
 * @since 0.1.0
 * @category documented
 */
export class OAuthScopeMismatch extends biginError<OAuthScopeMismatch>()(
  "OAuthScopeMismatch",
  row(catalogue.OAuthScopeMismatch),
  { category: "auth", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `The token has no scope for ${place(this.ref)}. ${catalogue.OAuthScopeMismatch.advice}`
  }
}

/**
 * This user may not do that with attachments. `403 NO_PERMISSION`.
 *
 * @since 0.1.0
 * @category documented
 */
export class NoPermission extends biginError<NoPermission>()("NoPermission", row(catalogue.NoPermission), {
  category: "permission",
  transient: false,
  mayHaveApplied: false
}) {
  override get message(): string {
    return `Bigin denied this user ${place(this.ref)}. ${catalogue.NoPermission.advice}`
  }
}

/**
 * An unexpected exception in Bigin. It does not say whether it came before or after the act.
 * `500 INTERNAL_ERROR`.
 *
 * @since 0.1.0
 * @category documented
 */
export class InternalError extends biginError<InternalError>()("InternalError", row(catalogue.InternalError), {
  category: "server",
  transient: true,
  mayHaveApplied: true
}) {
  override get message(): string {
    return `Bigin failed while it handled ${place(this.ref)}. ${catalogue.InternalError.advice}`
  }
}

/**
 * The request did not arrive with its method. The library sends the right one, so something on the way changed it.
 * `400 INVALID_REQUEST_METHOD`.
 *
 * @since 0.1.0
 * @category documented
 */
export class InvalidRequestMethod extends biginError<InvalidRequestMethod>()(
  "InvalidRequestMethod",
  row(catalogue.InvalidRequestMethod),
  { category: "protocol", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin refused the method of the request for ${place(this.ref)}. ${catalogue.InvalidRequestMethod.advice}`
  }
}

/**
 * This user lacks the privilege for that with attachments. `400 AUTHORIZATION_FAILED`.
 *
 * @since 0.1.0
 * @category documented
 */
export class AuthorizationFailed extends biginError<AuthorizationFailed>()(
  "AuthorizationFailed",
  row(catalogue.AuthorizationFailed),
  { category: "permission", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `This user lacks the privilege for ${place(this.ref)}. ${catalogue.AuthorizationFailed.advice}`
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
 * 1 the record, 3 the attachment. An attachment that is gone and one that never was are answered alike.
 * `400 INVALID_DATA`.
 *
 * @since 0.1.0
 * @category documented
 */
export class InvalidData extends biginError<InvalidData>()(
  "InvalidData",
  {
    ...row(catalogue.InvalidData),
    target: Schema.Literal("module", "record", "attachment", "unknown")
  },
  { category: "input", transient: false, mayHaveApplied: false }
) {
  override get message(): string {
    return `Bigin refused ${refused[this.target]} ${place(this.ref)}. ${catalogue.InvalidData.advice}`
  }
}

/**
 * The failures that Bigin documents for deleting an attachment. The value of that name is its `Schema`.
 *
 * @example
 * ```ts
 * import { Errors } from "effect-bigin"
 *
 * const advice = (error: Errors.DocumentedError) => Errors.catalogue[error._tag].advice
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

/**
 * The schema of `DocumentedError`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DocumentedError = Schema.Union(
  InvalidModule,
  UnsupportedModule,
  InvalidUrlPattern,
  OAuthScopeMismatch,
  NoPermission,
  InternalError,
  InvalidRequestMethod,
  AuthorizationFailed,
  InvalidData
)
