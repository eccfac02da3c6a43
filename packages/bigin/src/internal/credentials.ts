/** What may be sent as a token, and where to. */
import * as Option from "effect/Option"

/** Printable ASCII without spaces. */
export const accessTokenPattern = /^[\x21-\x7e]+$/

/** Scheme, host and port as they are written; whatever else a URL parser would forgive makes it something else. */
export const parseOrigin = (text: string): Option.Option<string> => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    withoutPort(text.toLowerCase().replace(/\/$/, "")) === url.origin
    ? Option.some(url.origin)
    : Option.none()
}

/** Without a port that goes without saying. */
const withoutPort = (text: string): string => text.replace(/^(http:.*):80$|^(https:.*):443$/, "$1$2")

export const originProblem =
  "is not an origin: give a scheme, a host and perhaps a port, such as https://www.zohoapis.com"
