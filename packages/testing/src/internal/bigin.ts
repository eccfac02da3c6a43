/**
 * How Bigin answers, as far as its pages say. Written apart from the library and from its tables, so that the two can
 * disagree: only the nine rows are shared, since both take them from the page.
 */
import * as Fixtures from "../Fixtures.ts"
import { type Accounts, answerToken, makeAccounts } from "./accounts.ts"
import type { Attachment, Options, Token, WireRequest } from "./model.ts"

export interface World {
  /** Attachments by module and record, in the order of their upload. */
  readonly records: Map<string, Map<string, Attachment>>
  /** Those of records that were put, known to Bigin's pages or not. */
  readonly modules: Set<string>
  readonly tokens: Map<string, LiveToken>
  readonly accounts: Accounts
}

/** A token, and when it dies, in milliseconds since the epoch. */
export interface LiveToken extends Token {
  readonly expiresAt: number
}

export const makeWorld = ({ clients, records, tokens }: Required<Options>): World => ({
  records: new Map(
    records.map(({ attachments, module, recordId }) => [
      recordKey(module, recordId),
      new Map(attachments.map((attachment) => [attachment.id, attachment]))
    ])
  ),
  modules: new Set(records.map(({ module }) => module)),
  tokens: new Map(Object.entries(tokens).map(([name, token]) => [name, { ...token, expiresAt: Infinity }])),
  accounts: makeAccounts(clients)
})

export const recordKey = (module: string, recordId: string): string => `${module}/${recordId}`

/** Checks in the order in which each check needs the one before. */
export const answer = (world: World, request: WireRequest, now: number): Fixtures.Reply => {
  const [pathname = "", query = ""] = request.url.split("?", 2)
  if (pathname === "/oauth/v2/token") return answerToken(world, request, now)
  const path = /^\/bigin\/v[12]\/([^/]+)\/([^/]+)\/Attachments(?:\/([^/]+))?$/.exec(pathname)
  if (path === null) return Fixtures.documented("InvalidUrlPattern")
  const [, module = "", recordId = "", attachmentId] = path

  if (request.method !== (attachmentId === undefined ? "GET" : "DELETE")) {
    return Fixtures.documented("InvalidRequestMethod")
  }

  const authorization = /^Zoho-oauthtoken (.+)$/.exec(request.headers["authorization"] ?? "")
  if (authorization === null) {
    return Fixtures.errorItem(401, "AUTHENTICATION_FAILURE", "Authentication failed", { envelope: "top" })
  }
  const token = world.tokens.get(authorization[1] ?? "")
  if (token === undefined || token.expiresAt <= now) return Fixtures.undocumented.InvalidToken
  if (!inScope(token, module, attachmentId === undefined ? "READ" : "DELETE")) {
    return Fixtures.documented("OAuthScopeMismatch")
  }

  if (unsupported.has(module)) return Fixtures.documented("UnsupportedModule")
  if (!scopeNames.has(module) && !world.modules.has(module)) {
    return Fixtures.documented("InvalidModule", { details: { resource_path_index: 0 } })
  }
  const attachments = world.records.get(recordKey(module, recordId))
  if (attachments === undefined) return Fixtures.documented("InvalidData", { details: { resource_path_index: 1 } })
  if (attachmentId === undefined) return list([...attachments.values()], recordId, new URLSearchParams(query))

  if (token.lacks === "permission") return Fixtures.documented("NoPermission")
  if (token.lacks === "privilege") return Fixtures.documented("AuthorizationFailed")
  // one that is gone and one that never was answer the same
  return attachments.delete(attachmentId)
    ? Fixtures.success(attachmentId)
    : Fixtures.documented("InvalidData", { details: { resource_path_index: 3 } })
}

/** Modules that exist and that the API does not serve. */
const unsupported: ReadonlySet<string> = new Set(["Documents", "Projects"])

/** The names of a module in scopes, of v1 and of v2. */
const scopeNames: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["Contacts", ["contacts"]],
  ["Companies", ["companies", "accounts"]],
  ["Accounts", ["companies", "accounts"]],
  ["Deals", ["deals", "pipelines"]],
  ["Pipelines", ["deals", "pipelines"]],
  ["Tasks", ["tasks"]],
  ["Events", ["events"]],
  ["Calls", ["calls"]],
  ["Products", ["products"]],
  ["Notes", ["notes"]],
  ["Activities", ["activities"]]
])

const inScope = (token: Token, module: string, operation: string): boolean => {
  const granted = token.scopes.map((scope) => scope.toLowerCase())
  const allows = (name: string) =>
    ["all", operation.toLowerCase()].some((allowed) => granted.includes(`zohobigin.modules.${name}.${allowed}`))
  return (
    allows("attachments") && (granted.includes("zohobigin.modules.all") || (scopeNames.get(module) ?? []).some(allows))
  )
}

/** Rows behind the 2,000th are served by token alone. */
const mostNumbered = 2000

const list = (rows: ReadonlyArray<Attachment>, recordId: string, query: URLSearchParams): Fixtures.Reply => {
  const token = query.get("page_token")
  const perPage = Math.min(200, positive(query.get("per_page"), 200))
  const page = token === null ? positive(query.get("page"), 1) : Number(token.replace("page-", ""))
  if (token === null && page * perPage > mostNumbered) {
    return Fixtures.errorItem(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", "use page_token", { envelope: "top" })
  }
  const shown = rows.slice((page - 1) * perPage, page * perPage)
  const more = rows.length > page * perPage
  return shown.length === 0
    ? { status: 204, headers: {}, body: "" }
    : Fixtures.json(200, {
        data: shown.map(({ fileName, id, size }) => ({
          id,
          File_Name: fileName,
          Size: String(size),
          Parent_Id: { id: recordId },
          $file_id: `file-${id}`
        })),
        info: {
          per_page: perPage,
          count: shown.length,
          page,
          more_records: more,
          next_page_token: more ? `page-${page + 1}` : null
        }
      })
}

const positive = (given: string | null, otherwise: number): number =>
  given !== null && /^[1-9]\d*$/.test(given) ? Number(given) : otherwise
