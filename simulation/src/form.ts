/** Reads a form without promises, which take turns that no seed decides. */

export interface Part {
  readonly name: string
  readonly fileName?: string
  readonly content: Uint8Array
}

/** The parts of a `multipart/form-data` body (RFC 7578); none of what is no such body. */
export const partsOf = (bytes: Uint8Array, contentType: string): ReadonlyArray<Part> => {
  const boundary = /^multipart\/form-data; *boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (boundary === undefined) return []
  // a character for each byte
  const text = Buffer.from(bytes).toString("latin1")
  return text
    .split(`--${boundary}`)
    .slice(1, -1)
    .flatMap((piece) => {
      const [, head = "", content = ""] = /^\r\n([^]*?)\r\n\r\n([^]*)\r\n$/.exec(piece) ?? []
      const name = / name="([^"]*)"/.exec(head)?.[1]
      const fileName = / filename="([^"]*)"/.exec(head)?.[1]
      return name === undefined
        ? []
        : [
            {
              name,
              ...(fileName !== undefined && { fileName }),
              content: Uint8Array.from(Buffer.from(content, "latin1"))
            }
          ]
    })
}
