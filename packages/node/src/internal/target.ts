/** Where a request goes. */
import { RequestError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Either from "effect/Either"

export interface Target {
  readonly origin: string
  /** With the query, without the hash. */
  readonly path: string
}

/** A URL that is its own normal form, so that there is nothing to parse: a lower-case host, and a path without dots or escapes. */
const plain =
  /^(https?:\/\/[a-z0-9.-]+(?::\d+)?)((?:\/[\w~!$&()*+,;=:@-][\w.~!$&()*+,;=:@-]*)+(?:\?[\w.~!$&()*+,;=:@/?-]*)?)$/

export const targetOf = (request: HttpClientRequest): Either.Either<Target, RequestError> => {
  if (request.urlParams.length === 0 && request.hash._tag === "None") {
    const [, origin, path] = plain.exec(request.url) ?? []
    if (origin !== undefined && path !== undefined) return Either.right({ origin, path })
  }
  const url = UrlParams.makeUrl(request.url, request.urlParams, request.hash)
  return Either.isLeft(url) ? Either.left(invalidUrl(request, url.left)) : targetOfUrl(request, url.right)
}

/** Credentials in a URL would go nowhere; fetch refuses them as well. */
export const targetOfUrl = (request: HttpClientRequest, url: URL): Either.Either<Target, RequestError> => {
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return Either.left(invalidUrl(request, new TypeError("a URL has to begin with http: or https:")))
  }
  if (url.username !== "" || url.password !== "") {
    return Either.left(invalidUrl(request, new TypeError("a URL may have no user name and no password")))
  }
  return Either.right({ origin: url.origin, path: url.pathname + url.search })
}

const invalidUrl = (request: HttpClientRequest, cause: Error) =>
  new RequestError({ request, reason: "InvalidUrl", cause })
