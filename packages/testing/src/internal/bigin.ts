/**
 * How Bigin answers, as far as its pages say. Written apart from the library and from its tables, so that the two can
 * disagree: only the nine rows are shared, since both take them from the page.
 */
import type { DocumentedTag } from "effect-bigin/Errors"
import * as Fixtures from "../Fixtures.ts"
import { answerRevoke, answerToken } from "./accounts.ts"
import { contentOf, readUpload, upload } from "./files.ts"
import { list } from "./list.ts"
import type { Token, WireRequest } from "./model.ts"
import { dayMillis, timeOf } from "./time.ts"
import { recordKey, type LiveToken, type World } from "./world.ts"

export const answer = (world: World, request: WireRequest, now: number): Fixtures.Reply => {
  const [pathname = "", query = ""] = request.url.split("?", 2)
  if (pathname === "/oauth/v2/token") return answerToken(world, request, now)
  if (pathname === "/oauth/v2/token/revoke") return answerRevoke(world, request)

  const token = tokenOf(world, request, now)
  if (token === undefined) return headed(answerApi(world, request, pathname, new URLSearchParams(query), token, now))
  const credits = spend(world, now)
  const reply = credits?.isSpent
    ? outOfCredits(world.envelope ?? "top")
    : answerApi(world, request, pathname, new URLSearchParams(query), token, now)
  return headed(reply, {
    "x-accesstoken-reset": timeOf(Math.min(token.expiresAt, now + hourMillis)),
    ...credits?.headers
  })
}

const hourMillis = 3_600_000

/** Checks in the order in which each check needs the one before. */
const answerApi = (
  world: World,
  request: WireRequest,
  pathname: string,
  query: URLSearchParams,
  token: LiveToken | undefined,
  now: number
): Fixtures.Reply => {
  // as recorded: tokens, modules, URLs, ids of the path and parameters at the top level, single records wrapped
  const top = world.envelope ?? "top"
  const wrapped = world.envelope ?? "data"
  const refuses = (tag: DocumentedTag, details?: object) =>
    Fixtures.documented(tag, { envelope: top, ...(details === undefined ? {} : { details }) })

  const path = /^\/bigin\/v[12]\/([^/]+)\/([^/]+)\/Attachments(?:\/([^/]+))?$/.exec(pathname)
  if (path === null) return refuses("InvalidUrlPattern")
  const [, module = "", recordId = "", attachmentId] = path

  const operation = (attachmentId === undefined ? ofList : ofItem).get(request.method)
  if (operation === undefined) return refuses("InvalidRequestMethod")

  if (bearerOf(request) === undefined) {
    return Fixtures.errorItem(401, "AUTHENTICATION_FAILURE", "Authentication failed", { envelope: top })
  }
  if (token === undefined) {
    return Fixtures.errorItem(401, "INVALID_TOKEN", "invalid oauth token", { envelope: top })
  }
  if (!inScope(token, module, operation.scopes)) return refuses("OAuthScopeMismatch")

  if (unsupported.has(module)) return refuses("UnsupportedModule", ofModule)
  if (!scopeNames.has(module) && !world.modules.has(module)) return refuses("InvalidModule", ofModule)
  const record = world.records.get(recordKey(module, recordId))
  if (record === undefined) return refuses("InvalidData", { resource_path_index: 1 })
  const refusal = token.lacks === undefined ? undefined : operation.refusals?.[token.lacks]
  if (refusal !== undefined) return refusal(wrapped)

  if (attachmentId === undefined) {
    if (request.method === "GET") return list(world, record, query, now)
    const uploaded = readUpload(request, query)
    if (uploaded === undefined) return notOnePart(top)
    world.uploads += 1
    return upload(record.attachments, uploaded, world.uploads, now, wrapped)
  }
  const attachment = record.attachments.get(attachmentId)
  // one that is gone and one that never was answer the same
  if (attachment === undefined) return refuses("InvalidData", { resource_path_index: 3 })
  if (request.method === "GET") {
    return attachment.linkUrl === undefined
      ? Fixtures.file(contentOf(attachment), attachment.fileName ?? attachment.id)
      : downloadNotAllowed(top)
  }
  record.attachments.delete(attachmentId)
  return Fixtures.success(attachmentId, wrapped)
}

