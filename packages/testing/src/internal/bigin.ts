/**
 * How Bigin answers, as far as its pages say. Written apart from the library and from its tables, so that the two can
 * disagree: only the nine rows are shared, since both take them from the page.
 */
import * as Fixtures from "../Fixtures.ts"
import { answerToken } from "./accounts.ts"
import { download, type Upload, upload } from "./files.ts"
import { list } from "./list.ts"
import type { Token, WireRequest } from "./model.ts"
import { recordKey, type World } from "./world.ts"

/** Checks in the order in which each check needs the one before. */
export const answer = (
  world: World,
  request: WireRequest,
  uploaded: Upload | undefined,
  now: number
): Fixtures.Reply => {
  const [pathname = "", query = ""] = request.url.split("?", 2)
  if (pathname === "/oauth/v2/token") return answerToken(world, request, now)
  const path = /^\/bigin\/v[12]\/([^/]+)\/([^/]+)\/Attachments(?:\/([^/]+))?$/.exec(pathname)
  if (path === null) return Fixtures.documented("InvalidUrlPattern")
  const [, module = "", recordId = "", attachmentId] = path

  const operation = (attachmentId === undefined ? ofList : ofItem).get(request.method)
  if (operation === undefined) return Fixtures.documented("InvalidRequestMethod")

  const authorization = /^Zoho-oauthtoken (.+)$/.exec(request.headers["authorization"] ?? "")
  if (authorization === null) {
    return Fixtures.errorItem(401, "AUTHENTICATION_FAILURE", "Authentication failed", { envelope: "top" })
  }
  const token = world.tokens.get(authorization[1] ?? "")
  if (token === undefined || token.expiresAt <= now) return Fixtures.undocumented.InvalidToken
  if (!inScope(token, module, operation)) {
    return Fixtures.documented("OAuthScopeMismatch")
  }

  if (unsupported.has(module)) return Fixtures.documented("UnsupportedModule")
  if (!scopeNames.has(module) && !world.modules.has(module)) {
    return Fixtures.documented("InvalidModule", { details: { resource_path_index: 0 } })
  }
  const attachments = world.records.get(recordKey(module, recordId))
  if (attachments === undefined) return Fixtures.documented("InvalidData", { details: { resource_path_index: 1 } })
  if (operation !== "READ" && token.lacks === "permission") return Fixtures.documented("NoPermission")
  if (operation !== "READ" && token.lacks === "privilege") return Fixtures.documented("AuthorizationFailed")

  if (attachmentId === undefined) {
    if (operation === "READ") {
      return list([...attachments.values()], recordId, new URLSearchParams(query), world.mostPerPage)
    }
    if (uploaded === undefined) return notOnePart
    world.uploads += 1
    return upload(attachments, uploaded, world.uploads, now)
  }
  const attachment = attachments.get(attachmentId)
  // one that is gone and one that never was answer the same
  if (attachment === undefined) return Fixtures.documented("InvalidData", { details: { resource_path_index: 3 } })
  if (operation === "READ") return download(attachment)
  attachments.delete(attachmentId)
  return Fixtures.success(attachmentId)
}

/** The scope's operation of each method on a record's list, and on one attachment. */
const ofList: ReadonlyMap<string, string> = new Map([
  ["GET", "READ"],
  ["POST", "CREATE"]
])
const ofItem: ReadonlyMap<string, string> = new Map([
  ["GET", "READ"],
  ["DELETE", "DELETE"]
])

/** A form has a file or a link, and not both (CRM); which code says so is not documented. */
const notOnePart = Fixtures.errorItem(400, "REQUIRED_PARAM_MISSING", "give either file or attachmentUrl")

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
