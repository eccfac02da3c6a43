/** What becomes of undici's errors. */

/**
 * An error that came before undici had a connection to write to: no host, no handshake, no tunnel, or a request that HTTP does not
 * allow. It says so as Node does of a connection that failed, by its `syscall`.
 */
export const nothingSent = (cause: unknown): Error => {
  const code = codeOf(cause)
  return Object.assign(new Error("nothing was sent", { cause }), {
    syscall: "connect",
    ...(code === undefined ? {} : { code })
  })
}

const codeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined

/** A Blob that cannot be read, such as a file that changed meanwhile, fails with a DOMException; undici and Node never do. */
export const isOfBlob = (error: unknown): boolean => Object.prototype.toString.call(error) === "[object DOMException]"
