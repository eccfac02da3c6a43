/**
 * An HttpClient for Effect over undici's dispatch.
 *
 * @since 0.1.0
 */
export * as NodeTransport from "./NodeTransport.ts"