/** As CRM's published schema has it. Of ids it has the index alone (recorded). */
const ofModule = { resource_path_index: 0, related_status: "invalid" }

interface Operation {
  /** One of them serves, and so does ALL. */
  readonly scopes: ReadonlyArray<string>
  /** What a user hears who lacks the one or the other. Whoever sees a record may read of it. */
  readonly refusals?: Readonly<Record<NonNullable<Token["lacks"]>, (envelope: Fixtures.Envelope) => Fixtures.Reply>>
}

const read: Operation = { scopes: ["READ"] }

/** The words are those of CRM's page: Bigin's page of uploads has not been seen. */
const attach: Operation = {
  scopes: ["CREATE", "WRITE"],
  refusals: {
    permission: (envelope) =>
      Fixtures.errorItem(403, "NO_PERMISSION", "Permission denied to upload attachment", { envelope }),
    privilege: (envelope) =>
      Fixtures.errorItem(400, "AUTHORIZATION_FAILED", "User does not have sufficient privilege to upload attachments", {
        envelope
      })
  }
}

const remove: Operation = {
  scopes: ["DELETE"],
  refusals: {
    permission: (envelope) => Fixtures.documented("NoPermission", { envelope }),
    privilege: (envelope) => Fixtures.documented("AuthorizationFailed", { envelope })
  }
}

/** By method: on a record's list, and on one attachment. */
const ofList: ReadonlyMap<string, Operation> = new Map([
  ["GET", read],
  ["POST", attach]
])
const ofItem: ReadonlyMap<string, Operation> = new Map([
  ["GET", read],
  ["DELETE", remove]
])

/** A form has a file or a link, and not both (CRM). Which code says so is not documented; CRM's schema has this one so. */
const notOnePart = (envelope: Fixtures.Envelope) =>
  Fixtures.errorItem(400, "REQUIRED_PARAM_MISSING", "give either file or attachmentUrl to upload", {
    details: { param: "file", param_name: "file" },
    envelope
  })

/** Zoho's own SDK of CRM takes it for a list where it stands in `data`. */
const downloadNotAllowed = (envelope: Fixtures.Envelope) =>
  Fixtures.errorItem(400, "DOWNLOAD_NOT_ALLOWED", "Cannot download the link attachment", { envelope })

const bearerOf = ({ headers }: WireRequest): string | undefined =>
  /^Zoho-oauthtoken (.+)$/.exec(headers["authorization"] ?? "")?.[1]

const tokenOf = (world: World, request: WireRequest, now: number): LiveToken | undefined => {
  const token = world.tokens.get(bearerOf(request) ?? "")
  return token !== undefined && token.expiresAt > now ? token : undefined
}

/** One credit a call, of as many as there are in any 24 hours. What is left is told once half is used (CRM). */
const spend = ({ credits }: World, now: number) => {
  if (credits === undefined) return undefined
  const spent = credits.spent.filter((at) => at > now - dayMillis)
  const isSpent = spent.length >= credits.limit
  credits.spent = isSpent ? spent : [...spent, now]
  const remaining = credits.limit - credits.spent.length
  return {
    isSpent,
    headers: remaining * 2 <= credits.limit ? { "x-api-credits-remaining": String(remaining) } : {}
  }
}

/** A 429 covers both limits; its code is documented for neither. */
const outOfCredits = (envelope: Fixtures.Envelope) =>
  Fixtures.errorItem(429, "TOO_MANY_REQUESTS", "The API credits of 24 hours are used up", { envelope })

/** As recorded: JSON goes by the name of a file. */
const headed = (reply: Fixtures.Reply, more: Readonly<Record<string, string>> = {}): Fixtures.Reply => ({
  ...reply,
  headers: {
    ...(reply.headers["content-type"]?.startsWith("application/json") === true && {
      "content-disposition": "attachment; filename=response.json"
    }),
    ...reply.headers,
    ...more
  }
})

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

const inScope = (token: Token, module: string, operations: ReadonlyArray<string>): boolean => {
  const granted = token.scopes.map((scope) => scope.toLowerCase())
  const allows = (name: string) =>
    ["ALL", ...operations].some((allowed) => granted.includes(`zohobigin.modules.${name}.${allowed}`.toLowerCase()))
  return (
    allows("attachments") && (granted.includes("zohobigin.modules.all") || (scopeNames.get(module) ?? []).some(allows))
  )
}
